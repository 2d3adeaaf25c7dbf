"""What opens a sealed row: the server's secret, the browser's cookie and the row's own place, all three."""

import pytest
from hypothesis import given, settings, strategies as st

from sightline.store.sealing import new_key, place_of, seal, unseal

SECRET, COOKIE, PLACE = b"the server's secret, long enough", "the browser's cookie", "chart-1"
PLAIN = b'{"patient":"ada","token":"t0ken"}'


@given(st.binary(), st.binary(min_size=1), st.text(st.characters(exclude_categories=["Cs"])), st.text("abc-1"))
@settings(deadline=None)
def test_whatever_was_sealed_opens_in_its_place(plain: bytes, secret: bytes, cookie: str, place: str) -> None:
    assert unseal(seal(plain, secret, cookie, place), secret, cookie, place) == plain


@pytest.mark.parametrize(
    ("secret", "cookie", "place"),
    [
        (b"another server's secret, as long", COOKIE, PLACE),
        (SECRET, "another browser's cookie", PLACE),
        (SECRET, "", PLACE),
        (SECRET, COOKIE, "chart-2"),
    ],
)
def test_row_does_not_open_without_all_three(secret: bytes, cookie: str, place: str) -> None:
    assert unseal(seal(PLAIN, SECRET, COOKIE, PLACE), secret, cookie, place) is None


def test_changed_row_does_not_open() -> None:
    sealed = seal(PLAIN, SECRET, COOKIE, PLACE)

    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        assert unseal(changed, SECRET, COOKIE, PLACE) is None


def test_row_that_was_cut_does_not_open() -> None:
    sealed = seal(PLAIN, SECRET, COOKIE, PLACE)

    assert [unseal(sealed[:length], SECRET, COOKIE, PLACE) for length in range(len(sealed))] == [None] * len(sealed)


def test_sealed_row_shows_nothing_and_never_looks_the_same_twice() -> None:
    one, other = seal(PLAIN, SECRET, COOKIE, PLACE), seal(PLAIN, SECRET, COOKIE, PLACE)

    assert one != other
    assert b"ada" not in one
    assert b"t0ken" not in one


def test_browsers_key_is_new_each_time_and_fits_a_cookie() -> None:
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(len(key) >= 43 and key.replace("-", "").replace("_", "").isalnum() for key in keys)


def test_place_of_a_secret_id_tells_nothing_of_it() -> None:
    assert place_of("state-1") == place_of("state-1") != place_of("state-2")
    assert "state-1" not in place_of("state-1")
