"""Which of Ada's studies the newest CT of her chest is compared with first."""

from zoneinfo import ZoneInfo

import pytest

from sightline.priors import priors, related
from sightline.study import Status, Study

BERLIN = ZoneInfo("Europe/Berlin")


def study(number: int, started: str | None, modality: str = "CT", site: str = "Chest", **facts: object) -> Study:
    sites = (site,) if site else ()
    return Study("North", uid=f"1.2.{number}", started=started, modalities=(modality,), body_sites=sites, **facts)  # type: ignore[arg-type]


CURRENT = study(1, "2026-03-05T14:15:00+01:00")
CT_CHEST, OLD_CT_CHEST = study(2, "2025-07-08", site="chest"), study(3, "2019", modality="CT")
X_RAY_CHEST, CT_HEAD = study(4, "2026-03-01", modality="CR"), study(5, "2026-03-02", site="Head")
MR_BRAIN = study(6, "2026-03-04", modality="MR", site="Brain")
UNDATED, SAME_DAY = study(7, None), study(8, "2026-03-05")
LATER = study(9, "2026-03-05T18:00:00+01:00")
WRONG = study(10, "2026-02-01", status=Status.ENTERED_IN_ERROR)


def offered(*others: Study, current: Study = CURRENT) -> list[Study]:
    return [prior.study for prior in priors(current, others, BERLIN)]


def test_newest_of_same_type_and_body_part_comes_first_then_body_part_then_type_then_the_rest() -> None:
    found = offered(MR_BRAIN, CT_HEAD, OLD_CT_CHEST, X_RAY_CHEST, CT_CHEST)

    assert found == [CT_CHEST, OLD_CT_CHEST, X_RAY_CHEST, CT_HEAD, MR_BRAIN]


def test_what_both_have_in_common_and_how_far_apart_they_are_is_said_in_words() -> None:
    found = priors(CURRENT, [CT_CHEST, X_RAY_CHEST, CT_HEAD, MR_BRAIN], BERLIN)

    assert [(prior.alike, prior.earlier) for prior in found] == [
        ("Same type and body part", "7 months earlier"),
        ("Same body part", "4 days earlier"),
        ("Same type", "3 days earlier"),
        ("", "1 day earlier"),
    ]


def test_later_study_is_no_prior_and_neither_is_the_study_itself() -> None:
    assert offered(LATER, CURRENT, CT_HEAD) == [CT_HEAD]
    assert offered(CURRENT, CT_HEAD, current=LATER) == [CURRENT, CT_HEAD]


def test_study_entered_in_error_is_never_offered() -> None:
    assert offered(WRONG) == []


def test_study_whose_date_does_not_tell_is_offered_last_and_not_called_earlier() -> None:
    found = priors(CURRENT, [UNDATED, SAME_DAY, MR_BRAIN], BERLIN)

    assert [(prior.study, prior.earlier) for prior in found] == [
        (MR_BRAIN, "1 day earlier"),
        (SAME_DAY, ""),
        (UNDATED, ""),
    ]


def test_nothing_is_certainly_earlier_than_a_study_without_a_date() -> None:
    assert [prior.earlier for prior in priors(UNDATED, [CT_CHEST, MR_BRAIN], BERLIN)] == ["", ""]


@pytest.mark.parametrize(
    ("sides", "others", "alike"),
    [
        (("L",), ("R",), "Same type"),
        (("L",), ("L",), "Same type and body part"),
        (("L",), ("B",), "Same type and body part"),
        (("L",), ("L", "R"), "Same type and body part"),
        (("L",), (), "Same type and body part"),
    ],
)
def test_one_knee_is_not_the_other_knee(sides: tuple[str, ...], others: tuple[str, ...], alike: str) -> None:
    current, prior = study(1, "2026", "MR", "Knee", sides=sides), study(2, "2020", "MR", "Knee", sides=others)

    assert [found.alike for found in priors(current, [prior], BERLIN)] == [alike]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("XR Wrist", "xr wrist", "Same type and body part"),
        ("XR Wrist", "XR Hip", "Same type"),
        (None, None, "Same type"),
        ("", "", "Same type"),
    ],
)
def test_without_a_body_site_the_same_description_means_the_same_part(
    one: str | None, other: str | None, alike: str
) -> None:
    current, prior = study(1, "2026", site="", description=one), study(2, "2020", description=other)

    assert [found.alike for found in priors(current, [prior], BERLIN)] == [alike]


def test_computed_and_digital_radiograph_are_of_one_type_and_reports_are_of_none() -> None:
    digital, computed = study(1, "2026", "DX", ""), study(2, "2020", "CR", "")
    with_report, other_report = (
        Study("North", uid=uid, modalities=(code, "SR")) for uid, code in (("1.1", "CT"), ("1.3", "MR"))
    )

    assert [prior.alike for prior in priors(digital, [computed], BERLIN)] == ["Same type"]
    assert [prior.alike for prior in priors(with_report, [other_report], BERLIN)] == [""]


def test_studies_related_to_one_are_all_others_of_the_same_body_part_first_and_then_the_newest() -> None:
    found = related(CURRENT, [MR_BRAIN, CURRENT, CT_CHEST, CT_HEAD, UNDATED, X_RAY_CHEST, LATER, WRONG], BERLIN)

    assert found == [LATER, X_RAY_CHEST, CT_CHEST, UNDATED, MR_BRAIN, CT_HEAD]
