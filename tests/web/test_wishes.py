"""Key images only, diagnostic quality: what an EHR's own request wishes for, in the viewer that is opened for it."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.configured import block, rule
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.invoking_ehr import InvokingUser, of_patient, of_study
from tests.web.test_viewer import study_uid

WISHES = {"keyImagesOnly": "true", "diagnosticQuality": "true"}
LIMITED = "As the EHR asked, Image display was asked for key images only."


@pytest.fixture
def user(pair: Pair) -> InvokingUser:
    """A person whose browser has no cookie yet."""
    return InvokingUser(pair)


def asked(user: EhrUser, viewer: Page) -> dict[str, list[str]]:
    """What the viewer's frame is sent to, without the numbers of studies and patient."""
    query = parse_qs(urlsplit(user.asks(viewer.frame).headers["Location"]).query)
    return {name: values for name, values in query.items() if name in WISHES}


def notes(viewer: Page) -> str:
    return " ".join(element.text for element in viewer.root.all("p", "strip-note"))


PASSED_ON = {"keyImagesOnly": ["true"], "diagnosticQuality": ["true"]}


def test_wishes_reach_the_viewer_of_the_study_that_was_asked_for_and_a_limit_is_said(user: InvokingUser) -> None:
    uid = study_uid(user.pair, "ada", "MR brain")
    viewer = user.follows_link("r4-open", **of_study(studyUID=uid), **WISHES)

    assert "MR brain" in viewer.heading
    assert asked(user, viewer) == PASSED_ON
    assert LIMITED in notes(viewer)
    assert "cannot be asked" not in viewer.text


def test_study_that_was_not_asked_for_is_opened_without_wishes(user: InvokingUser) -> None:
    uid = study_uid(user.pair, "ada", "MR brain")
    other = user.follows(user.follows_link("r4-open", **of_study(studyUID=uid), **WISHES), "Next")

    assert asked(user, other) == {}
    assert "key images" not in other.text


def test_wishes_for_a_patient_hold_for_each_study_and_for_all_images(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(), **WISHES)
    assert "The EHR asked for key images only. Above the images stands" in page.text

    assert asked(user, user.opens_images(page, "MR brain")) == PASSED_ON
    all_images = user.follows(page, "All images of this patient")
    assert asked(user, all_images) == PASSED_ON
    assert LIMITED in notes(all_images)


def test_all_images_are_one_click_away_and_stay_when_the_page_is_loaded_again(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(), **WISHES)
    for limited in (user.opens_images(page, "MR brain"), user.follows(page, "All images of this patient")):
        whole = user.follows(limited, "Ask for all images")
        assert asked(user, user.follows(whole, "Reload")) == {"diagnosticQuality": ["true"]}
        assert "key images" not in whole.text


def test_wishes_that_were_not_wished_are_not_sent(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(keyImagesOnly="false", diagnosticQuality="false"))

    assert asked(user, user.opens_images(page, "MR brain")) == {}
    assert "key images" not in page.text


def test_two_studies_side_by_side_are_opened_whole(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(keyImagesOnly="true"))
    priors = user.follows(user.opens_images(page, "CT chest with contrast"), "Compare with a prior")
    assert asked(user, user.visits(priors.rows[0].images)) == {}


@pytest.mark.parametrize(
    ("setting", "sent", "said"),
    [
        ("passes_on = []", {}, ["key images only. Image display cannot", "quality. Image display cannot"]),
        ('passes_on = ["key_images_only"]', {"keyImagesOnly": ["true"]}, [LIMITED, "quality. Image display cannot"]),
        (
            "passes_on = []\ndiagnostic_quality = true",
            {"diagnosticQuality": ["true"]},
            ["key images only. Image display cannot be asked for that: all images open."],
        ),
    ],
)
def test_settings_of_the_viewer_go_first_and_what_it_is_not_asked_for_is_said(
    sightline_with: Callable[[Callable[[str], str]], Pair], setting: str, sent: dict[str, list[str]], said: list[str]
) -> None:
    user = InvokingUser(
        sightline_with(lambda toml: toml.replace('viewer_type = "IHE_BIR"', f'viewer_type = "IHE_BIR"\n{setting}'))
    )
    viewer = user.opens_images(user.follows_link("r4-open", **of_patient(), **WISHES), "MR brain")

    assert asked(user, viewer) == sent
    assert [words for words in said if words not in notes(viewer)] == []
    assert ("quality" in notes(viewer)) is ("diagnosticQuality" not in sent)


def test_viewer_of_another_kind_is_said_not_to_be_asked(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    ohif = block("ohif", address="https://ohif.example", open="frame") + rule(viewer="ohif", modality=["MR"])
    user = InvokingUser(sightline_with(lambda toml: toml.replace("[limits]", f"{ohif}[limits]")))
    viewer = user.opens_images(user.follows_link("r4-open", **of_patient(), **WISHES), "MR brain")

    assert asked(user, viewer) == {}
    assert notes(viewer) == (
        "The EHR asked for key images only. The viewer cannot be asked for that: all images open. "
        "The EHR asked for diagnostic quality. The viewer cannot be asked for that."
    )
