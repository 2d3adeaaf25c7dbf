"""A person at an EHR that cannot launch: its links ask for images by IHE Invoke Image Display (RAD-106)."""

from urllib.parse import quote, urlencode, urljoin

import requests

from tests.ehr_user import Page
from tests.html_page import assert_well_made
from tests.register_user import DOCTOR, RegisterUser

AUTHORITY = "FJORDVIEW&2.16.840.1.113883.19.5&ISO"


class InvokingUser(RegisterUser):
    """One person, one browser. `follows_link` is what a link in the EHR's own page does, `goes_to` any other."""

    def follows_link(self, ehr: str = "r4-bearer", employee: str = DOCTOR, **parameters: str) -> Page:
        """Follows a link of the EHR, signs in where that is asked for, and lands where it leads."""
        return self.goes_to(address_of(ehr, **parameters), employee, referer=f"{self.pair.hospital_url}/")

    def goes_to(self, address: str, employee: str = DOCTOR, referer: str = "") -> Page:
        """Goes to an address, whoever wrote it, and on as in `follows_link`."""
        answer = self.comes_from(referer, address)
        while answer.is_redirect:
            location = urljoin(answer.url, answer.headers["Location"])
            if location.startswith(f"{self.pair.hospital_url}/staff/"):
                answer = self.at_provider(location, employee)
            else:
                answer = self.asks(location)
        return self._page(answer)

    def picks(self, address: str, patient: str) -> Page:
        """Picks this patient at the EHR, which asks for one in a standalone launch, and follows where that leads."""
        page = self.visits(address)
        form = page.root.one("form", "picker")
        typed = {"asked": form.one("input", name="asked")["value"], "patient": patient}
        answer = self.browser.post(urljoin(page.url, form["action"]), typed, allow_redirects=False, timeout=30)
        return self.visits(urljoin(answer.url, answer.headers["Location"]))

    def comes_from(self, referer: str, address: str) -> requests.Response:
        """One request, as a link on the page `referer` makes it; without one it came from nobody knows where."""
        headers = {"Referer": referer} if referer else {}
        url = urljoin(self.pair.sightline_url, address)
        answer = self.browser.get(url, headers=headers, allow_redirects=False, timeout=30)
        if not answer.is_redirect:  # only the address is the EHR's, and says what it likes
            assert_well_made(answer.text, self.pair.sightline_url)
        return answer


def address_of(ehr: str, **parameters: str) -> str:
    """The address of a request of this EHR, each value encoded on its own."""
    path = f"/invoke/{ehr}/IHEInvokeImageDisplay" if ehr else "/IHEInvokeImageDisplay"
    return f"{path}?{urlencode(parameters, quote_via=quote, safe=',')}"


def of_patient(number: str = "SB-1001", authority: str = AUTHORITY, **more: str) -> dict[str, str]:
    """The parameters of a request for a patient's images."""
    return {"requestType": "PATIENT", "patientID": f"{number}^^^{authority}", **more}


def of_study(**named: str) -> dict[str, str]:
    """The parameters of a request for studies."""
    return {"requestType": "STUDY", **named}
