"""Nothing on any screen that axe-core calls serious or critical, whatever the person's browser makes of the colours."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Window
from tests.browser.screens import every_screen

pytestmark = pytest.mark.browser

SIGHT = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
# What stands in the frame is the viewer's own page, and not ours to judge.
OPTIONS = {"iframes": False, "resultTypes": ["violations"]}


@pytest.mark.parametrize("sight", SIGHT)
def test_no_screen_has_a_serious_fault(open_window: Callable[..., Window], sight: str) -> None:
    """User experience, point 47."""
    faults: dict[str, list[str]] = {}
    for name, page in every_screen(open_window(**SIGHT[sight])):
        for fault in Axe().run(page, options=OPTIONS).response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                where = [node["html"][:120] for node in fault["nodes"]]
                faults[f"{name}: {fault['id']}"] = where
    assert not faults, faults
