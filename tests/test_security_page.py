"""docs/security.md names, for each threat, the test that plays it; a row without a living test is a promise."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\|(.+)\|(.+)\|\s*`(tests/[\w/]+\.py)::(test_\w+)`\s*\|$", PAGE, re.MULTILINE)

# What a reviewer of an OAuth client in a frame asks for: RFC 9700, OWASP's lists, and what imaging adds to them.
ASKED_FOR = (
    "SSRF", "DNS rebinding", "redirects", "token to another host", "`next` link", "slow", "gzip", "JSON bombs",
    "mix-up", "login CSRF", "fixation", "code injection", "PKCE downgrade", "Referer", "open redirect", "counterfeit",
    "refresh", "clickjacking", "cross-site scripting", "injection", "another patient's study",
    "wrong patient at a renewal", "addresses or logs", "caches", "at rest", "sign-out", "many launches",
    "several processes", "request forgery",
)  # fmt: skip


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_a_test_that_is_there() -> None:
    _, _, table = PAGE.partition("| threat | defence | test |\n|---|---|---|\n")
    assert len(ROWS) == len(table.partition("\n\n")[0].strip().splitlines()) > 50
    assert [(file, name) for _, _, file, name in ROWS if name not in functions_of(file)] == []


def test_every_test_of_a_threat_is_on_the_page() -> None:
    named = {(file, name) for _, _, file, name in ROWS}
    files = [str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "threats").glob("test_*.py")]
    played = {(file, name) for file in files for name in functions_of(file) if name.startswith("test_")}
    assert played - named == set()


def test_no_threat_that_reviewers_ask_for_is_missing() -> None:
    threats = " ".join(threat for threat, _, _, _ in ROWS)
    assert [asked for asked in ASKED_FOR if asked not in threats] == []
