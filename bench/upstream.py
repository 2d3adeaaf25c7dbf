"""The far side: a FHIR server that answers each search after a fixed delay, cheaply enough not to be what is measured.

`python -m bench.upstream PORT DELAY_MS STUDIES`. Pages hold `_count` studies, 1,000 at most, newest first. A search
without `_count` is one of QIDO-RS: it is answered with records of the same studies, one day off.
"""

import asyncio
import json
import sys
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from bench.studies import bundle, study

_LARGEST_PAGE = 1000


@lru_cache(64)
def answer(base: str, total: int, count: int, offset: int) -> bytes:
    """The HTTP answer to one search."""
    end = min(offset + count, total)
    following = f"{base}/ImagingStudy?patient=ada&_count={count}&_offset={end}" if end < total else ""
    body = json.dumps(bundle([study(20_000 - n) for n in range(offset, end)], following)).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@lru_cache(1)
def records(total: int) -> bytes:
    """The HTTP answer to a search of QIDO-RS."""
    facts = {"00100020": "SB-1001", "00100021": "BENCH", "00080020": "20260305", "00081030": "Chest"}
    listed = [
        facts | {"0020000D": f"2.25.{10**30 + 20_000 - n}", "00080061": "CT", "00201208": 64} for n in range(total)
    ]
    body = json.dumps(
        [{tag: {"vr": "LO", "Value": [value]} for tag, value in each.items()} for each in listed]
    ).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(port: int, delay: float, total: int) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                query = parse_qs(urlsplit(request.split(b" ", 2)[1].decode()).query)
                if "_count" in query:
                    count = min(int(query["_count"][0]), _LARGEST_PAGE)
                    answered = answer(f"http://127.0.0.1:{port}", total, count, int(query.get("_offset", ["0"])[0]))
                else:
                    answered = records(total)
                await asyncio.sleep(delay)
                writer.write(answered)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    for offset in range(0, total, _LARGEST_PAGE):
        answer(f"http://127.0.0.1:{port}", total, _LARGEST_PAGE, offset)
    server = await asyncio.start_server(client, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    port, delay_ms, studies = map(int, sys.argv[1:4])
    asyncio.run(serve(port, delay_ms / 1000, studies))
