"""RadiAnt: a search in an archive by a DICOM tag, as pairs of a command line."""

import pytest

from sightline.errors import CannotOpen
from sightline.study import Study
from sightline.viewers import address, takes
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.viewers.cast import BY_ACCESSION, ONE

RADIANT = viewer("radiant", ae_title="ARCHIVE")


def test_study_is_searched_for_by_its_uid() -> None:
    assert address(ONE, RADIANT) == "radiant://?n=paet&v=ARCHIVE&n=pstv&v=0020000D&v=%221.2.840.1%22"


def test_study_without_a_uid_is_searched_for_by_its_accession_number() -> None:
    assert address(BY_ACCESSION, RADIANT) == "radiant://?n=paet&v=ARCHIVE&n=pstv&v=00080050&v=%22A-2024%2F02%22"


@pytest.mark.parametrize("number", ["A*", "A?", 'A"&n=f&v="C:\\x', "A 1", "\\\\host\\share", "-x"])
def test_number_with_a_wildcard_or_a_special_sign_is_refused(number: str) -> None:
    with pytest.raises(CannotOpen) as refusal:
        address(Wanted((Study("North", accession=number),)), RADIANT)

    assert refusal.value.sentence == "The viewer cannot be given a number with such signs."


def test_radiant_takes_one_study() -> None:
    assert takes(RADIANT) == {Takes.STUDY, Takes.ACCESSION}
