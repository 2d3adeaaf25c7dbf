"""A person whose EHR does not launch: signs in at the hospital's staff sign-in, and looks the patient up."""

from urllib.parse import urljoin

import requests

from tests.ehr_user import EhrUser, Page
from tests.html_page import Element, assert_well_made

DOCTOR, PORTER = "nordahl", "lien"


class RegisterUser(EhrUser):
    """One person, one browser, as at the EHR."""

    def signs_in(self, ehr: str = "r4-bearer", employee: str = DOCTOR) -> Page:
        """Signs in and lands where that leads: at the search, or at a page that says why not."""
        if ehr == "r4-open":
            return self.visits(f"/sign-in/{ehr}")
        return self.visits(self.comes_back_from_provider(ehr, employee))

    def comes_back_from_provider(self, ehr: str = "r4-bearer", employee: str = DOCTOR) -> str:
        """Signs in there and stops before the return: the address that the provider sends the browser back to."""
        answer = self.at_provider(self.asks(f"/sign-in/{ehr}").headers["Location"], employee)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def at_provider(self, address: str, employee: str = DOCTOR, password: str = "fjord") -> requests.Response:
        """Fills in the provider's form."""
        typed = {"user": employee, "password": password}
        return self.browser.post(address, typed, allow_redirects=False, timeout=30)

    def searches(self, page: Page, **criteria: str) -> Page:
        """Fills in the search form and presses Search."""
        form = page.root.one("form", "criteria")
        fields = {field["name"]: field["value"] for field in form.all("input")}
        assert criteria.keys() <= fields.keys()
        empty = dict.fromkeys(fields.keys() - {"csrf"}, "")
        return self._posts(page, form, fields | empty | criteria)

    def chooses(self, page: Page, number: str) -> Page:
        """Presses Imaging in the row with this number."""
        answer = self.asks_for_chart(page, row_of(page, number).one("button")["value"])
        return (
            self.visits(urljoin(answer.url, answer.headers["Location"])) if answer.is_redirect else self._page(answer)
        )

    def asks_for_chart(self, page: Page, key: str) -> requests.Response:
        """Sends what pressing Imaging sends, for any key."""
        csrf = page.root.all("input", name="csrf")[0]["value"]
        return self._sent(urljoin(page.url, "chart"), {"csrf": csrf, "patient": key})

    def _posts(self, page: Page, form: Element, fields: dict[str, str]) -> Page:
        answer = self._sent(urljoin(page.url, form["action"]), fields)
        assert_well_made(answer.text, answer.url)
        return self._page(answer)

    def _sent(self, address: str, fields: dict[str, str]) -> requests.Response:
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
        return self.browser.post(address, fields, headers=headers, allow_redirects=False, timeout=30)


def row_of(page: Page, number: str) -> Element:
    """The only hit with this number."""
    table = page.root.one("table", "hits")
    found = [row for row in table.one("tbody").all("tr") if number in row.text]
    assert len(found) == 1, f"{len(found)} hits with {number}"
    return found[0]


def hits(page: Page) -> list[str]:
    """The hits in the words that stand there."""
    return [row.text for table in page.root.all("table", "hits") for row in table.one("tbody").all("tr")]
