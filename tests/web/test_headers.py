"""The headers of every answer: nothing inline, nothing foreign, nothing kept, framed by the EHR only."""

import re
from collections.abc import Callable

import pytest
import requests
from werkzeug.routing import Rule

from tests.conftest import Pair
from tests.ehr_user import EhrUser

VALUES = {
    "chart_id": "A" * 22,
    "sign_in_id": "A" * 22,
    "study_key": "x",
    "series_key": "x",
    "key": "x",
    "report_key": "x",
    "number": "0",
    "one_key": "x",
    "other_key": "y",
    "ticket": "x",
    "ehr_name": "r4",
    "filename": "sightline.css",
}


def policy(answer: requests.Response) -> dict[str, str]:
    """The Content Security Policy by directive."""
    (header,) = answer.raw.headers.getlist("Content-Security-Policy")
    directives = [directive.strip().partition(" ") for directive in header.split(";")]
    assert len({name for name, _, _ in directives}) == len(directives)
    return {name: value for name, _, value in directives}


def addresses(pair: Pair) -> list[str]:
    """An address for every route there is, and one that is no route."""

    def address(rule: Rule) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: VALUES[part[1]], rule.rule)

    return [address(rule) for rule in pair.sightline.url_map.iter_rules()] + ["/nothing/here"]


def assert_guarded(answer: requests.Response, pair: Pair) -> None:
    rules = policy(answer)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["img-src"] == rules["connect-src"] == "'self'"
    assert rules["base-uri"] == "'none'"
    assert rules["form-action"] == "'self'"
    assert rules["frame-src"].split() == ["'self'", pair.hospital_url]
    assert rules["frame-ancestors"].split() == ["'self'", pair.hospital_url]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_every_route_is_guarded_whatever_it_answers(user: EhrUser, method: str) -> None:
    for address in addresses(user.pair):
        url = f"{user.pair.sightline_url}{address}"
        answer = user.browser.request(method, url, allow_redirects=False, timeout=10)
        assert_guarded(answer, user.pair)
        if not address.startswith(("/static/", "/.well-known/jwks.json")):
            assert answer.headers["Cache-Control"] == "no-store", address


def test_pages_of_an_open_chart_are_guarded_and_never_kept(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    viewer = user.opens_images(page, "MR brain")
    for address in (page.url, viewer.url, viewer.frame, viewer.frame, f"{page.url}view/x"):
        answer = user.asks(address)
        assert_guarded(answer, user.pair)
        assert answer.headers["Cache-Control"] == "no-store"


def test_redirects_of_a_launch_are_never_kept_and_give_no_referrer(user: EhrUser) -> None:
    launch = user.launch_address("ada")
    bounce = user.asks(launch)
    sign_in = user.is_sent_to_sign_in(launch)
    for answer in (bounce, sign_in, user.asks(user.comes_back_with(user.launch_address("ada")))):
        assert answer.status_code == 303
        assert_guarded(answer, user.pair)
        assert answer.headers["Cache-Control"] == "no-store"


def two_hospitals(toml: str) -> str:
    """R4 is framed by another EHR than the rest, and one more viewer stands on an origin of its own."""
    head, *blocks = toml.split("[[ehr]]\n")
    elsewhere = [
        re.sub(r"frame_ancestors = .*", 'frame_ancestors = ["https://chart.example"]', block)
        if 'name = "r4"\n' in block
        else block
        for block in blocks
    ]
    far = '[[viewer]]\nname = "far"\ntitle = "Far"\nkind = "iid"\n'
    far += 'address = "https://viewer.example/x/IHEInvokeImageDisplay"\nframe_origins = ["https://login.example"]\n'
    return "[[ehr]]\n".join([head, *elsewhere]).replace("[limits]", f"{far}[limits]")


def test_chart_may_be_framed_by_its_own_ehr_only(sightline_with: Callable[[Callable[[str], str]], Pair]) -> None:
    pair = sightline_with(two_hospitals)
    user = EhrUser(pair)
    r4, r5 = user.opens_chart("ada", "r4"), user.opens_chart("ada", "r5")
    assert policy(user.asks(r4.url))["frame-ancestors"] == "'self' https://chart.example"
    assert policy(user.asks(r5.url))["frame-ancestors"] == f"'self' {pair.hospital_url}"


def test_page_without_a_chart_may_be_framed_by_every_configured_ehr(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(two_hospitals)
    rules = policy(EhrUser(pair).asks("/"))
    assert set(rules["frame-ancestors"].split()) == {"'self'", pair.hospital_url, "https://chart.example"}


def test_only_configured_viewers_and_what_they_lead_to_may_stand_in_our_frame(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(two_hospitals)
    rules = policy(EhrUser(pair).asks("/"))
    viewers = {pair.hospital_url, "https://viewer.example", "https://login.example"}
    assert set(rules["frame-src"].split()) == {"'self'", *viewers}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirect_takes_neither_host_nor_scheme_from_the_request(pair: Pair, method: str) -> None:
    browser = pair.sightline.test_client()
    for address in addresses(pair):
        for path in {address, address.rstrip("/") or "/", f"{address}/", f"/{address}", address.replace("/", "//")}:
            with browser.open(f"{path}?state=S&code=C", method=method, base_url="http://elsewhere.example") as answer:
                pass
            onward = answer.headers.get("Location", "/")
            assert re.match(rf"/(?!/)|{pair.sightline_url}/|{pair.hospital_url}/", onward), f"{path} leads to {onward}"
            assert answer.status_code == 303 or "Location" not in answer.headers, path
