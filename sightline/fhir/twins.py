"""A name that stands twice in a JSON object: two readers could take two values, and a list could lose what stood first.

Comparing all names costs more than the reading itself. So the few structs that a decision hangs on are counted as the
decoder makes them: where it made more than it kept, one was overwritten, and the page is looked at closely.
"""

import itertools
import secrets
from typing import Any

import msgspec

from sightline.json_text import NOT_READABLE

made = itertools.count().__next__
_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])


def number() -> Any:
    """A field whose default counts the struct's making; its name in JSON is one that nobody outside can know."""
    return msgspec.field(default_factory=made, name=secrets.token_hex(16))


def named(raw: bytes, names: tuple[str, ...]) -> bool:
    """Whether one of `names` stands twice in this object, or any name has an escape, which FHIR's names have not.

    A name that stands more often in the object than in the values kept of it stands there as a name. Nothing is said
    of what cannot be read as an object.
    """
    try:
        values = [bytes(value) for value in _objects.decode(raw).values()]
    except NOT_READABLE:
        return False

    def outside(sign: bytes) -> int:
        return raw.count(sign) - sum(value.count(sign) for value in values)

    return outside(b"\\") > 0 or any(outside(f'"{name}"'.encode()) > 1 for name in names)
