"""What passes between Sightline and the EHR stays there: no token, code, verifier or secret in what others can read."""

from pathlib import Path

import pytest

from sandbox.sightline_settings import CLIENT_SECRET
from tests.ehr_user import EhrUser
from tests.web.conftest import Overheard


class Walk:
    """A person's way through chart, list, filter, image and a few mistakes; keeps all that the browser got to see."""

    def __init__(self, user: EhrUser) -> None:
        self.seen: list[str] = []
        user.browser.hooks["response"].append(self._keep)
        self.page = user.opens_chart("ada")
        self.after_launch = len(self.seen)
        user.filters(self.page, text="chest")
        viewer = user.opens_images(self.page, "CT chest with contrast")
        user.asks(viewer.frame)
        user.visits(viewer.frame)
        user.visits(f"{self.page.url}view/x")
        user.opens_chart("ada", "fault-error")

    def _keep(self, answer, *_: object, **__: object) -> None:  # type: ignore[no-untyped-def]
        self.seen.append(f"{answer.url}\n{answer.headers}\n{answer.text}")


def assert_holds_none(where: str, text: str | bytes, secrets: set[str]) -> None:
    for secret in secrets:
        found = secret.encode() in text if isinstance(text, bytes) else secret in text
        assert not found, f"{where} holds a secret of {len(secret)} characters"


def test_tokens_and_verifiers_never_reach_the_browser(user: EhrUser, overheard: Overheard) -> None:
    walk = Walk(user)
    assert len(overheard.secrets) >= 8
    codes = {value for value in overheard.secrets if any(f"code={value}" in seen for seen in walk.seen)}
    assert len(codes) == 2
    for seen in walk.seen:
        assert_holds_none("an answer", seen, overheard.secrets - codes | {CLIENT_SECRET})


def test_code_and_state_are_gone_from_every_address_after_the_launch(user: EhrUser, overheard: Overheard) -> None:
    walk = Walk(user)
    own_pages = [seen for seen in walk.seen if f"{user.pair.sightline_url}/s/" in seen.splitlines()[0]]
    assert len(own_pages) >= 6
    for seen in own_pages:
        assert_holds_none("a page", seen, overheard.secrets)
        assert "state=" not in seen.splitlines()[0]


def test_cookies_hold_keys_and_nothing_else(user: EhrUser, overheard: Overheard) -> None:
    Walk(user)
    assert [cookie.value for cookie in user.browser.cookies if cookie.name == "kept"] == ["1"]
    assert user.keys
    for key in user.keys:
        assert len(key) == 43
        assert key not in overheard.secrets


def test_store_holds_neither_tokens_nor_names_nor_cookies(user: EhrUser, overheard: Overheard) -> None:
    Walk(user)
    kept = b"".join(file.read_bytes() for file in user.pair.data_folder.glob("charts.sqlite*"))
    assert len(kept) > 4096
    secrets = overheard.secrets | {CLIENT_SECRET} | user.keys
    assert_holds_none("the store", kept, secrets | {"Lindqvist", "LINDQVIST", "SB-1001", "1951-07-14", "CT chest"})


def test_audit_trail_holds_ids_and_neither_tokens_nor_names(user: EhrUser, overheard: Overheard) -> None:
    file = user.pair.data_folder / "audit.ndjson"
    before = file.stat().st_size if file.exists() else 0  # what other tests asked archives for holds numbers
    walk = Walk(user)
    trail = file.read_bytes()[before:]
    assert trail.count(b"\n") >= 5
    secrets = overheard.secrets | {CLIENT_SECRET} | user.keys
    secrets |= {walk.page.chart_id, "Lindqvist", "Ada L", "1951-07-14", "Nordahl", "SB-1001"}
    assert_holds_none("the audit trail", trail, secrets)


def test_log_holds_neither_tokens_nor_patients(
    user: EhrUser, overheard: Overheard, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        walk = Walk(user)
        user.opens_chart("ada", "fault-unauthorized")
    own = "\n".join(record.getMessage() for record in caplog.records if record.name == "sightline")
    assert own.count("\n") >= 3
    secrets = overheard.secrets | {CLIENT_SECRET} | user.keys
    assert_holds_none("the log", own, secrets | {walk.page.chart_id, "Lindqvist", "SB-1001", "patient=", "ada"})


def test_files_of_the_data_folder_are_for_sightlines_own_user_only(user: EhrUser) -> None:
    Walk(user)
    for name in ("charts.sqlite", "audit.ndjson"):
        assert Path(user.pair.data_folder / name).stat().st_mode & 0o077 == 0
