"""Sign-in against a real Keycloak: right and wrong passwords, roles, keys that change, sign-out, and a real browser."""

import html
import re
import time
from urllib.parse import urljoin

import pytest
import requests

from tests.conftest import Pair
from tests.ehr_user import Page
from tests.peers.conftest import DOCTOR, PASSWORD, PORTER, Keycloak
from tests.register_user import RegisterUser
from tests.web.conftest import Trail, trail as trail


class KeycloakUser(RegisterUser):
    """A person who signs in at Keycloak's own page."""

    def signs_in(self, ehr: str = "r4-bearer", employee: str = DOCTOR, password: str = PASSWORD) -> Page:
        return self.visits(self.types(self.sent_to_keycloak(ehr), employee, password).headers["Location"])

    def sent_to_keycloak(self, ehr: str = "r4-bearer") -> requests.Response:
        """Keycloak's answer to Sightline's request: its own page, or the way back where it knows the person."""
        address = self.asks(f"/sign-in/{ehr}").headers["Location"]
        return self._with_cookies_kept(self.browser.get(address, allow_redirects=False, timeout=30))

    def types(self, page: requests.Response, employee: str, password: str) -> requests.Response:
        """Fills in Keycloak's form."""
        typed = {"username": employee, "password": password}
        return self._with_cookies_kept(self.browser.post(form_of(page), typed, allow_redirects=False, timeout=30))

    def sent_out_at_keycloak(self, page: Page) -> requests.Response:
        """Keycloak's question whether the sign-out is meant."""
        return self._with_cookies_kept(self.browser.get(page.link("Sign out of the hospital’s sign-in"), timeout=30))

    def _with_cookies_kept(self, answer: requests.Response) -> requests.Response:
        """As browsers do: the loopback is trustworthy, and gets its `Secure` cookies by http too."""
        for cookie in self.browser.cookies:
            cookie.secure = False
        return answer


def form_of(page: requests.Response) -> str:
    """Where the page's form goes."""
    found = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert found, page.text[:2000]
    return urljoin(page.url, html.unescape(found[1]))


@pytest.fixture
def user(pair: Pair) -> KeycloakUser:
    return KeycloakUser(pair)


@pytest.mark.parametrize("ehr", ["r4-bearer", "r4-basic"])
def test_doctor_signs_in_and_opens_adas_chart(user: KeycloakUser, keycloak: Keycloak, trail: Trail, ehr: str) -> None:
    """By a secret, and by a key (`private_key_jwt`) that Keycloak reads at our JWKS address."""
    page = user.signs_in(ehr)
    assert page.heading == "Find a patient"
    assert "signed in as Ingrid Nordahl" in page.text
    chart = user.chooses(user.searches(page, identifier="SB-1001"), "SB-1001")
    assert chart.patient.startswith("LINDQVIST, Ada")
    signed_in = trail.records[0]
    assert (signed_in["action"], signed_in["outcome"]) == ("sign-in", "success")
    assert signed_in["user_issuer"] == keycloak.realm
    assert len(signed_in["user"]) == 36


def test_wrong_password_stays_at_keycloak(user: KeycloakUser, trail: Trail) -> None:
    answer = user.types(user.sent_to_keycloak(), DOCTOR, "wrong")
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Invalid username or password" in answer.text
    assert trail.records == []
    again = user.types(answer, DOCTOR, PASSWORD)
    assert user.visits(again.headers["Location"]).heading == "Find a patient"


def test_somebody_without_the_role_is_known_and_refused(user: KeycloakUser, trail: Trail) -> None:
    page = user.signs_in(employee=PORTER)
    assert (page.status, page.heading) == (403, "You may not look patients up here")
    assert trail.records[-1]["outcome"] == "NotEntitled"


def test_person_who_gives_up_at_keycloak_is_not_signed_in(user: KeycloakUser) -> None:
    address = user.asks("/sign-in/r4-bearer").headers["Location"]
    answer = user.browser.get(f"{address}&prompt=none", allow_redirects=False, timeout=30)
    page = user.visits(answer.headers["Location"])
    assert (page.status, page.heading) == (403, "You could not be signed in")


def test_request_without_pkce_would_be_refused_by_keycloak(user: KeycloakUser) -> None:
    """That it takes ours is then no accident."""
    address = user.asks("/sign-in/r4-bearer").headers["Location"]
    answer = user.browser.get(re.sub(r"&code_challenge=[^&]*", "", address), allow_redirects=False, timeout=30)
    assert "error=invalid_request" in answer.headers["Location"]


def test_return_that_is_used_twice_signs_in_once(user: KeycloakUser) -> None:
    back = user.types(user.sent_to_keycloak(), DOCTOR, PASSWORD).headers["Location"]
    assert user.visits(back).heading == "Find a patient"
    assert user.visits(back).status == 400


def test_keycloak_says_its_name_in_every_return_and_another_is_refused(user: KeycloakUser, keycloak: Keycloak) -> None:
    back = user.types(user.sent_to_keycloak(), DOCTOR, PASSWORD).headers["Location"]
    assert "&iss=" in back
    without = re.sub(r"&iss=[^&]*", "", back)
    assert user.visits(without).heading == "You could not be signed in"


def test_key_that_keycloak_has_changed_is_found(
    user: KeycloakUser, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert user.signs_in().heading == "Find a patient"
    keycloak.new_signing_key()
    right = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: right() + 60)
    assert KeycloakUser(user.pair).signs_in().heading == "Find a patient"


def test_sign_out_there_too_and_the_password_is_asked_for_again(user: KeycloakUser) -> None:
    out = user.presses(user.signs_in(), "Sign out")
    assert user.sent_to_keycloak().status_code == 302  # it still knows the person
    confirm = user.sent_out_at_keycloak(out)
    assert "Do you want to log out?" in confirm.text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', confirm.text))
    done = user.browser.post(form_of(confirm), fields | {"confirmLogout": "Logout"}, timeout=30)
    assert "You are logged out" in done.text
    asked = user.sent_to_keycloak()
    assert asked.status_code == 200
    assert 'name="password"' in asked.text


@pytest.mark.browser
def test_sign_in_through_a_real_browser(pair: Pair, chromium) -> None:  # type: ignore[no-untyped-def]
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{pair.sightline_url}/")
    page.get_by_role("link", name="Fjordview register (fixed token)").click()
    page.fill("#username", DOCTOR)
    page.fill("#password", PASSWORD)
    page.click("#kc-login")
    page.wait_for_selector("h1:has-text('Find a patient')")
    page.fill("#family", "Lindqvist")
    page.fill("#birth_date", "1951-07-14")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Imaging of LINDQVIST, Ada (Dr), MRN SB-1001").click()
    page.wait_for_selector("header.identity:has-text('SB-1001')")
    page.get_by_role("link", name="Another patient").click()
    page.wait_for_selector("h1:has-text('Find a patient')")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector("h1:has-text('Signed out')")
    page.get_by_role("link", name="Sign out of the hospital’s sign-in").click()
    page.get_by_role("button", name="Logout").click()
    page.wait_for_selector("text=You are logged out")
    context.close()
