"""The sandbox as it is drawn in sandbox/__init__.py: every room is there, and arrows point down only."""

import ast
import re
from pathlib import Path

import pytest

import sandbox

HOME = Path(sandbox.__path__[0])
MODULES = sorted(
    file for file in HOME.rglob("*.py") if file.parent != HOME or file.stem not in ("__init__", "__main__")
)

# The floors of the drawing, the highest first. A room leans on floors below its own, and on nothing beside it.
FLOORS = (
    {"run"},
    {"sightline_process", "application"},
    {"ehr", "audit"},
    {"sightline_settings"},
    {"fhir", "display", "pictures"},
    {"smart", "hospital", "archive"},
    {"reports", "metadata_only", "page_headers"},
    {"archive_faults", "patients", "words", "zone"},
    {"records", "pdf", "certificates"},
)
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}


def name(file: Path) -> str:
    return ".".join(file.relative_to(HOME).with_suffix("").parts)


def room(file: Path) -> str:
    """`fhir` of `fhir/search.py`, `run` of `run.py`."""
    return name(file).split(".")[0]


def imports(file: Path) -> set[str]:
    """Every name that the file imports, in full, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_arrows_point_down_only(file: Path) -> None:
    used = {imported.split(".")[1] for imported in imports(file) if imported.startswith("sandbox.")} - {room(file)}

    assert not {other for other in used if FLOOR[other] <= FLOOR[room(file)]}


def drawing() -> list[str]:
    """The lines of the drawing, top to bottom."""
    assert sandbox.__doc__ is not None
    return [
        line for line in sandbox.__doc__.split("Arrows point down only")[1].splitlines() if line.startswith(" " * 8)
    ]


def test_every_room_is_described_and_drawn_and_no_word_lacks_its_room() -> None:
    assert sandbox.__doc__ is not None
    described = set(re.findall(r"^    (\w+)  ", sandbox.__doc__.split("Arrows")[0], re.MULTILINE))

    assert described == {room(file) for file in MODULES} == set(FLOOR)
    assert described <= set(re.findall(r"\w+", "\n".join(drawing())))


def test_every_arrow_points_down_in_the_drawing_too() -> None:
    height = {word: number for number, line in enumerate(drawing()) for word in re.findall(r"\w+", line)}
    arrows = [(upper, lower) for upper in FLOOR for lower in FLOOR if connected(upper, lower)]

    assert arrows
    assert not [(upper, lower) for upper, lower in arrows if height[upper] >= height[lower]]


def connected(upper: str, lower: str) -> bool:
    """Whether some module of the upper room imports from the lower."""
    used = {part for file in MODULES if room(file) == upper for part in imports(file)}
    return upper != lower and any(part.split(".")[:2] == ["sandbox", lower] for part in used)


def test_plain_values_know_nothing_of_flask_and_dicom() -> None:
    pure = FLOORS[-3] | FLOORS[-2] | FLOORS[-1] | {"hospital"}
    for file in MODULES:
        if room(file) in pure - {"page_headers"}:
            assert not {used.split(".")[0] for used in imports(file)} & {"flask", "werkzeug", "pydicom", "numpy"}, file


def test_modules_import_in_no_circle() -> None:
    names = {f"sandbox.{name(file)}".removesuffix(".__init__") for file in MODULES}
    left = {
        f"sandbox.{name(file)}".removesuffix(".__init__"): {module(used, names) for used in imports(file)} & names
        for file in MODULES
    }
    while free := {one for one, needs in left.items() if not (needs - {one}) & left.keys()}:
        left = {one: needs for one, needs in left.items() if one not in free}

    assert not left


def module(imported: str, known: set[str]) -> str:
    """`sandbox.zone` of `sandbox.zone.zoned`."""
    return imported if imported in known else imported.rsplit(".", 1)[0]
