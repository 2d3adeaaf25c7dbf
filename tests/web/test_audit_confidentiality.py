"""What must never be in the audit trail is not in its files, not in what is delivered, and not in the log.

A person goes through every route there is, with values that are known here and must stay where they belong.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from flask import request, request_finished, request_started

from sandbox.sightline_settings import AUDIT_TOKEN, CLIENT_SECRET, audit_delivery
from tests.conftest import Pair
from tests.ehr_user import EhrUser
from tests.syslog_server import SyslogServer
from tests.test_killed import wait_for
from tests.throw_away_ca import ThrowAwayCa
from tests.web.conftest import Overheard, Trail

Start = Callable[[Callable[[str], str]], Pair]

WRITTEN = "Nodule of 6 mm in the right upper lobe"
NEVER = {"Lindqvist", "LINDQVIST", "Ada L", "1951-07-14", "14-Jul-1951", "SB-1001", "Nordahl,", "Dr Ingrid", "CT chest"}
TYPED, DESCRIBED, SMUGGLED = "typed-into-the-filter", "what the server says of Lindqvist", "smuggled-by-an-attacker"
ONE_TIME = ("code", "state", "launch", "nonce", "code_challenge")


class Walk:
    """Goes through every route of Sightline; `secrets` are all the values that came along and must stay away."""

    def __init__(self, pair: Pair, overheard: Overheard) -> None:
        self.user, self.pair = EhrUser(pair), pair
        self.secrets = NEVER | {WRITTEN, TYPED, DESCRIBED, SMUGGLED, CLIENT_SECRET, AUDIT_TOKEN}
        self.user.browser.hooks["response"].append(self._take)
        page = self.user.opens_chart("ada")
        self.user.filters(page, text=TYPED)
        viewer = self.user.opens_images(page, "CT chest with contrast")
        self._viewers_address(self.user.asks(viewer.frame).headers["Location"])
        self.user.visits(viewer.frame)
        self.user.visits(f"{page.url}view/{SMUGGLED}")
        (report,) = {link["href"] for link in page.root.all("a", "report") if "CT chest with contrast" in link.spoken}
        assert WRITTEN in self.user.visits(urljoin(page.url, report)).text
        for fault in ("error", "second-page", "unauthorized"):
            self.user.opens_chart("ada", f"fault-{fault}")
        self._refused_returns()
        self._every_route(page.chart_id)
        self.secrets |= overheard.secrets | {page.chart_id}
        self.secrets |= self.user.keys

    def _take(self, answer, *_: object, **__: object) -> None:  # type: ignore[no-untyped-def]
        for address in (answer.url, answer.headers.get("Location", "")):
            query = parse_qs(urlsplit(address).query)
            self.secrets |= {value for name in ONE_TIME for value in query.get(name, []) if len(value) > 10}
        self.secrets |= {cookie.value for cookie in answer.cookies if cookie.value and cookie.name != "kept"}

    def _viewers_address(self, address: str) -> None:
        parts = urlsplit(address)
        self.secrets |= {address, f"{parts.path}?{parts.query}", parts.query}

    def _refused_returns(self) -> None:
        """The authorization server refuses in its own words; a return with another state, and one with another code."""
        for changed in (
            {"error": "access_denied", "error_description": DESCRIBED},
            {"code": SMUGGLED},
            {"state": SMUGGLED},
        ):
            back = urlsplit(self.user.comes_back_with(self.user.launch_address("ada")))
            query = {name: values[0] for name, values in parse_qs(back.query).items()}
            self.user.visits(f"{back.scheme}://{back.netloc}{back.path}?{urlencode(query | changed)}")

    def _every_route(self, chart_id: str) -> None:
        known = {"chart_id": chart_id, "ehr_name": "r4"}
        query = urlencode({"iss": f"https://{SMUGGLED}.example", "text": SMUGGLED, "error_description": DESCRIBED})
        for rule in self.pair.sightline.url_map.iter_rules():
            parts = {name: known.get(name, SMUGGLED) for name in rule.arguments}
            path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda found, parts=parts: parts[found[1]], rule.rule)
            for method in (rule.methods or set()) - {"OPTIONS"}:
                address = urljoin(self.pair.sightline_url, f"{path}?{query}")
                self.user.browser.request(method, address, data=query, allow_redirects=False, timeout=30).close()


def unfolded(text: str) -> str:
    """The text, and what stands in it as base64."""
    folded = re.findall(r'"(?:query|value)"\s*:\s*"([A-Za-z0-9+/]+=*)"|value="([^"]+)"|>([A-Za-z0-9+/]{16,}=*)<', text)
    decoded = [base64.b64decode(found + "==") for each in folded for found in each if found and len(found) % 4 == 0]
    return text + "\n" + "\n".join(each.decode("utf-8", "replace") for each in decoded)


@pytest.fixture
def syslog(tmp_path: Path) -> Iterator[tuple[SyslogServer, Path]]:
    ca = ThrowAwayCa(tmp_path / "ca")
    with SyslogServer(ca.certificate_for("127.0.0.1")) as server:
        yield server, ca.file


def test_nothing_that_must_stay_away_is_in_trail_deliveries_or_log(
    sightline_with: Start, syslog: tuple[SyslogServer, Path], caplog: pytest.LogCaptureFixture
) -> None:
    server, ca_file = syslog

    def delivering(toml: str) -> str:
        hospital = re.search(r'iss = "(http://[^/"]+)', toml)
        assert hospital
        to_syslog = f'\n[audit_syslog]\nserver = "127.0.0.1:{server.port}"\nca_file = "{ca_file}"\n'
        return toml + audit_delivery(hospital[1]) + to_syslog

    pair, overheard = sightline_with(delivering), Overheard()
    trail, visited = Trail(pair.data_folder), set()
    with (
        caplog.at_level("DEBUG"),
        request_finished.connected_to(overheard.take, pair.hospital),
        request_started.connected_to(lambda app, **_: visited.add(request.endpoint), pair.sightline),
    ):
        walk = Walk(pair, overheard)
    events = pair.hospital.extensions["audit"].events
    wait_for(lambda: len(events) == len(server.messages) == len(trail.records), "both deliveries")
    for deliverer in pair.sightline.extensions["deliverers"]:
        deliverer.stop()

    assert visited >= {rule.endpoint for rule in pair.sightline.url_map.iter_rules()}
    assert {record["action"] for record in trail.records} >= {"sign-in", "list", "open"}
    assert len(trail.records) > 20
    assert len(walk.secrets) > 60
    files = {file.name: file.read_text() for file in pair.data_folder.glob("audit*")}
    assert {"audit.ndjson", "audit-to-fhir.json", "audit-to-syslog.json"} <= files.keys()
    places = files | {
        "events": unfolded("\n".join(map(json.dumps, events))),
        "messages": unfolded(b"\n".join(server.messages).decode()),
        "log": "\n".join(record.getMessage() for record in caplog.records if record.name == "sightline"),
    }
    assert "ImagingStudy?patient=ada" in places["events"]
    assert "ImagingStudy?patient=ada" in places["messages"]
    for name, text in places.items():
        found = [secret for secret in walk.secrets if secret in text]
        assert not found, f"{name} holds {found}"
