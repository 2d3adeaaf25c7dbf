"""Small pictures of series out of a real Orthanc, which has no thumbnails, and renders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sightline.dicomweb import thumbnail
from tests.browser.pictures import of_screen
from tests.conftest import Pair, started
from tests.ehr_user import EhrUser
from tests.peers import orthanc as archive
from tests.peers.likeness import likeness
from tests.peers.orthanc import Orthanc
from tests.searchset import imaging_study, searchset
from tests.web.conftest import ehr_answering
from tests.web.test_thumbnails import fetches, pictures, study_of, uid_of

ALIKE = 0.9


@dataclass(frozen=True)
class Hospital:
    pair: Pair
    orthanc: Orthanc


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The sandbox whose pictures are in Orthanc."""
    folder = tmp_path_factory.mktemp("orthanc")
    with archive.started(folder) as orthanc:

        def change(toml: str) -> str:
            return re.sub(r'(name = "pictures"\n.*\naddress = )".*"', rf'\1"{orthanc.dicomweb}"', toml)

        with started(folder, change) as pair:
            assert orthanc.dicomweb in {
                each.address for each in pair.sightline.extensions["sightline"].settings.archives
            }
            yield Hospital(pair, orthanc)


@pytest.fixture
def user(hospital: Hospital) -> EhrUser:
    thumbnail._without_thumbnails.clear()
    return EhrUser(hospital.pair)


def test_every_series_of_ada_has_its_picture_out_of_orthanc(user: EhrUser) -> None:
    listed = user.opens_chart("ada")
    rows = [row for row in listed.rows if row.images and "Opened by" not in " ".join(row.details)]

    for row in rows:
        page = user.visits(f"{listed.url}study/{row.key}")
        shown = pictures(page)
        assert shown, row.description
        for number in range(len(shown)):
            answer = fetches(user, page, number)
            assert answer.headers["Content-Type"] in ("image/jpeg", "image/png"), row.description


def test_picture_out_of_orthanc_is_that_of_the_study(user: EhrUser, hospital: Hospital) -> None:
    page = study_of(user, "CT chest with contrast")

    picture = of_screen(fetches(user, page).content)

    assert likeness(picture, uid_of(hospital.pair, "ada", "CT chest with contrast")) > ALIKE
    assert likeness(picture, uid_of(hospital.pair, "cleo", "CT head")) < ALIKE


def test_study_that_orthanc_has_as_cleos_has_no_picture_in_adas_chart(user: EhrUser, hospital: Hospital) -> None:
    cleos = uid_of(hospital.pair, "cleo", "CT head")
    with ehr_answering(hospital.pair, lambda _: searchset(imaging_study(cleos, description="Head of another"))):
        page = study_of(user, "Head of another")

    assert page.status == 200
    assert "Pictures are missing" not in page.text
    assert not pictures(page)
