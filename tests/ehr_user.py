"""A person at the hospital's EHR with a browser that has no screen: cookies, redirects, links, forms, no JavaScript.

Every page of Sightline that this person meets is held against the rules of `tests.html_page` before anything is read.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from tests.conftest import Pair
from tests.html_page import Element, assert_well_made, read


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One row of the list in the words that stand there. `images` is the address of its Images link, or empty."""

    key: str
    date: str
    type: str
    description: str
    side: str
    status: str
    details: tuple[str, ...]
    counts: str
    obstacle: str
    images: str
    struck: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page that Sightline answered with."""

    status: int
    url: str
    headers: requests.structures.CaseInsensitiveDict[str]
    html: str
    root: Element

    @property
    def text(self) -> str:
        return self.root.one("body").text

    @property
    def heading(self) -> str:
        return self.root.one("h1").text

    @property
    def headings(self) -> list[str]:
        """All headings in order, of whatever level."""
        return [element.text for element in self.root.all() if element.tag in ("h1", "h2", "h3")]

    @property
    def patient(self) -> str:
        """The patient line; empty on a page without one."""
        return self.root.words_of("header", "identity")

    @property
    def notices(self) -> list[str]:
        return [element.text for element in self.root.all("p", "notice")]

    @property
    def reference(self) -> str:
        return self.root.words_of("code")

    @property
    def rows(self) -> list[StudyRow]:
        bodies = [body for table in self.root.all("table", "studies") for body in table.all("tbody")]
        listed = [row for body in bodies for row in body.all("tr") if "year" not in row.classes]
        return [_row(row, self.url) for row in listed]

    def row(self, words: str) -> StudyRow:
        """The only row whose description holds these words."""
        found = [row for row in self.rows if words in row.description]
        assert len(found) == 1, f"{len(found)} rows with {words!r}"
        return found[0]

    def link(self, words: str) -> str:
        """The address of the link whose text is this, or begins with it for a screen reader."""
        found = [link["href"] for link in self.root.all("a") if words in (link.text, link.spoken)]
        assert len(set(found)) == 1, f"{len(found)} links {words!r}"
        return urljoin(self.url, found[0])

    def has_link(self, words: str) -> bool:
        return any(words == link.text for link in self.root.all("a"))

    @property
    def frame(self) -> str:
        """The address of the viewer's frame."""
        return urljoin(self.url, self.root.one("iframe")["src"])

    @property
    def chart_id(self) -> str:
        return urlsplit(self.url).path.split("/")[2]


def _row(row: Element, url: str) -> StudyRow:
    button = next(iter(row.all("a", "button")), None)
    return StudyRow(
        key=row["id"],
        date=row.words_of("td", "date"),
        type=row.words_of("span", "type"),
        description=row.words_of("bdi", "description"),
        side=row.words_of("strong", "side"),
        status=row.words_of("span", "tag"),
        details=tuple(e.text for e in row.all("span", "detail") if "origin" not in e.classes),
        counts=row.words_of("span", "contents"),
        obstacle=row.words_of("span", "obstacle"),
        images=urljoin(url, button["href"]) if button else "",
        struck="struck" in row.classes,
        origin=row.words_of("span", "origin"),
    )


class EhrUser:
    """One person, one browser. What is a verb here is something that the person, or the browser for them, does."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.browser = requests.Session()
        self.browser.trust_env = False

    def opens_chart(self, patient: str, ehr: str = "r4") -> Page:
        """Opens imaging from the patient's chart and lands where that leads: at the list, or a page that says why."""
        return self.visits(self.launch_address(patient, ehr))

    def launch_address(self, patient: str, ehr: str = "r4") -> str:
        """The address that the EHR opens Sightline with; nobody has gone there yet."""
        answer = self.asks(f"{self.pair.hospital_url}/launch-only/{patient}?{urlencode({'ehr': ehr})}")
        return answer.headers["Location"]

    def is_sent_to_sign_in(self, launch_address: str) -> requests.Response:
        """Goes there, and bounces for the cookie check: the answer that sends the browser on to the EHR."""
        answer = self.asks(launch_address)
        while answer.is_redirect and self._is_ours(urljoin(answer.url, answer.headers["Location"])):
            answer = self.asks(urljoin(answer.url, answer.headers["Location"]))
        return answer

    def comes_back_with(self, launch_address: str) -> str:
        """Goes through the sign-in and stops before the callback: the address the EHR sends the browser back to."""
        address = launch_address
        while "/callback/" not in address:
            address = self._next(address)
        return address

    def visits(self, address: str) -> Page:
        """Goes there and follows redirects, as browsers do, to the page at their end."""
        answer = self.asks(address)
        while answer.is_redirect:
            answer = self.asks(urljoin(answer.url, answer.headers["Location"]))
        return self._page(answer)

    def asks(self, address: str) -> requests.Response:
        """One request, no redirect followed; a page of Sightline is held against the rules."""
        answer = self.browser.get(urljoin(self.pair.sightline_url, address), allow_redirects=False, timeout=30)
        if self._is_sightlines_page(answer):
            assert_well_made(answer.text, answer.url)
        return answer

    def follows(self, page: Page, words: str) -> Page:
        """Follows the link of these words."""
        return self.visits(page.link(words))

    def filters(self, page: Page, **choices: str) -> Page:
        """Submits the filter's form with these choices, its other fields as they stand."""
        form = page.root.one("form", "filter")
        fields = {field["name"]: field["value"] for field in form.all("input")}
        for select in form.all("select"):
            options = [option for option in select.all("option") if "selected" in option.attributes]
            fields[select["name"]] = _value(options[0]) if options else ""
            offered = [_value(option) for option in select.all("option")]
            assert choices.get(select["name"], "") in offered, f"{choices} is not among {offered}"
        return self.visits(f"{urljoin(page.url, form['action'])}?{urlencode(fields | choices)}")

    def opens_images(self, page: Page, words: str) -> Page:
        """Presses Images in the row of these words."""
        address = page.row(words).images
        assert address, f"no Images button: {page.row(words).obstacle}"
        return self.visits(address)

    def presses(self, page: Page, words: str) -> Page:
        """Presses the button of these words and follows where that leads."""
        answer = self.sends(page, words)
        if answer.is_redirect:
            return self.visits(urljoin(answer.url, answer.headers["Location"]))
        return self._page(answer)

    def sends(self, page: Page, words: str, **changes: str) -> requests.Response:
        """Sends the form of this button as browsers do, its fields as they stand, with these headers besides."""
        (form,) = [form for form in page.root.all("form") if words in [button.text for button in form.all("button")]]
        assert form["method"] == "post"
        fields = {field["name"]: field["value"] for field in form.all("input")}
        # Our pages send no referrer; the origin of a form is then "null" (Fetch, "append a request Origin header").
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null", **changes}
        address = urljoin(page.url, form["action"])
        return self.browser.post(address, fields, headers=headers, allow_redirects=False, timeout=30)

    def cookie(self, name: str, path: str) -> str:
        """The value of the browser's cookie for exactly this path."""
        return next(cookie.value or "" for cookie in self.browser.cookies if (cookie.name, cookie.path) == (name, path))

    @property
    def keys(self) -> set[str]:
        """The values of the browser's cookies, but for the mark that they are kept at all, which is no secret."""
        return {cookie.value or "" for cookie in self.browser.cookies if cookie.name != "kept"}

    def _next(self, address: str) -> str:
        answer = self.asks(address)
        assert answer.is_redirect, f"{answer.status_code} {read(answer.text).one('h1').text}"
        return urljoin(answer.url, answer.headers["Location"])

    def _page(self, answer: requests.Response) -> Page:
        return Page(answer.status_code, answer.url, answer.headers, answer.text, read(answer.text))

    def _is_sightlines_page(self, answer: requests.Response) -> bool:
        is_html = answer.headers.get("Content-Type", "").startswith("text/html")
        return is_html and self._is_ours(answer.url) and not answer.is_redirect

    def _is_ours(self, address: str) -> bool:
        return address.startswith(f"{self.pair.sightline_url}/")


def _value(option: Element) -> str:
    return option["value"] if "value" in option.attributes else option.text
