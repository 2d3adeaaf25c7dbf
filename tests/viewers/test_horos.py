"""Horos and OsiriX: one fixed method of the many that their scheme has."""

import pytest

from sightline.viewers import address, takes
from sightline.viewers.contract import Takes
from tests.configured import viewer
from tests.viewers.cast import ONE


@pytest.mark.parametrize("scheme", ["horos", "osirix"])
def test_study_is_fetched_from_the_archive_and_opened(scheme: str) -> None:
    assert address(ONE, viewer("horos", scheme=scheme, server="Main & PACS")) == (
        f"{scheme}://?methodName=retrieve&serverName=Main%20%26%20PACS&then=open&retrieveOnlyIfNeeded=yes"
        "&filterKey=StudyInstanceUID&filterValue=1.2.840.1"
    )


def test_horos_takes_one_study_by_its_uid() -> None:
    assert takes(viewer("horos", server="Archive")) == {Takes.STUDY}
