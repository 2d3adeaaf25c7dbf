"""The one door to the outside, against servers on a bad day: it waits, reads and goes no further than it was told."""

import time

import pytest
import requests

from sightline.errors import SourceError, SourceFailed, SourceSlow, SourceTooLarge, SourceUnreachable
from sightline.outbound import Answer, Door, DoorAdapter
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, seconds_since, unused_origin, zipped

LIMIT = 100_000
ZEROS = bytes(30_000_000)


def asked_once(reply: Reply, door: Door | None = None) -> Answer:
    with FarSide(lambda _: reply) as server:
        return (door or Door(1.0, LIMIT)).send("GET", f"{server.url}/x", origins=(server.url,))


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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed_and_its_body_not_read(status: int) -> None:
    with FarSide(lambda _: Reply(body=b"stolen")) as elsewhere:
        with pytest.raises(SourceFailed, match="redirect"):
            asked_once(Reply(status, ZEROS, {"Location": f"{elsewhere.url}/x"}))

        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(wait=5), id="says nothing"),
        pytest.param(Reply(body=b"x" * 100, drip=0.05), id="drips its body"),
        pytest.param(Reply(body=b"x" * 100, drip=0.05, chunked=True), id="drips its chunks"),
        pytest.param(Reply(drip_headers=0.05), id="drips its headers"),
        pytest.param(Reply(body=b"half", promised=100, drip=0.3), id="stops in the middle"),
    ],
)
def test_server_that_is_too_slow_is_left_at_the_deadline(reply: Reply) -> None:
    begin = time.monotonic()

    with pytest.raises(SourceSlow):
        asked_once(reply, Door(0.5, LIMIT))

    assert seconds_since(begin) < 2


def test_question_may_have_less_time_than_the_door_but_never_more() -> None:
    with FarSide(lambda _: Reply(wait=5)) as server:
        for door, seconds in ((Door(30, LIMIT), 0.2), (Door(0.2, LIMIT), 30)):
            begin = time.monotonic()
            with pytest.raises(SourceSlow):
                door.send("GET", server.url, origins=(server.url,), seconds=seconds)

            assert seconds_since(begin) < 2


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(silent=True), id="hangs up"),
        pytest.param(Reply(body=b"half of it", promised=1000), id="breaks off"),
        pytest.param(Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}), id="is packed wrongly"),
    ],
)
def test_answer_that_breaks_off_is_no_answer(reply: Reply) -> None:
    with pytest.raises(SourceUnreachable):
        asked_once(reply)


def test_server_that_is_not_there_is_unreachable() -> None:
    origin = unused_origin()

    with pytest.raises(SourceUnreachable):
        Door(1, LIMIT).send("GET", origin, origins=(origin,))


def test_broken_answer_does_not_spoil_the_next_one() -> None:
    replies = iter(
        [Reply(body=b"x" * 2 * LIMIT), Reply(302, b"gone"), Reply(body=b"a", promised=9), Reply(body=b"good")]
    )
    with FarSide(lambda _: next(replies)) as server:
        door = Door(1, LIMIT)
        for _ in range(3):
            with pytest.raises(SourceError):
                door.send("GET", server.url, origins=(server.url,))

        assert door.send("GET", server.url, origins=(server.url,)).body == b"good"


def test_slow_answer_leaves_the_next_one_its_whole_time() -> None:
    with FarSide(lambda _: Reply(body=b"x", wait=0.3)) as server:
        door = Door(0.5, LIMIT)

        assert [door.send("GET", server.url, origins=(server.url,)).body for _ in range(3)] == [b"x"] * 3


def evil(evil_origin: str, good_origin: str) -> list[str]:
    """Addresses that one program reads as the good origin and another as the evil one, or that are merely foreign."""
    evil_host, good_host = evil_origin.removeprefix("http://"), good_origin.removeprefix("http://")
    return [
        f"{evil_origin}/fhir",
        f"http://{evil_host}\\@{good_host}/fhir",
        f"http://{evil_host}\\.{good_host}/fhir",
        f"http://{good_host}@{evil_host}/fhir",
        f"http://{good_host}:x@{evil_host}/fhir",
        f"http://{evil_host}\t@{good_host}/fhir",
        f"http:\\\\{evil_host}/fhir",
        f"//{evil_host}/fhir",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://[::1",
        "http://",
        "",
    ]


@pytest.mark.parametrize("number", range(13))
def test_nothing_is_sent_to_an_origin_that_the_door_was_not_told_of(number: int) -> None:
    with FarSide(lambda _: HTML) as foreign, FarSide(lambda _: HTML) as hospital:
        url = evil(foreign.url, hospital.url)[number]

        with pytest.raises(SourceError):
            Door(1, LIMIT).send("GET", url, origins=(hospital.url,), headers={"Authorization": "Bearer t0ken"})

        assert foreign.asked == []
        assert not [asked for asked in hospital.asked if asked.headers["Authorization"]]


def test_same_host_on_another_port_is_another_origin() -> None:
    with FarSide(lambda _: HTML) as one, FarSide(lambda _: HTML) as other:
        with pytest.raises(SourceFailed):
            Door(1, LIMIT).send("GET", one.url, origins=(other.url,))

        assert one.asked == other.asked == []


def test_detail_of_a_failure_names_the_origin_but_no_patient() -> None:
    with FarSide(lambda _: Reply(silent=True)) as server:
        with pytest.raises(SourceUnreachable) as failure:
            Door(1, LIMIT).send("GET", f"{server.url}/Patient/ada?name=Ada", origins=(server.url,))

        assert server.url in failure.value.detail
        assert "ada" not in failure.value.detail.lower()


def test_library_with_a_session_of_its_own_goes_through_the_same_door() -> None:
    def answer(asked: Asked) -> Reply:
        return as_json({"method": asked.method, "form": asked.form}) if asked.path == "/token" else Reply(302, b"x")

    with FarSide(answer) as server:
        session = requests.Session()
        session.mount("http://", DoorAdapter(Door(1, LIMIT), (server.url,)))

        assert session.post(f"{server.url}/token", {"code": "a&b"}).json() == {
            "method": "POST",
            "form": {"code": "a&b"},
        }
        with pytest.raises(SourceFailed, match="redirect"):
            session.get(f"{server.url}/elsewhere")
        with pytest.raises(SourceFailed, match="refused to send"):
            session.get(unused_origin())
