"""A page of Sightline as it arrives: read from the socket a piece at a time, as a browser shows what it has so far."""

from collections.abc import Callable
from http.client import HTTPConnection
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.ehr_user import EhrUser


class Arriving:
    """The answer to one request of this person for a page of an open chart; `text` is what has arrived so far."""

    def __init__(self, user: EhrUser, address: str) -> None:
        parts = urlsplit(address)
        cookie = user.cookie("chart", f"/s/{parts.path.split('/')[2]}/")
        self._connection = HTTPConnection(parts.netloc, timeout=10)
        self._connection.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": f"chart={cookie}"})
        self._answer = self._connection.getresponse()
        self._bytes = b""

    @property
    def text(self) -> str:
        return self._bytes.decode(errors="ignore")

    def until(self, arrived: Callable[[str], bool]) -> str:
        """Reads on until `arrived` says so of the text; fails where the page ends before."""
        while not arrived(self.text):
            assert self._read(), "the page ended"
        return self.text

    def to_its_end(self) -> str:
        """Reads the rest."""
        while self._read():
            pass
        return self.text

    def _read(self) -> bytes:
        piece = self._answer.read1(65536)
        self._bytes += piece
        return piece

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer.close()
        self._connection.close()
