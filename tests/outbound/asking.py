"""One question to a far side that gives one reply."""

import socket
from concurrent.futures import ThreadPoolExecutor

from sightline.outbound import Answer, Door
from tests.far_side import FarSide, Reply

LIMIT = 100_000
ZEROS = bytes(30_000_000)


def asked_once(reply: Reply, door: Door | None = None) -> Answer:
    with FarSide(lambda _: reply) as server:
        return (door or Door(1.0, LIMIT)).send("GET", f"{server.url}/x", origins=(server.url,))


def taken_from(raw: bytes, door: Door | None = None) -> Answer:
    """The door's answer where the far side sends these very bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as threads:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        threads.submit(_says, listening, raw)
        return (door or Door(2, LIMIT)).send("POST", origin, origins=(origin,))


def _says(listening: socket.socket, raw: bytes) -> None:
    connected, _ = listening.accept()
    with connected:
        connected.recv(65536)
        connected.sendall(raw)
