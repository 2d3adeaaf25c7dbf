"""One question to a far side that gives one reply."""

from sightline.outbound import Answer, Door
from tests.far_side import FarSide, Reply

LIMIT = 100_000
ZEROS = bytes(30_000_000)


def asked_once(reply: Reply, door: Door | None = None) -> Answer:
    with FarSide(lambda _: reply) as server:
        return (door or Door(1.0, LIMIT)).send("GET", f"{server.url}/x", origins=(server.url,))
