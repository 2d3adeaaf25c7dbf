"""The one door to the outside: every HTTP request that Sightline itself sends goes through here.

door.py         what may be asked; adapter.py is the same for libraries with a session of their own
question.py     a question that is on its way, and its answer when it is wanted
connections.py  connections to checked addresses only, and whom they believe; peers.py checks
deadline.py     an answer that has to come in time; answer.py how much of it is read
retries.py      when a question is asked again; bulkhead.py how many to one server may be under way
"""

from sightline.outbound.adapter import DoorAdapter
from sightline.outbound.answer import Answer
from sightline.outbound.bulkhead import Bulkhead
from sightline.outbound.door import Door
from sightline.outbound.question import Awaited, Question

__all__ = ["Answer", "Awaited", "Bulkhead", "Door", "DoorAdapter", "Question"]
