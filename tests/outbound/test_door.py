"""The one door to the outside: it goes nowhere that it was not told of, and says plainly what it could not do."""

import pytest

from sightline.errors import SourceError, SourceFailed, SourceUnreachable
from sightline.outbound import Door
from tests.far_side import HTML, FarSide, Reply, unused_origin
from tests.outbound.asking import LIMIT, asked_once


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


@pytest.mark.parametrize("value", ["a\r\nX-Of: b", "a\nb", "a\rb", "a\0b", "\u2603"])
def test_header_that_would_be_more_than_one_is_not_sent(value: str) -> None:
    with FarSide(lambda _: Reply()) as server:
        for headers in ({"Authorization": value}, {value: "a"}):
            with pytest.raises(SourceFailed, match="header"):
                Door(2, LIMIT).send("GET", server.url, origins=(server.url,), headers=headers)

        assert server.asked == []


def test_signs_that_may_not_stand_in_an_address_are_encoded_and_others_left_as_they_are() -> None:
    with FarSide(lambda _: Reply()) as server:
        Door(2, LIMIT).send("GET", f"{server.url}/a b/%2e?q=<\u00e4>&r=%C3%A4", origins=(server.url,))

        assert server.asked[0].target == "/a%20b/%2e?q=%3C%C3%A4%3E&r=%C3%A4"
