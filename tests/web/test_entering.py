"""The last step into a viewer: by a redirect or by a form, with the proof that the viewer asks for."""

import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Trail

MRN = "urn:oid:2.16.840.1.113883.19.5"


class Form(HTMLParser):
    """The one form of a page: where it goes, and its fields in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.to, self.fields = "", list[tuple[str, str]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert found["method"] == "post"
            self.to = found["action"]
        elif tag == "input":
            assert found["type"] == "hidden"
            self.fields.append((found["name"], found["value"]))


def opened(user: EhrUser, words: str = "MR brain", ehr: str = "r4-guarded") -> Page:
    return user.opens_images(user.opens_chart("ada", ehr), words)


def taken(user: EhrUser, ticket: str) -> requests.Response:
    """What a ticket gives: the one page of ours that may hold a UID and lead to somebody else."""
    return user.browser.get(ticket, allow_redirects=False, timeout=10)


def form_of(user: EhrUser, viewer: Page) -> tuple[requests.Response, Form]:
    answer = taken(user, viewer.frame)
    return answer, Form(answer.text)


def claims(pair: Pair, proof: str) -> dict[str, Any]:
    published = requests.get(f"{pair.sightline_url}/.well-known/jwks.json", timeout=10).json()
    return dict(jwt.decode(proof, KeySet.import_key_set(published), ["ES256"]).claims)


def with_proof_by_get(toml: str) -> str:
    return toml.replace('method = "post"', 'method = "get"')


def test_form_posts_what_the_address_would_have_held_and_opens_the_display(user: EhrUser) -> None:
    answer, form = form_of(user, opened(user))

    assert answer.status_code == 200
    assert form.to == f"{user.pair.hospital_url}/display-guarded/IHEInvokeImageDisplay"
    assert [name for name, _ in form.fields] == ["requestType", "studyUID", "viewerType", "proof"]
    shown = requests.post(form.to, data=form.fields, timeout=10)
    assert (shown.status_code, "Images of LINDQVIST, Ada (Dr)" in shown.text) == (200, True)
    assert "LINDQVIST" not in answer.text


def test_form_may_be_sent_to_that_viewer_only_and_from_that_page_only(user: EhrUser) -> None:
    viewer = opened(user)
    answer, _ = form_of(user, viewer)

    assert f"form-action {user.pair.hospital_url};" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox allow-scripts allow-forms")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    others = user.asks(viewer.url).headers["Content-Security-Policy"]
    assert "form-action 'self';" in others
    assert "sandbox" not in others


def test_form_may_follow_a_viewer_to_the_origins_of_its_frame(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    more = 'method = "post"\nframe_origins = ["https://login.example"]'
    user = EhrUser(sightline_with(lambda toml: toml.replace('method = "post"', more)))
    answer, _ = form_of(user, opened(user))

    assert f"form-action {user.pair.hospital_url} https://login.example;" in answer.headers["Content-Security-Policy"]


def test_proof_names_user_study_and_patient_for_this_viewer(user: EhrUser) -> None:
    _, form = form_of(user, opened(user))
    fields = dict(form.fields)
    found = claims(user.pair, fields["proof"])

    assert found["iss"] == user.pair.sightline_url
    assert found["aud"] == user.pair.hospital_url
    assert found["sub"].endswith("#nordahl")
    assert found["study_uids"] == [fields["studyUID"]]
    assert (found["patient_id"], found["patient_id_system"]) == ("SB-1001", MRN)


def test_study_that_is_known_by_its_accession_number_is_named_by_it(user: EhrUser) -> None:
    _, form = form_of(user, opened(user, "Lower leg AP"))

    assert claims(user.pair, dict(form.fields)["proof"])["accession_numbers"] == ["A-20240117-02"]
    assert requests.post(form.to, data=form.fields, timeout=10).status_code == 200


def test_proof_is_made_when_the_ticket_is_taken_and_not_before(
    user: EhrUser, clock_goes_on: Callable[[float], None]
) -> None:
    viewer = opened(user)
    clock_goes_on(50)
    _, form = form_of(user, viewer)
    found = claims(user.pair, dict(form.fields)["proof"])

    assert abs(found["iat"] - time.time()) < 10
    assert found["exp"] == found["iat"] + 120


def test_proof_is_taken_once_and_a_reload_brings_another(user: EhrUser) -> None:
    viewer = opened(user)
    _, form = form_of(user, viewer)
    statuses = [requests.post(form.to, data=form.fields, timeout=10).status_code for _ in range(2)]
    _, again = form_of(user, user.follows(viewer, "Reload"))

    assert statuses == [200, 403]
    assert requests.post(again.to, data=again.fields, timeout=10).status_code == 200


def test_ticket_to_a_form_works_once_too(user: EhrUser) -> None:
    viewer = opened(user)
    form_of(user, viewer)
    again = user.visits(viewer.frame)

    assert (again.status, again.heading) == (410, "The viewer was not opened")
    assert "form-action 'self';" in again.headers["Content-Security-Policy"]


def test_proof_stands_in_the_address_of_a_viewer_that_is_asked_by_get(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(with_proof_by_get))
    answer = user.asks(opened(user).frame)
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)

    assert answer.status_code == 303
    assert list(asked) == ["requestType", "studyUID", "viewerType", "proof"]
    assert claims(user.pair, asked["proof"][0])["study_uids"] == asked["studyUID"]


@pytest.mark.parametrize("change", [str, with_proof_by_get], ids=["post", "get"])
def test_tab_of_its_own_gets_the_same_form_or_address_without_a_cookie(
    sightline_with: Callable[[Callable[[str], str]], Pair], change: Callable[[str], str]
) -> None:
    user = EhrUser(sightline_with(change))
    link = user.follows(opened(user), "Nothing to see?").link("Open the images")
    answer = taken(EhrUser(user.pair), link)
    fields = Form(answer.text).fields or [
        (name, values[0]) for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
    ]

    assert claims(user.pair, dict(fields)["proof"])["patient_id"] == "SB-1001"
    assert "Set-Cookie" not in answer.headers


def test_viewer_that_asks_for_none_is_shown_no_proof(user: EhrUser) -> None:
    answer = user.asks(opened(user, ehr="r4").frame)

    assert "eyJ" not in answer.headers["Location"]


def test_neither_proof_nor_token_is_on_the_trail_or_in_our_pages(user: EhrUser, trail: Trail) -> None:
    viewer = opened(user)
    _, form = form_of(user, viewer)

    assert "eyJ" not in viewer.html
    assert dict(form.fields)["proof"] not in str(trail.records)
    assert trail.records[-1]["viewer"] == "display-guarded"


@pytest.mark.parametrize(
    "changed", [{"proof": ""}, {"address": "https://elsewhere.example/IHEInvokeImageDisplay"}, {"name": "x"}]
)
def test_viewer_that_the_settings_have_changed_meanwhile_is_not_entered(user: EhrUser, changed: dict[str, str]) -> None:
    viewer = opened(user)
    it = user.pair.sightline.extensions["sightline"]
    viewers = [
        replace(each, **changed) if each.name == "display-guarded" else each  # type: ignore[arg-type]
        for each in it.settings.viewers
    ]
    user.pair.sightline.extensions["sightline"] = replace(it, settings=replace(it.settings, viewers=tuple(viewers)))
    answer = taken(user, viewer.frame)
    user.pair.sightline.extensions["sightline"] = it

    assert answer.status_code == 410


def test_address_that_its_proof_makes_too_long_is_refused_in_words(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    long = f'parameters = {{ padding = "{"x" * 2700}" }}\n'
    user = EhrUser(
        sightline_with(lambda toml: with_proof_by_get(toml).replace('proof = "proof"', f'{long}proof = "proof"'))
    )
    refused = user.visits(opened(user).frame)

    assert refused.status == 409
    assert "This is too much for one address." in refused.text
