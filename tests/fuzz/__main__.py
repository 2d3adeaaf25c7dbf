"""`python -m tests.fuzz [seconds] [seed]`: breaks real documents at random and gives them to everything that reads.

What raises anything but an error of ours is printed with the bytes that did it; then the exit code is 1. The same seed
tries the same bytes again.
"""

import logging
import sys
import time
import warnings
from random import Random

from tests.fuzz.targets import targets
from tests.fuzz.trial import tried


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = sys.argv[2] if len(sys.argv) > 2 else str(time.time_ns())
    logging.getLogger("sightline").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")  # of small keys, which are as good as large ones here
    print(f"seed {seed}, {seconds:g} seconds", flush=True)
    end, rounds, findings = time.monotonic() + seconds, 0, 0
    with targets() as known:
        while time.monotonic() < end:
            for name, target in known.items():
                if finding := tried(name, target, Random(f"{seed} {name} {rounds}")):
                    findings += 1
                    print(finding, flush=True)
            rounds += 1
    print(f"{rounds} inputs for each of {len(known)} readers; {findings} could not be taken")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
