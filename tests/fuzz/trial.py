"""One broken document, given to one reader."""

import traceback
from dataclasses import dataclass
from random import Random

from sightline.errors import SightlineError
from tests.fuzz.mutations import broken
from tests.fuzz.targets import Target


@dataclass(frozen=True)
class Finding:
    """An input that a reader could not take, and what happened."""

    target: str
    body: bytes
    trace: str

    def __str__(self) -> str:
        return f"{self.target}\n{self.trace}input: {self.body!r}\n"


def tried(name: str, target: Target, chance: Random) -> Finding | None:
    """What was found, if anything but a value or an error of ours came of it."""
    body = broken(chance.choice(target.seeds), chance.choice(target.seeds), chance)
    try:
        target.read(body)
    except SightlineError:
        return None
    except Exception:
        return Finding(name, body, traceback.format_exc())
    return None
