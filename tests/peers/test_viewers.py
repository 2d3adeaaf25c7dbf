"""Real viewers on a real archive inside the chart: OHIF and Orthanc's own, opened by Sightline, told by pixels."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Frame, Locator

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import Picture, of_screen
from tests.configured import rule
from tests.conftest import Pair, free_ports, served, started
from tests.peers import ohif, orthanc as archive
from tests.peers.likeness import likeness
from tests.peers.orthanc import Orthanc

pytestmark = pytest.mark.browser

# A viewer of 15 MB of JavaScript, drawn without a GPU, on a machine that does other things too.
SHOWN_SECONDS = 90
# Of the correlation of two pictures of one image, shown in two windows of grey levels; a head and a chest stay below.
ALIKE = 0.9
# Mean grey levels between two images of a beating heart; noise of the screen stays far below.
MOVED = 0.3
CT = "CT chest with contrast"
OHIF = "canvas.cornerstone-canvas"
VIEWERS = """
[[viewer]]
name = "ohif"
title = "OHIF"
kind = "ohif"
address = "{viewers}"

[[viewer]]
name = "ohif-compare"
title = "OHIF, side by side"
kind = "ohif"
address = "{viewers}"
hanging_protocol = "@ohif/hpCompare"

[[viewer]]
name = "orthanc"
title = "Orthanc"
kind = "template"
address = "{viewers}/orthanc?study={{study_uid}}"
frame_origins = ["{orthanc}"]
"""
# Which EHR of the sandbox opens its images where.
VIEWER_OF = {"r4": "ohif", "r4b": "orthanc", "r5": "ohif-compare"}


@dataclass(frozen=True)
class Hospital:
    """The sandbox with other viewers: their server, and the archive behind it."""

    pair: Pair
    viewers_url: str
    orthanc: Orthanc


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    folder = tmp_path_factory.mktemp("viewers")
    files = ohif.built()
    (port,) = free_ports(1)
    viewers = f"http://127.0.0.1:{port}"
    with archive.started(folder) as orthanc:

        def change(toml: str) -> str:
            for ehr, viewer in VIEWER_OF.items():
                toml = re.sub(rf'(name = "{ehr}"\n(?:.+\n)*?viewer = )".+"', rf'\g<1>"{viewer}"', toml, count=1)
            # Else the data's own words would lead to the hospital's display.
            rules = "".join(rule(viewer=viewer, ehr=[ehr]) for ehr, viewer in VIEWER_OF.items())
            return toml + VIEWERS.format(viewers=viewers, orthanc=orthanc.url) + rules

        with served(ohif.create_app(files, orthanc), viewers), started(folder, change) as pair:
            yield Hospital(pair, viewers, orthanc)


@pytest.fixture
def pair(hospital: Hospital) -> Pair:
    return hospital.pair


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window(viewport={"width": 1600, "height": 1000})


def uid_of(hospital: Hospital, patient: str, description: str) -> str:
    """The Study Instance UID of the only study of this patient with these words."""
    studies = hospital.pair.hospital.extensions["hospital"].studies_of(patient)
    (found,) = [study.uid for study in studies if study.description == description]
    return found


def images_of(window: Window, words: str, ehr: str) -> Frame:
    """Sightline's frame in the EHR's page, after Images was pressed in the row of these words of Ada's chart."""
    sightline = window.opens_chart_in_the_ehr("ada", ehr)
    sightline.locator("tr", has=sightline.get_by_text(words, exact=True)).locator("a.button").click(no_wait_after=True)
    sightline.wait_for_selector("iframe.frame")
    return sightline


def canvas_of(sightline: Frame, selector: str, number: int = 0) -> Locator:
    """A canvas of the viewer that stands in Sightline's frame."""
    return frame_in(sightline, "iframe.frame").locator(selector).nth(number)


def seen(canvas: Locator, study_uid: str) -> Picture:
    """The canvas as it stands on the screen, once it shows an image of this study, or nobody waits any longer."""
    canvas.wait_for(timeout=SHOWN_SECONDS * 1000)
    give_up = time.monotonic() + SHOWN_SECONDS
    while likeness(picture := of_screen(canvas.screenshot()), study_uid) < ALIKE and time.monotonic() < give_up:
        canvas.page.wait_for_timeout(500)
    return picture


def test_ct_is_seen_in_ohif_inside_the_chart_and_is_adas(window: Window, hospital: Hospital) -> None:
    sightline = images_of(window, CT, "r4")
    assert "LINDQVIST, Ada" in sightline.locator("header.identity").inner_text()
    picture = seen(canvas_of(sightline, OHIF), uid_of(hospital, "ada", CT))
    assert picture.levels > 60
    assert picture.contrast > 40
    assert likeness(picture, uid_of(hospital, "ada", CT)) > ALIKE
    assert likeness(picture, uid_of(hospital, "cleo", "CT head")) < ALIKE


def test_echo_in_ohif_stands_still_until_it_is_played_and_then_moves(window: Window, hospital: Hospital) -> None:
    uid = uid_of(hospital, "ada", "Echocardiography")
    sightline = images_of(window, "Echocardiography", "r4")
    canvas = canvas_of(sightline, OHIF)
    still = seen(canvas, uid)
    assert likeness(still, uid) > ALIKE
    window.page.wait_for_timeout(1000)
    assert of_screen(canvas.screenshot()).difference(still) < MOVED
    frame_in(sightline, "iframe.frame").locator("[data-cy=cine-player-play-pause]").click()
    beats = 0
    give_up = time.monotonic() + SHOWN_SECONDS
    while beats < 2 and time.monotonic() < give_up:
        window.page.wait_for_timeout(300)
        beats += of_screen(canvas.screenshot()).difference(still) > MOVED
    assert beats == 2


def test_one_ohif_given_both_uids_shows_current_and_prior_beside_each_other(window: Window, hospital: Hospital) -> None:
    sightline = images_of(window, CT, "r5")
    sightline.get_by_role("link", name="Compare").click()
    sightline.locator("a.button").first.click(no_wait_after=True)
    sightline.wait_for_selector(".pane-heads")
    current, prior = (uid_of(hospital, "ada", words) for words in (CT, "CT chest"))
    for number, (its_own, the_other) in enumerate([(current, prior), (prior, current)]):
        picture = seen(canvas_of(sightline, OHIF, number), its_own)
        assert likeness(picture, its_own) > ALIKE
        assert likeness(picture, its_own) > likeness(picture, the_other)
    assert sightline.locator("iframe.frame").count() == 1


def test_orthancs_own_viewer_shows_the_ct_behind_its_landing_page(window: Window, hospital: Hospital) -> None:
    """It knows Orthanc's ids only, so that no template can name a study to it: the hospital's page before it looks them
    up, and leads from one origin to the other (`frame_origins`).
    """
    sightline = images_of(window, CT, "r4b")
    picture = seen(canvas_of(sightline, "canvas"), uid_of(hospital, "ada", CT))
    assert frame_in(sightline, "iframe.frame").url.startswith(f"{hospital.orthanc.url}/web-viewer/app/viewer.html")
    assert picture.levels > 60
    assert likeness(picture, uid_of(hospital, "ada", CT)) > ALIKE
    assert likeness(picture, uid_of(hospital, "cleo", "CT head")) < ALIKE


@pytest.mark.parametrize(("ehr", "canvas"), [("r4", OHIF), ("r4b", "canvas")], ids=["OHIF", "Orthanc"])
def test_radiograph_is_bright_where_bone_is(window: Window, hospital: Hospital, ehr: str, canvas: str) -> None:
    """MONOCHROME1, in two viewers."""
    uid = uid_of(hospital, "ada", "Chest PA")
    assert likeness(seen(canvas_of(images_of(window, "Chest PA", ehr), canvas), uid), uid) > ALIKE
