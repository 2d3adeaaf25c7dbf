"""What leaves compressed and what does not: static files, and a long list where nothing of the request stands in it."""

import zlib
from collections.abc import Callable
from http.client import HTTPConnection
from threading import Event
from urllib.parse import urlsplit

import pytest
from flask import Request

from tests.ehr_user import EhrUser
from tests.web.conftest import keeping_the_rest_back
from tests.web.test_static_files import static_addresses


def test_static_files_leave_compressed_for_browsers_that_take_it(user: EhrUser) -> None:
    for address in static_addresses(user.visits("/")):
        packed = user.browser.get(address, timeout=10)
        plain = user.browser.get(address, headers={"Accept-Encoding": "br, gzip;q=0"}, timeout=10)

        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
        assert packed.content == plain.content
        assert "Accept-Encoding" in packed.headers["Vary"]
        again = user.browser.get(address, headers={"If-None-Match": packed.headers["ETag"]}, timeout=10)
        assert again.status_code == 304


def test_long_list_leaves_compressed_and_a_short_one_as_it_is(user: EhrUser) -> None:
    long, short = user.opens_chart("max"), user.opens_chart("ada")
    kept = user.visits(long.url)

    assert long.headers["Content-Encoding"] == kept.headers["Content-Encoding"] == "gzip"
    assert int(kept.headers["Content-Length"]) < 20_000
    assert [row.key for row in kept.rows] == [row.key for row in long.rows]
    assert "Content-Encoding" not in short.headers


@pytest.mark.parametrize("query", ["text=a", "type=X-ray", "sort=oldest", "page=2", "refresh=1", "secret=guess"])
def test_page_in_which_something_of_the_request_may_stand_is_never_compressed(user: EhrUser, query: str) -> None:
    """BREACH: its length would tell whether what was asked for is among its secrets."""
    page = user.visits(f"{user.opens_chart('max').url}?{query}")

    assert "Content-Encoding" not in page.headers


def test_browser_that_takes_no_gzip_gets_the_page_as_it_is(user: EhrUser) -> None:
    user.browser.headers["Accept-Encoding"] = "identity"

    page = user.opens_chart("max")

    assert "Content-Encoding" not in page.headers
    assert len(page.rows) == 50


def test_no_other_page_is_compressed(user: EhrUser) -> None:
    page = user.opens_chart("max")
    for address in ("/", page.rows[0].images, page.rows[0].images.replace("/view/", "/study/")):
        assert "Content-Encoding" not in user.visits(address).headers


def test_rows_that_are_there_can_be_unpacked_before_the_rest_has_come(
    user: EhrUser, ehr_answers: Callable[..., list[Request]], clock_goes_on: Callable[[float], None]
) -> None:
    address = urlsplit(user.opens_chart("max").url)
    clock_goes_on(61)  # the list as last read is no longer fresh
    rest = Event()
    ehr_answers(keeping_the_rest_back(rest))
    connection = HTTPConnection(address.netloc, timeout=10)
    cookie = user.cookie("chart", address.path)
    connection.request("GET", address.path, headers={"Cookie": f"chart={cookie}", "Accept-Encoding": "gzip"})
    answer, unpacker, text = connection.getresponse(), zlib.decompressobj(31), b""

    while text.count(b"<tr id=") < 40:
        text += unpacker.decompress(answer.read1(65536))
    assert b"Showing" not in text
    rest.set()
    while piece := answer.read1(65536):
        text += unpacker.decompress(piece)

    assert "Showing 1–50 of 500" in text.decode()
    assert unpacker.eof
    connection.close()
