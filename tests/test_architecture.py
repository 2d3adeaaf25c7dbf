"""The house as it is drawn: arrows point down only, and what is offered is documented and tested."""

import ast
import re
import sys
from pathlib import Path

import pytest

from sightline.auth import MODES
from sightline.auth.archives import ARCHIVE_MODES
from sightline.fhir.versions import VERSIONS
from sightline.settings import ARCHIVE_AUTHORIZATIONS, AUTHORIZATIONS, SIGN_INS, STORE_KINDS, VIEWER_KINDS
from sightline.settings.template_address import VARIABLES
from sightline.store import KINDS as STORES
from sightline.viewers import KINDS
from tests.configured import configured

ROOT = Path(__file__).parent.parent

# The floors of the house (see sightline/__init__.py), the highest first. A floor leans on those below it, never above.
FLOORS = (
    {"web", "cli", "__main__"},
    {"discovery", "filtering", "ordering", "origins", "priors", "reports", "report_text", "viewing", "rules", "doctor"}
    | {"preflight", "proof", "audit", "audit_trail", "invoking", "whose_images"},
    {"fhir", "dicomweb", "auth", "store", "viewers"},
    {"outbound", "tls_stream"},
    {"study", "patient", "patient_criteria", "batch", "dates", "uid", "modality", "errors", "settings", "audit_record"}
    | {"authorization", "endpoint", "framing", "invoked", "json_text", "outside_text", "phrase", "report"}
    | {"study_details", "picture"}
    | {"study_reference", "time_between"},
)
FLOOR = {name: number for number, floor in enumerate(FLOORS) for name in floor}
STANDARD = set(sys.stdlib_module_names)
MODULES = sorted((ROOT / "sightline").rglob("*.py"))
SANDBOX = sorted((ROOT / "sandbox").rglob("*.py"))


def room(module: str) -> str:
    """`discovery` of `sightline.discovery`, `fhir` of `sightline.fhir.client`."""
    return module.split(".")[1] if "." in module else ""


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> set[str]:
    """The full names of all modules that the file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def packages(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(file)}


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_arrows_point_down_only(file: Path) -> None:
    here = room(module_name(file))
    if not here:
        assert not imports(file)
        return
    used = {room(name) for name in imports(file) if name.split(".")[0] == "sightline"} - {here}

    assert here in FLOOR, f"{here} stands on no floor; draw it in sightline/__init__.py and here"
    assert not {name for name in used if FLOOR[name] <= FLOOR[here] and not _beside(here, name)}


def _beside(here: str, name: str) -> bool:
    """Values and use cases may lean on their neighbours; the outside world's rooms do not know each other."""
    return FLOOR[here] == FLOOR[name] and FLOOR[here] in (1, 4)


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_flask_lives_in_the_pages_and_nowhere_below(file: Path) -> None:
    if room(module_name(file)) not in ("web", "cli"):
        assert not packages(file) & {"flask", "werkzeug", "jinja2"}


@pytest.mark.parametrize("file", [file for file in MODULES if FLOOR.get(room(module_name(file))) == 4], ids=module_name)
def test_values_need_the_standard_library_and_msgspec_only(file: Path) -> None:
    assert packages(file) <= STANDARD | {"msgspec", "sightline"}


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_sightline_sends_http_through_its_one_door_only(file: Path) -> None:
    carriers = {
        name for name in imports(file) if name.split(".")[0] in {"requests", "urllib3", "http", "socket", "httpx"}
    }

    # Statuses and errors by their names carry nothing; a stream over TLS is no HTTP, and has a door of its own.
    if room(module_name(file)) == "tls_stream":
        carriers -= {"socket"}
    assert room(module_name(file)) == "outbound" or carriers <= {"requests.HTTPError", "http.HTTPStatus"}
    assert "urllib.request" not in {name.rsplit(".", 1)[0] for name in imports(file)} | imports(file)


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_whoever_asks_through_the_door_says_on_which_private_networks_the_server_may_be(file: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    if room(module_name(file)) == "outbound":
        return

    for call in calls:
        names = {word.arg for word in call.keywords}
        if "origins" in names or ast.unparse(call.func).endswith("DoorAdapter"):
            assert "networks" in names or len(call.args) == 3, ast.unparse(call)


@pytest.mark.parametrize("file", MODULES + SANDBOX, ids=module_name)
def test_sightline_and_its_sandbox_are_strangers_and_nobody_knows_app(file: Path) -> None:
    stranger = "sandbox" if file in MODULES else "sightline"

    assert not packages(file) & {stranger, "app", "tests"}


def test_imports_form_no_circle() -> None:
    names = {module_name(file) for file in MODULES}
    wanted = {module_name(file): {_module(name, names) for name in imports(file)} & names for file in MODULES}
    left = dict(wanted)
    while free := {name for name, needs in left.items() if not (needs - {name}) & left.keys()}:
        left = {name: needs for name, needs in left.items() if name not in free}

    assert not left


def _module(name: str, known: set[str]) -> str:
    """`sightline.uid` of `sightline.uid.uid`."""
    return name if name in known else name.rsplit(".", 1)[0]


def headings(document: str) -> list[str]:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("#")]


@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_viewer_is_configured_documented_and_tested(kind: str) -> None:
    assert kind in VIEWER_KINDS
    assert (ROOT / "sightline" / "viewers" / f"{kind}.py").exists()
    assert (ROOT / "tests" / "viewers" / f"test_{kind}.py").exists()
    assert f"### {kind}" in headings("viewers.md")


def test_blocks_of_the_viewers_page_load_as_they_stand() -> None:
    page = (ROOT / "docs" / "viewers.md").read_text(encoding="utf-8")
    rules, *viewers = sorted(re.findall(r"(?s)```toml\n(.*?)```", page), key=lambda block: "[[viewer]]" in block)

    named = configured(*viewers, rules.replace('"south"', '"display"'))

    assert {viewer.kind for viewer in named.viewers} == KINDS.keys()
    assert len(named.rules) == 2


def test_every_variable_of_a_template_is_explained_on_the_viewers_page() -> None:
    page = (ROOT / "docs" / "viewers.md").read_text(encoding="utf-8")

    assert not [name for name in VARIABLES if f"`{{{name}}}`" not in page]


def test_settings_know_no_kind_of_viewer_that_nothing_builds() -> None:
    assert VIEWER_KINDS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", STORES)
def test_kind_of_store_is_configured_documented_and_keeps_the_contract(kind: str) -> None:
    contract = (ROOT / "tests" / "store" / "conftest.py").read_text(encoding="utf-8")

    assert (ROOT / "sightline" / "store" / f"{kind}.py").exists()
    assert (ROOT / "tests" / "store" / f"test_{kind}.py").exists()
    assert f"### {kind}" in headings("stores.md")
    assert f"def {kind}_address(" in contract
    assert f"def break_{kind}(" in contract


def test_settings_know_no_kind_of_store_that_nothing_opens() -> None:
    assert set(STORE_KINDS) == STORES.keys()


@pytest.mark.parametrize("mode", MODES)
def test_way_in_at_a_fhir_server_is_configured_documented_and_tested(mode: str) -> None:
    assert mode in AUTHORIZATIONS
    assert (ROOT / "sightline" / "auth" / f"{mode}.py").exists()
    assert (ROOT / "tests" / "auth" / f"test_{mode}.py").exists()
    assert f"### authorization {mode}" in headings("sign-in.md")


@pytest.mark.parametrize("mode", ARCHIVE_MODES)
def test_way_in_at_an_archive_is_configured_and_documented(mode: str) -> None:
    assert mode in ARCHIVE_AUTHORIZATIONS
    assert f"### authorization {mode}" in headings("archives.md")


@pytest.mark.parametrize("way", SIGN_INS)
def test_way_to_sign_in_is_documented(way: str) -> None:
    assert f"### sign_in {way}" in headings("sign-in.md")


def test_settings_know_no_way_in_that_nothing_makes() -> None:
    assert set(AUTHORIZATIONS) == MODES.keys()
    assert set(ARCHIVE_AUTHORIZATIONS) == ARCHIVE_MODES.keys()


@pytest.mark.parametrize("version", [version.name for version in VERSIONS])
def test_fhir_version_is_documented_and_has_example_data(version: str) -> None:
    assert list((ROOT / "tests" / "data" / "fhir" / version).glob("ImagingStudy*.json"))
    assert [line for line in headings("fhir.md") if version in line.lower().replace("`", "").split()]


@pytest.mark.parametrize("package", ["fhir", "dicomweb", "auth", "outbound", "viewers", "audit_trail"])
def test_module_has_a_test_of_its_name(package: str) -> None:
    modules = {file.stem for file in (ROOT / "sightline" / package).glob("*.py")} - {"__init__"}
    tests = {file.stem.removeprefix("test_") for file in (ROOT / "tests" / package).glob("test_*.py")}

    assert modules <= tests
