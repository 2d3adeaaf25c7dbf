"""What is read of an answer: all of it, but no redirect, nothing packed in a way not asked for, and not without end."""

import gzip
import time
import zlib

import pytest

from sightline.errors import SourceFailed, SourceTooLarge, SourceUnreachable
from sightline.outbound import Door
from tests.far_side import Asked, FarSide, Reply, seconds_since, zipped
from tests.outbound.asking import LIMIT, ZEROS, asked_once, taken_from


def test_answer_comes_whole_with_its_status_and_headers() -> None:
    answer = asked_once(Reply(404, b"nothing here", {"Retry-After": "7"}))

    assert (answer.status, answer.body, answer.headers["retry-after"]) == (404, b"nothing here", "7")


def test_compressed_answer_is_read() -> None:
    assert asked_once(zipped(b"x" * 1000)).body == b"x" * 1000


def test_empty_answer_is_empty() -> None:
    assert asked_once(Reply(204)).body == b""


@pytest.mark.parametrize("chunked", [False, True])
def test_answer_in_pieces_is_put_together(chunked: bool) -> None:
    body = b"0123456789" * 9_000

    assert asked_once(Reply(body=body, chunked=chunked)).body == body


def test_answer_as_large_as_allowed_is_read_and_one_byte_more_is_not() -> None:
    assert len(asked_once(Reply(body=b"x" * LIMIT)).body) == LIMIT
    with pytest.raises(SourceTooLarge):
        asked_once(Reply(body=b"x" * (LIMIT + 1)))


@pytest.mark.parametrize("chunked", [False, True])
def test_small_answer_that_unpacks_into_a_huge_one_is_not_read_to_its_end(chunked: bool) -> None:
    bomb = zipped(ZEROS, chunked=chunked)
    assert len(bomb.body) < LIMIT

    with pytest.raises(SourceTooLarge):
        asked_once(bomb)


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "GZIP"])
def test_compressed_answer_is_read_under_every_name_of_its_encoding(name: str) -> None:
    assert asked_once(Reply(body=gzip.compress(b"x" * 1000), headers={"Content-Encoding": name})).body == b"x" * 1000


def thrice(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(gzip.compress(body)))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("deflate", zlib.compress(ZEROS)),
        ("gzip, gzip, gzip", thrice(ZEROS)),
        ("gzip, gzip, gzip", thrice(b"small")),
        ("gzip,gzip", gzip.compress(gzip.compress(ZEROS))),
        ("identity, gzip", gzip.compress(b"small")),
        ("br", b"\x0b\x02\x80small\x03"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("compress", b"\x1f\x9d"),
        ("unheard-of", b"small"),
        ("gzip ", gzip.compress(b"small")),
    ],
    ids=range(10),
)
def test_encoding_that_was_not_asked_for_is_refused_unread(name: str, body: bytes) -> None:
    reply = Reply(body=body + bytes(5_000_000), headers={"Content-Encoding": name})
    with FarSide(lambda _: reply) as server:
        door = Door(2, LIMIT)
        with pytest.raises(SourceFailed, match="encoding"):
            door.send("GET", server.url, origins=(server.url,))

        assert server.hung_up.wait(2)


def test_only_the_encoding_that_is_read_is_asked_for_whatever_the_caller_says() -> None:
    with FarSide(lambda _: Reply()) as server:
        Door(2, LIMIT).send("GET", server.url, origins=(server.url,), headers={"Accept-Encoding": "br, deflate"})

        assert server.asked[0].headers.get_all("Accept-Encoding") == ["gzip"]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_redirect_is_neither_followed_nor_read_and_its_connection_is_given_up(status: int) -> None:
    with FarSide(lambda _: Reply(body=b"stolen")) as elsewhere:
        reply = Reply(status, ZEROS, {"Location": f"{elsewhere.url}/x"})
        with FarSide(lambda _: reply) as server:
            door = Door(2, 100_000_000)
            with pytest.raises(SourceFailed, match="redirect"):
                door.send("GET", f"{server.url}/x", origins=(server.url, elsewhere.url))

            assert server.hung_up.wait(2)
            assert len(server.asked) == 1
        assert elsewhere.asked == []


def test_redirect_whose_body_never_ends_takes_no_time() -> None:
    begin = time.monotonic()

    with pytest.raises(SourceFailed, match="redirect"):
        asked_once(Reply(302, b"x" * 100, {"Location": "/"}, drip=0.1), Door(8, LIMIT))

    assert seconds_since(begin) < 4


@pytest.mark.parametrize("status", [101, 103])
def test_status_that_announces_another_answer_is_none(status: int) -> None:
    with pytest.raises(SourceFailed, match=str(status)):
        asked_once(Reply(status))


OK = b"HTTP/1.1 200 OK\r\n"


def test_answer_without_a_length_ends_with_its_connection() -> None:
    assert taken_from(OK + b"\r\nall of it").body == b"all of it"


def test_word_to_go_on_is_not_the_answer() -> None:
    answer = taken_from(b"HTTP/1.1 100 Continue\r\nX-Of: it\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\ngood")

    assert (answer.status, answer.body, "X-Of" in answer.headers) == (200, b"good", False)


def test_header_that_stands_twice_is_one_list() -> None:
    answer = taken_from(OK + b"X-Of: a\r\nx-of: b\r\nContent-Length: 0\r\n\r\n")

    assert answer.headers["X-OF"] == "a, b"


@pytest.mark.parametrize(
    "raw",
    [
        b"<!doctype html>",
        b"HTTP/1.1 two hundred\r\n\r\n",
        OK + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\ngood",
        OK + b"Content-Length: -4\r\n\r\ngood",
        OK + b"X-Of : it\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\ngood\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_answer_to_the_letter_is_none(raw: bytes) -> None:
    with pytest.raises(SourceUnreachable):
        taken_from(raw)


def test_head_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(SourceTooLarge):
        taken_from(OK + b"".join(b"X-%d: x\r\n" % number for number in range(100_000)))


@pytest.mark.parametrize("more", [OK + b"Content-Length: 6\r\n\r\nCleo's", b"\r\nmore", b"{}"])
def test_what_comes_behind_an_answer_is_not_taken_for_the_next_one(more: bytes) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(body=b"Ada's" + more, promised=5) if asked.path == "/ada" else Reply(body=b"Ben's")

    with FarSide(answer) as server:
        door = Door(2, LIMIT)

        bodies = [door.send("GET", f"{server.url}/{who}", origins=(server.url,)).body for who in ("ada", "ben")]

    assert bodies == [b"Ada's", b"Ben's"]
