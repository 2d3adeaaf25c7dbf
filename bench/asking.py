"""A browser without a screen: one kept connection, raw requests, the moments at which bytes come."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds from sending the request to the first byte that matters and to the last; and the page's size."""

    first: float
    last: float
    size: int


class Connection:
    """One kept HTTP/1.1 connection to the loopback."""

    def __init__(self, port: int, path: str, cookie: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request_bytes(path, cookie)

    def ask(self, mark: bytes = b"\r\n\r\n") -> Timing:
        """One request. `first` is when `mark` had come. Raises RuntimeError for anything but 200."""
        start = time.perf_counter()
        self._socket.sendall(self._request)
        got, first = bytearray(), 0.0
        while not is_whole(got):
            got += self._socket.recv(262_144)
            if not first and mark in got:
                first = time.perf_counter() - start
        if not got.startswith(b"HTTP/1.1 200") or not first:
            raise RuntimeError(f"unexpected answer: {bytes(got[:200])!r}")
        return Timing(first, time.perf_counter() - start, len(got))


def request_bytes(path: str, cookie: str) -> bytes:
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookies}\r\n".encode()


def is_whole(got: bytes | bytearray) -> bool:
    """Whether the answer has arrived: by its Content-Length, or by its last chunk."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(got[:end]).lower()
    if b"transfer-encoding: chunked" in head:
        return got.endswith(b"0\r\n\r\n")
    length = head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0] if b"content-length:" in head else b"0"
    return len(got) >= end + 4 + int(length)


@dataclass(frozen=True)
class Load:
    """What a server did under a steady load: answers a second, and what was spent on each of them."""

    rate: float
    cost: float


def under_load(
    port: int, path: str, cookie: str, in_flight: int, seconds: float, spent: Callable[[], float] = lambda: 0.0
) -> Load:
    """The load of so many requests that are always under way. `spent` reads a meter, such as that of CPU time.

    Measured once every request of the beginning has been answered: a slow server is then in the middle of as many as
    it will be at the end, none of which count.
    """
    return asyncio.run(_under_load(port, request_bytes(path, cookie), in_flight, seconds, spent))


async def _under_load(port: int, request: bytes, in_flight: int, seconds: float, spent: Callable[[], float]) -> Load:
    answered, is_over = 0, False

    async def one() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not is_over:
            writer.write(request)
            got = bytearray()
            while not is_whole(got):
                piece = await reader.read(262_144)
                if not piece:
                    raise RuntimeError("the server closed the connection")
                got += piece
            if not got.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"unexpected answer: {bytes(got[:100])!r}")
            answered += 1
        writer.close()

    async def measured() -> Load:
        nonlocal is_over
        while answered < in_flight:
            await asyncio.sleep(0.01)
        start, before, met = time.perf_counter(), answered, spent()
        await asyncio.sleep(seconds)
        counted, used, took = answered - before, spent() - met, time.perf_counter() - start
        is_over = True
        return Load(counted / took, used / counted)

    async with asyncio.TaskGroup() as asking:
        for _ in range(in_flight):
            asking.create_task(one())
        return await measured()
