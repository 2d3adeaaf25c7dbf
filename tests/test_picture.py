"""A small picture is what its bytes say, and small when it is drawn; everything else is none."""

import pytest

from sightline.picture import LONGEST_SIDE, MOST_BYTES, NotAPicture, picture
from tests.small_pictures import JPEG_HEAD, gif, jpeg, png


@pytest.mark.parametrize(
    ("content", "mime"),
    [(png(), "image/png"), (gif(), "image/gif"), (jpeg(), "image/jpeg"), (jpeg(frame=0xC2), "image/jpeg")],
    ids=["png", "gif", "jpeg", "progressive jpeg"],
)
def test_picture_is_of_the_type_that_its_bytes_say(content: bytes, mime: str) -> None:
    assert picture(content).mime == mime
    assert picture(content).content == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"%PDF-1.7",
        bytes(128) + b"DICM",
        b"\x89PNG\r\n\x1a\n",
        JPEG_HEAD,
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff" + b"\xff" * 50,
        b"\xff\xd8\xff\xe0\x00\x00" * 20,
        png(0, 10),
    ],
)
def test_what_is_none_of_the_three_is_no_picture(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        picture(content)


@pytest.mark.parametrize("make", [png, gif, jpeg])
def test_picture_that_would_be_huge_when_it_is_drawn_is_refused(make: type) -> None:
    assert picture(make(LONGEST_SIDE, LONGEST_SIDE))

    for sides in ((LONGEST_SIDE + 1, 10), (10, LONGEST_SIDE + 1)):
        with pytest.raises(NotAPicture):
            picture(make(*sides))


def test_picture_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(NotAPicture):
        picture(png(filling=MOST_BYTES))
