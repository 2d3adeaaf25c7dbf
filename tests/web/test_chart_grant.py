"""A chart's grant: renewed once however many ask, never sent twice, and ended when it is somebody else's."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import requests
from flask import Response as FlaskResponse
from werkzeug.wrappers import Request, Response

from sandbox import sightline_settings
from sandbox.smart.audiences import Audience
from sightline.web import charts
from tests.conftest import Pair, free_ports
from tests.ehr_user import EhrUser, Page
from tests.web.arriving import Arriving
from tests.web.conftest import keeping_the_rest_back

ROOT = Path(__file__).parents[2]
SHORTLY_BEFORE_ITS_END, AFTER_ITS_END = 3600 - 30, 3600 + 5
Answer = Callable[[Request, Callable[[], Response]], Response]


class TokenEndpoint:
    """The hospital's token endpoint: what was refreshed there, and another answer in the place of its own."""

    def __init__(self, pair: Pair) -> None:
        self.refreshed: list[str] = []
        self.revoked: list[str] = []
        self.answer: Answer = lambda _, own: own()
        self._own = pair.hospital.wsgi_app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] not in ("/auth/token", "/auth/revoke"):
            return self._own(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        form = Request({**environ, "wsgi.input": BytesIO(body)}).form
        environ["wsgi.input"] = BytesIO(body)
        if environ["PATH_INFO"] == "/auth/revoke":
            self.revoked.append(form["token_type_hint"])
        if form.get("grant_type") != "refresh_token":
            return self._own(environ, start_response)
        self.refreshed.append(form["refresh_token"])
        answer = self.answer(Request(environ), lambda: Response.from_app(self._own, environ))
        return answer(environ, start_response)


@contextmanager
def listening(pair: Pair) -> Iterator[TokenEndpoint]:
    own = pair.hospital.wsgi_app
    endpoint = TokenEndpoint(pair)
    pair.hospital.wsgi_app = endpoint  # type: ignore[method-assign]
    yield endpoint
    pair.hospital.wsgi_app = own  # type: ignore[method-assign]


@pytest.fixture
def endpoint(pair: Pair) -> Iterator[TokenEndpoint]:
    with listening(pair) as running:
        yield running


def changed(**members: Any) -> Answer:
    """The hospital's own answer with these members."""

    def answer(_: Request, own: Callable[[], Response]) -> Response:
        return Response(json.dumps(json.loads(own().data) | members), mimetype="application/json")

    return answer


def asked_again(user: EhrUser, page: Page) -> Page:
    return user.visits(f"{page.url}?refresh=1")


def idle_for(user: EhrUser, page: Page, seconds: float, clock_goes_on: Callable[[float], None]) -> None:
    """So much time passes in which the chart is looked at now and then, but nothing is asked of the EHR."""
    while seconds > 0:
        clock_goes_on(min(seconds, 13 * 60))
        seconds -= 13 * 60
        user.asks(f"{page.url}ticket/none")


def assert_signed_out(page: Page) -> None:
    assert (page.status, page.heading) == (401, "The sign-in has ended")
    assert not page.rows


def test_chart_outlives_its_first_token(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, SHORTLY_BEFORE_ITS_END, clock_goes_on)
    assert len(asked_again(user, page).rows) == 13
    assert len(asked_again(user, page).rows) == 13
    assert len(endpoint.refreshed) == 1


def test_token_is_not_renewed_while_it_lasts(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, 3600 - 90, clock_goes_on)
    assert len(asked_again(user, page).rows) == 13
    assert endpoint.refreshed == []


def test_each_refresh_token_is_sent_once_and_the_next_one_takes_its_place(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    for _ in range(3):
        idle_for(user, page, AFTER_ITS_END, clock_goes_on)
        assert len(asked_again(user, page).rows) == 13
    assert len(set(endpoint.refreshed)) == len(endpoint.refreshed) == 3


def test_six_requests_at_once_are_one_renewal(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)

    def slow(_: Request, own: Callable[[], Response]) -> Response:
        time.sleep(0.3)
        return own()

    endpoint.answer = slow
    assert statuses(6, [f"{page.url}?refresh=1"], cookies_of(user, page)) == [200] * 6
    assert len(endpoint.refreshed) == 1


def cookies_of(user: EhrUser, page: Page) -> dict[str, str]:
    return {"chart": user.cookie("chart", f"/s/{page.chart_id}/")}


def statuses(count: int, addresses: list[str], cookies: dict[str, str]) -> list[int]:
    """The answers to so many requests at once, to these addresses in turn."""

    def ask(nth: int) -> int:
        return requests.get(addresses[nth % len(addresses)], cookies=cookies, timeout=30).status_code

    with ThreadPoolExecutor(count) as at_once:
        return list(at_once.map(ask, range(count)))


@contextmanager
def another_process(pair: Pair) -> Iterator[str]:
    """A second Sightline on the same settings and the same store; gives its address."""
    (port,) = free_ports(1)
    config = ["--config", str(pair.data_folder / "sightline.toml"), "--port", str(port), "--workers", "1"]
    environment = {**os.environ, **sightline_settings.environment(pair.data_folder)}
    with subprocess.Popen([sys.executable, "-m", "sightline", *config], cwd=ROOT, env=environment) as process:
        try:
            url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 30
            while time.monotonic() < deadline and not _answers(url):
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


def test_two_processes_on_one_store_renew_once_between_them(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(str)
    audience = f"{pair.hospital_url}/short/fhir/r4"
    pair.hospital.extensions["audiences"][audience] = Audience(access_seconds=5)
    with another_process(pair) as other, listening(pair) as endpoint:
        user = EhrUser(pair)
        page = user.opens_chart("ada", "r4-short")
        addresses = [f"{page.url}?refresh=1", f"{other}/s/{page.chart_id}/?refresh=1"]
        assert statuses(6, addresses, cookies_of(user, page)) == [200] * 6
        assert endpoint.refreshed == []
        pair.hospital.extensions["audiences"][audience] = Audience()
        time.sleep(4.2)
        assert statuses(6, addresses, cookies_of(user, page)) == [200] * 6
        assert len(endpoint.refreshed) == 1


def lost(_: Request, own: Callable[[], Response]) -> Response:
    """The refresh token is used up, and nobody hears of it."""
    own()
    return Response(status=502)


def test_refresh_token_whose_answer_was_lost_is_not_sent_again_and_the_chart_ends_in_order(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, SHORTLY_BEFORE_ITS_END, clock_goes_on)
    endpoint.answer = lost
    for _ in range(3):
        assert len(asked_again(user, page).rows) == 13  # the old token still lasts
    assert len(endpoint.refreshed) == 1
    clock_goes_on(60)
    assert_signed_out(asked_again(user, page))
    assert len(endpoint.refreshed) == 1


def test_answer_that_is_lost_after_the_end_fails_first_and_ends_the_sign_in_then(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    endpoint.answer = lost
    assert asked_again(user, page).status == 502
    assert_signed_out(asked_again(user, page))
    assert len(endpoint.refreshed) == 1


def test_token_endpoint_that_says_later_is_asked_again_later(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    endpoint.answer = lambda *_: Response(status=503)
    failed = asked_again(user, page)
    assert (failed.status, failed.heading) == (502, "The imaging list could not be loaded")
    endpoint.answer = lambda _, own: own()
    assert len(asked_again(user, page).rows) == 13


def test_sign_in_that_the_ehr_has_ended_is_said_to_have_ended_at_once(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, SHORTLY_BEFORE_ITS_END, clock_goes_on)
    refused = json.dumps({"error": "invalid_grant"})
    endpoint.answer = lambda *_: Response(refused, 400, mimetype="application/json")
    ended = asked_again(user, page)
    assert_signed_out(ended)
    assert ended.patient == ""
    assert_signed_out(user.visits(page.row("MR brain").images))
    assert len(endpoint.refreshed) == 1


def places(pair: Pair, page: Page) -> list[str]:
    """The chart's rows that are still in the store."""
    store = pair.sightline.extensions["sightline"].store
    return [name for name in ("chart", "grant", "list") if store.get(f"{name}:{page.chart_id}")]


def test_renewal_for_another_patient_closes_the_chart_and_gives_the_tokens_back(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    assert places(user.pair, page) == ["chart", "grant", "list"]
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    endpoint.answer = changed(patient="cleo")
    closed = asked_again(user, page)
    assert (closed.status, closed.heading) == (401, "This imaging session was closed")
    assert "The EHR renewed the sign-in for another patient or another user." in closed.text
    assert closed.patient == ""
    assert "Lindqvist" not in closed.html.title()
    assert places(user.pair, page) == []
    assert endpoint.revoked == ["refresh_token", "access_token"]
    assert user.visits(page.url).heading == "This imaging session has ended"


def test_renewal_with_fewer_scopes_takes_away_what_they_allowed(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    endpoint.answer = changed(scope="launch openid patient/Patient.rs")
    refused = asked_again(user, page)
    assert (refused.status, refused.heading) == (403, "Imaging is not permitted for this chart")
    assert refused.patient == page.patient
    assert user.visits(page.row("MR brain").images).status == 403


def test_renewal_with_a_narrowed_scope_makes_the_list_an_incomplete_one(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ben")
    assert "No imaging studies found" in page.headings
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    endpoint.answer = changed(scope="patient/ImagingStudy.rs?modality=CT")
    narrowed = asked_again(user, page)
    assert "The list is incomplete" in narrowed.headings
    assert "No imaging studies found" not in narrowed.text
    assert narrowed.notices[0].startswith("Incomplete list. The EHR permitted only some kinds of imaging")


def test_renewal_with_a_narrowed_scope_takes_away_all_images_at_once_and_says_why(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    all_images = page.link("All images of this patient")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    endpoint.answer = changed(scope="patient/ImagingStudy.rs?modality=CT")
    narrowed = asked_again(user, page)
    refused = user.visits(all_images)
    assert "All images of this patient. The EHR permitted only some kinds of imaging, and" in narrowed.text
    assert not narrowed.has_link("All images of this patient")
    assert (refused.status, refused.root.all("iframe")) == (409, [])
    assert not user.opens_images(narrowed, "MR brain").has_link("All images")


def forget_access_tokens(pair: Pair) -> None:
    """The hospital ends every access token before its time, as a restart of its server would."""
    pair.hospital.extensions["grants"]._access.clear()


def test_token_that_is_refused_before_its_end_is_renewed_once(user: EhrUser, endpoint: TokenEndpoint) -> None:
    page = user.opens_chart("ada")
    forget_access_tokens(user.pair)
    assert len(asked_again(user, page).rows) == 13
    assert len(endpoint.refreshed) == 1


def test_list_that_outlives_its_token_comes_whole(
    user: EhrUser, endpoint: TokenEndpoint, ehr_answers: Callable[..., Any]
) -> None:
    page, rest = user.opens_chart("max"), Event()
    ehr_answers(keeping_the_rest_back(rest))
    with Arriving(user, f"{page.url}?refresh=1") as arriving:
        arriving.until(lambda text: "<tr id=" in text)
        forget_access_tokens(user.pair)
        rest.set()
        text = arriving.to_its_end()
    assert "Showing 1–50 of 500" in text
    assert "Incomplete list" not in text
    assert user.visits(f"{page.url}?page=10").text.count("End of list.") == 1
    assert len(endpoint.refreshed) == 1


def test_lock_of_a_process_that_was_killed_dies_by_itself(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    user.pair.sightline.extensions["sightline"].store.add(f"renewing:{page.chart_id}", b"x", time.time() + 1)
    assert len(asked_again(user, page).rows) == 13
    assert len(endpoint.refreshed) == 1


def test_renewal_by_another_that_does_not_end_is_not_waited_for_without_end(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    user.pair.sightline.extensions["sightline"].store.add(f"renewing:{page.chart_id}", b"x", time.time() + 60)
    begin = time.monotonic()
    waited = asked_again(user, page)
    assert (waited.status, waited.heading) == (504, "The imaging list could not be loaded")
    assert time.monotonic() - begin < 5
    assert endpoint.refreshed == []


def closed(user: EhrUser, page: Page) -> FlaskResponse:
    """What a page that signs out does with this chart."""
    path = f"/s/{page.chart_id}/"
    cookie = f"chart={user.cookie('chart', path)}"
    with user.pair.sightline.test_request_context(path, headers={"Cookie": cookie}):
        response = FlaskResponse()
        charts.close(response, charts.current(page.chart_id))
        return response


def test_closed_chart_leaves_no_row_no_cookie_and_no_token_behind(user: EhrUser, endpoint: TokenEndpoint) -> None:
    grants = user.pair.hospital.extensions["grants"]
    before = set(grants._access)
    page = user.opens_chart("ada")
    (token,) = set(grants._access) - before
    assert grants.access_token(token)
    response = closed(user, page)
    assert places(user.pair, page) == []
    assert response.headers["Set-Cookie"].startswith("chart=; ")
    assert f"Path=/s/{page.chart_id}/" in response.headers["Set-Cookie"]
    assert endpoint.revoked == ["refresh_token", "access_token"]
    assert grants.access_token(token) is None
    assert user.visits(page.url).heading == "This imaging session has ended"


def test_chart_closes_although_the_ehr_does_not_answer(user: EhrUser, monkeypatch: pytest.MonkeyPatch) -> None:
    page = user.opens_chart("ada")
    own = user.pair.hospital.wsgi_app

    def silent(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/auth/revoke":
            time.sleep(6)
        return own(environ, start_response)

    monkeypatch.setattr(user.pair.hospital, "wsgi_app", silent)
    begin = time.monotonic()
    closed(user, page)
    assert time.monotonic() - begin < 5
    assert places(user.pair, page) == []


def test_chart_that_is_closed_during_a_renewal_stays_closed_and_the_new_tokens_are_given_back(
    user: EhrUser, endpoint: TokenEndpoint, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    idle_for(user, page, AFTER_ITS_END, clock_goes_on)
    under_way, issued = Event(), []

    def slow(_: Request, own: Callable[[], Response]) -> Response:
        under_way.set()
        time.sleep(0.5)
        answer = own()
        issued.append(json.loads(answer.data)["access_token"])
        return answer

    endpoint.answer = slow
    with ExitStack() as both:
        asking = Thread(target=asked_again, args=(user, page))
        both.callback(asking.join)
        asking.start()
        assert under_way.wait(5)
        closed(user, page)
    assert "chart" not in places(user.pair, page)
    assert "grant" not in places(user.pair, page)
    assert user.pair.hospital.extensions["grants"].access_token(issued[0]) is None
