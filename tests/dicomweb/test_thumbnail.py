"""One small picture of a series, however an archive has it: its thumbnail, its middle image rendered, or none."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sightline.authorization import FixedHeader
from sightline.dicomweb import thumbnail as module
from sightline.dicomweb.client import DicomWebClient
from sightline.dicomweb.thumbnail import thumbnail
from sightline.errors import OwnAccessRefused, SourceError, SourceFailed, SourceSlow, SourceUnreadable
from sightline.outbound import Door
from sightline.picture import MOST_BYTES, Picture
from tests.dicomweb.records import answer, element
from tests.far_side import HTML, Asked, FarSide, Reply, archive_at, seconds_since
from tests.small_pictures import jpeg, png

STUDY, SERIES, ROOT = "1.2.3", "1.2.3.1", "/dicom-web/studies/1.2.3/series/1.2.3.1"
JPEG, PNG = Reply(body=jpeg()), Reply(body=png(), headers={"Content-Type": "text/html"})


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    module._without_thumbnails.clear()
    yield
    module._without_thumbnails.clear()


def instance(uid: str, study: str = STUDY) -> dict[str, Any]:
    return {"00080018": element("00080018", uid), "0020000D": element("0020000D", study)}


NOT_THERE, ONE = Reply(404), answer(instance("1.2.3.1.7"))


def archive(small: Reply = NOT_THERE, rendered: Reply = NOT_THERE, instances: Reply = ONE) -> Callable[[Asked], Reply]:
    ways = {"thumbnail": small, "rendered": rendered, "instances": instances}
    return lambda asked: ways[asked.path.rpartition("/")[2]]


def picture_of(
    replies: Callable[[Asked], Reply], images: int | None = 9, seconds: float = 5, times: int = 1
) -> tuple[Picture | None, list[Asked]]:
    with FarSide(replies) as server:
        client = DicomWebClient(archive_at(server.url + "/dicom-web"), Door(5, 10_000_000), FixedHeader("Bearer t"))
        for _ in range(times):
            found = thumbnail(client, STUDY, SERIES, images, seconds)
        return found, server.asked


def test_thumbnail_of_the_series_is_one_question() -> None:
    found, [asked] = picture_of(archive(JPEG))

    assert found == Picture("image/jpeg", jpeg())
    assert asked.path == f"{ROOT}/thumbnail"
    assert asked.headers["Accept"] == "image/jpeg"  # Orthanc takes no list
    assert asked.headers["Authorization"] == "Bearer t"


def test_picture_is_of_the_type_of_its_bytes_whatever_the_archive_calls_it() -> None:
    found, _ = picture_of(archive(PNG))

    assert found and found.mime == "image/png"


@pytest.mark.parametrize("refusal", [Reply(404), Reply(405), Reply(501), Reply(500), HTML], ids=repr)
def test_archive_without_thumbnails_renders_the_middle_image_small(refusal: Reply) -> None:
    found, [_, search, rendered] = picture_of(archive(refusal, JPEG))

    assert found == Picture("image/jpeg", jpeg())
    assert (search.path, search.query) == (f"{ROOT}/instances", {"limit": "1", "offset": "4"})
    assert rendered.path == f"{ROOT}/instances/1.2.3.1.7/rendered"
    assert rendered.query == {"viewport": "192,192"}


def test_archive_that_had_no_thumbnail_and_rendered_one_is_not_asked_for_thumbnails_for_a_while() -> None:
    _, asked = picture_of(archive(Reply(404), JPEG), times=2)

    assert [each.path.rpartition("/")[2] for each in asked].count("thumbnail") == 1


def test_archive_that_had_neither_once_is_asked_for_both_again() -> None:
    _, asked = picture_of(archive(), times=2)

    assert [each.path.rpartition("/")[2] for each in asked].count("thumbnail") == 2


def test_archive_that_ignores_limit_and_offset_has_the_middle_one_rendered_too() -> None:
    every = answer(*(instance(f"1.2.3.1.{number}") for number in range(1, 10)))

    _, asked = picture_of(archive(rendered=JPEG, instances=every))

    assert asked[-1].path == f"{ROOT}/instances/1.2.3.1.5/rendered"


def test_count_that_is_not_the_archives_still_finds_an_image() -> None:
    def replies(asked: Asked) -> Reply:
        return Reply(204) if asked.query.get("offset") else archive(rendered=JPEG)(asked)

    found, _ = picture_of(replies, images=400)

    assert found


def test_archive_that_takes_no_limit_is_asked_without() -> None:
    def replies(asked: Asked) -> Reply:
        return Reply(400) if "limit" in asked.query else archive(rendered=JPEG)(asked)

    found, _ = picture_of(replies)

    assert found


def test_image_of_another_study_is_not_rendered() -> None:
    found, asked = picture_of(archive(rendered=JPEG, instances=answer(instance("1.2.9.1", study="1.2.9"))))

    assert found is None
    assert not [each for each in asked if each.path.endswith("rendered")]


@pytest.mark.parametrize("status", [400, 404, 406, 415])
def test_object_that_the_archive_cannot_render_has_no_picture(status: int) -> None:
    found, _ = picture_of(archive(rendered=Reply(status)))

    assert found is None


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        (archive(Reply(401)), OwnAccessRefused),
        (archive(Reply(403)), OwnAccessRefused),
        (archive(Reply(302)), SourceFailed),
        (archive(rendered=Reply(500)), SourceFailed),
        (archive(rendered=HTML), SourceUnreadable),
        (archive(rendered=Reply(body=b"<svg onload='alert(1)'/>")), SourceUnreadable),
        (archive(rendered=Reply(body=png(filling=MOST_BYTES))), SourceUnreadable),
        (archive(rendered=Reply(body=png(20_000, 20_000))), SourceUnreadable),
    ],
)
def test_what_fails_is_no_answer_that_there_is_none(
    replies: Callable[[Asked], Reply], error: type[SourceError]
) -> None:
    with pytest.raises(error):
        picture_of(replies)


@pytest.mark.parametrize("slow", [Reply(wait=30), Reply(body=jpeg(), drip=1)], ids=["silent", "a byte a second"])
def test_picture_that_never_comes_is_given_up(slow: Reply) -> None:
    begin = time.monotonic()

    with pytest.raises(SourceSlow):
        picture_of(archive(slow), seconds=0.3)
    assert seconds_since(begin) < 3


def test_all_ways_together_have_one_time() -> None:
    begin = time.monotonic()

    with pytest.raises(SourceSlow):
        picture_of(archive(Reply(404, wait=0.3), Reply(wait=0.3), Reply(204, wait=0.3)), seconds=0.5)
    assert seconds_since(begin) < 3
