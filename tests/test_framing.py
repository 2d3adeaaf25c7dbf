"""What a browser decides about a frame: every page above it counts, and one header silences the other."""

import pytest
from hypothesis import given, strategies as st

from sightline.framing import is_stated, refusal

OURS, EHR, VIEWER = "https://sightline.example", "https://portal.ehr.example:8443", "https://viewer.example"


def of(csp: str | None = None, options: str | None = None) -> str:
    headers = {"Content-Security-Policy": csp, "X-Frame-Options": options}
    return refusal({name: value for name, value in headers.items() if value is not None}, VIEWER, (OURS, EHR))


@pytest.mark.parametrize(
    "csp",
    [
        "frame-ancestors *",
        "frame-ancestors https:",
        "frame-ancestors http:",
        f"frame-ancestors 'self' {OURS} {EHR}",
        f"default-src 'none'; FRAME-ANCESTORS {OURS.upper()} {EHR}/path",
        "frame-ancestors sightline.example *.ehr.example:8443",
        "frame-ancestors https://sightline.example:443 https://portal.ehr.example:*",
        "frame-ancestors *.example:* ",
        "default-src 'self'",
        f"frame-ancestors *, frame-ancestors {OURS} {EHR}",
        f"frame-ancestors {OURS} {EHR}; frame-ancestors 'none'",
    ],
)
def test_policy_that_names_every_page_above_lets_the_frame_stand(csp: str) -> None:
    assert of(csp) == ""


@pytest.mark.parametrize(
    ("csp", "left_out"),
    [
        ("frame-ancestors 'none'", OURS),
        ("frame-ancestors", OURS),
        ("frame-ancestors 'self'", OURS),
        (f"frame-ancestors {OURS}", EHR),
        (f"frame-ancestors {EHR}", OURS),
        (f"frame-ancestors {OURS} https://portal.ehr.example", EHR),
        (f"frame-ancestors {OURS} *.portal.ehr.example:8443", EHR),
        (f"frame-ancestors {OURS} http://portal.ehr.example:80", EHR),
        (f"frame-ancestors *, frame-ancestors {OURS}", EHR),
        ("frame-ancestors ws:", OURS),
    ],
)
def test_policy_that_leaves_out_one_page_above_refuses_and_names_it(csp: str, left_out: str) -> None:
    assert of(csp).startswith("frame-ancestors")
    assert of(csp).endswith(f"leaves out {left_out}")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("DENY", "refuses every frame"),
        ("deny", "refuses every frame"),
        ("SAMEORIGIN", "leaves out every other origin"),
        ("SAMEORIGIN, DENY", "refuses every frame"),
        ("SAMEORIGIN, ALLOW-FROM https://x", "refuses every frame"),
    ],
)
def test_older_header_refuses_too(options: str, words: str) -> None:
    assert words in of(options=options)


@pytest.mark.parametrize("options", ["ALLOW-FROM https://sightline.example", "ALLOWALL", "", "nonsense", None])
def test_older_header_that_browsers_do_not_know_refuses_nothing(options: str | None) -> None:
    assert of(options=options) == ""


def test_older_header_does_not_count_beside_the_newer_one() -> None:
    assert of("frame-ancestors *", "DENY") == ""
    assert "DENY" not in of("frame-ancestors 'none'", "DENY")


@given(st.text(), st.text())
def test_no_header_is_too_odd_to_be_read(csp: str, options: str) -> None:
    of(f"frame-ancestors {csp}", options)


@pytest.mark.parametrize("port", ["9" * 5000, "٣"])
def test_port_that_is_none_names_nobody(port: str) -> None:
    assert of(f"frame-ancestors https://sightline.example:{port}")


def test_silence_is_told_from_permission() -> None:
    assert is_stated({"X-Frame-Options": "DENY"})
    assert is_stated({"Content-Security-Policy": "default-src *; frame-ancestors *"})
    assert not is_stated({"Content-Security-Policy": "default-src *"})
    assert not is_stated({})


def test_viewer_of_our_own_origin_may_say_same_origin() -> None:
    assert refusal({"X-Frame-Options": "SAMEORIGIN"}, VIEWER, (VIEWER,)) == ""
    assert refusal({"Content-Security-Policy": "frame-ancestors 'self'"}, VIEWER, (VIEWER,)) == ""
