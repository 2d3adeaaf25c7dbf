"""Which viewer opens a study, at which address, and in which words the others say why not."""

from datetime import datetime
from typing import Any

import pytest

from sightline.endpoint import Endpoint, Leads
from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.rules import Situation
from sightline.settings import Settings
from sightline.study import Status, Study
from sightline.viewers import as_taken
from sightline.viewers.contract import Wanted
from sightline.viewing import Choice, Opening, choose, choose_for_patient, glances, opening, together
from tests.configured import block, configured, rule, viewer

IID = "https://pacs.hospital.example/IHEInvokeImageDisplay"
VIEWER = viewer("iid", address=IID)
CT = Study("North", uid="1.2.840.1", modalities=("CT",), body_sites=("Chest",), availability="ONLINE")
SLIDE = Study("North", uid="1.2.840.2", modalities=("SM",))
BY_NUMBER = Study("North", accession="A1", modalities=("CT",))


def obstacle(study: Study) -> str:
    """Why the study cannot be opened in the viewer; empty where it can."""
    try:
        opening(Wanted((study,)), VIEWER)
    except CannotOpen as refusal:
        return refusal.sentence
    return ""


@pytest.mark.parametrize("status", [None, Status.AVAILABLE, Status.UNKNOWN, Status.INACTIVE])
def test_study_with_images_opens_by_its_uid(status: Status | None) -> None:
    study = Study("North", uid="1.2.840.1", status=status)

    wanted = Wanted((study,))

    address = f"{IID}?requestType=STUDY&studyUID=1.2.840.1&viewerType=IHE_BIR"
    assert opening(wanted, VIEWER) == Opening(VIEWER, address, wanted)
    assert obstacle(study) == ""


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (Study("North", uid="1.2.3", status=Status.REGISTERED), "No images have arrived"),
        (Study("North", uid="1.2.3", status=Status.CANCELLED), "No images were made"),
        (Study("North", uid="1.2.3", status=Status.ENTERED_IN_ERROR), "should not exist"),
        (Study("North", uid="1.2.3", availability="UNAVAILABLE"), "not available"),
        (Study("North", resource_ids=("a",)), "no number"),
        (Study("North", accession="A1,A2"), "has a comma in it"),
    ],
)
def test_study_that_cannot_be_opened_says_why_in_one_sentence(study: Study, words: str) -> None:
    with pytest.raises(CannotOpen) as refusal:
        opening(Wanted((study,)), VIEWER)

    assert words in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")


def test_one_study_that_cannot_be_opened_keeps_the_others_from_being_opened_without_it() -> None:
    with pytest.raises(CannotOpen, match="registered"):
        opening(Wanted((CT, Study("North", uid="1.2.3", status=Status.REGISTERED))), VIEWER)


def opened_together(*pairs: tuple[Study, Any]) -> Opening | None:
    studies = [study for study, _ in pairs]
    return together(studies, [opening(Wanted((study,)), viewer) for study, viewer in pairs], None)


def test_viewer_that_takes_several_studies_is_given_both_in_their_order() -> None:
    found = opened_together((CT, VIEWER), (SLIDE, VIEWER))

    assert found
    assert found.url == f"{IID}?requestType=STUDY&studyUID=1.2.840.1,1.2.840.2&viewerType=IHE_BIR"
    assert found.wanted.studies == (CT, SLIDE)


LONG = viewer("template", address=f"https://viewer.example/{'x' * 2955}?studies={{study_uids}}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((CT, VIEWER), (SLIDE, viewer("ohif", address="https://ohif.example"))),
        ((CT, viewer("iid", address=IID, list_separator="none")),) * 2,
        ((CT, VIEWER), (BY_NUMBER, VIEWER)),
        ((CT, LONG), (SLIDE, LONG)),
    ],
    ids=["two viewers", "one study at a time", "no UID", "too long for one address"],
)
def test_studies_that_no_one_viewer_takes_at_once_are_not_opened_together(
    one: tuple[Study, Any], other: tuple[Study, Any]
) -> None:
    assert opened_together(one, other) is None


@pytest.mark.parametrize("availability", ["ONLINE", "NEARLINE", "OFFLINE"])
def test_study_that_the_archive_can_fetch_opens(availability: str) -> None:
    assert obstacle(Study("North", uid="1.2.3", availability=availability)) == ""


@pytest.mark.parametrize(("way", "framed"), [("frame", True), ("tab", False), ("window", False)])
def test_viewer_stands_in_a_frame_or_outside_as_the_settings_say(way: str, framed: bool) -> None:
    found = opening(Wanted((CT,)), viewer("iid", address=IID, open=way))

    assert found.framed is framed
    assert found.program == ""


def test_program_on_the_users_computer_is_never_framed() -> None:
    found = opening(Wanted((CT,)), viewer("weasis", dicomweb="https://pacs.hospital.example/rs"))

    assert not found.framed
    assert found.program == "Weasis"


# Choosing: three viewers, the first of which is the EHR's own


def hospital(*rules: str) -> Settings:
    return configured(
        block("iid", address=IID),
        block("ohif", address="https://ohif.hospital.example"),
        block("slim", address="https://slim.hospital.example"),
        *rules,
    )


def chosen(study: Study, settings: Settings, *endpoints: Endpoint) -> str:
    return choose(Situation(study, settings.ehrs[0], endpoints), settings).viewer.name


def reasons(study: Study, settings: Settings, *endpoints: Endpoint) -> dict[str, str]:
    found = choose(Situation(study, settings.ehrs[0], endpoints), settings)
    return {verdict.viewer.name: verdict.why for verdict in found.verdicts}


def at(address: str, leads: Leads = Leads.TO_A_VIEWER, **facts: Any) -> Endpoint:
    return Endpoint(address, leads, **facts)


def test_study_opens_in_the_ehrs_own_viewer_where_nothing_chooses_another() -> None:
    assert reasons(CT, hospital()) == {
        "iid": "It is the viewer of North Wing EHR.",
        "ohif": "Nothing leads to it: no rule, no address in the data, no EHR's setting.",
        "slim": "Nothing leads to it: no rule, no address in the data, no EHR's setting.",
    }


def test_rule_that_is_met_chooses_and_each_viewer_says_why_or_why_not() -> None:
    settings = hospital(rule(viewer="slim", modality=["SM"]), rule(viewer="ohif", modality=["CT", "MR"]))

    assert chosen(SLIDE, settings) == "slim"
    assert reasons(CT, settings) == {
        "iid": "It is the viewer of North Wing EHR. Another came before it.",
        "ohif": "Rule 2 chooses it for modality CT or MR.",
        "slim": "Rule 1 is not met: the modality is CT, not SM.",
    }


def test_first_rule_that_is_met_wins() -> None:
    first, second = rule(viewer="slim", modality=["CT"]), rule(viewer="ohif", body_site=["chest"])

    assert chosen(CT, hospital(first, second)) == "slim"
    assert chosen(CT, hospital(second, first)) == "ohif"
    assert reasons(CT, hospital(second, first))["slim"] == (
        "Rule 2 chooses it for modality CT. Another came before it."
    )


def test_rule_without_conditions_is_met_by_every_study() -> None:
    assert reasons(BY_NUMBER, hospital(rule(viewer="iid")))["iid"] == "Rule 1 chooses it for any study."


def test_rule_whose_viewer_cannot_open_the_study_is_passed_over_with_the_reason() -> None:
    settings = hospital(rule(viewer="ohif", modality=["CT"]))

    assert chosen(BY_NUMBER, settings) == "iid"
    assert reasons(BY_NUMBER, settings)["ohif"] == (
        "Rule 1 chooses it for modality CT. "
        "The viewer finds a study by its Study Instance UID only, and this record holds none."
    )


def test_study_that_no_viewer_can_open_stays_with_the_ehrs_own_and_says_why() -> None:
    settings = hospital(rule(viewer="ohif"))
    found = choose(Situation(Study("North", uid="1.2.3", status=Status.CANCELLED), settings.ehrs[0]), settings)

    assert found.viewer.name == "iid"
    assert found.obstacle == "No images were made."
    assert found.others == ()


def test_other_viewers_that_could_open_the_study_are_named() -> None:
    settings = hospital()

    both = choose(Situation(CT, settings.ehrs[0]), settings)
    neither = choose(Situation(BY_NUMBER, settings.ehrs[0]), settings)

    assert [viewer.name for viewer in both.others] == ["ohif", "slim"]
    assert neither.others == ()


@pytest.mark.parametrize(
    "address",
    [
        "https://ohif.hospital.example",
        "https://ohif.hospital.example/viewer?StudyInstanceUIDs=9.9.9",
        "https://OHIF.hospital.example:443/IHEInvokeImageDisplay?requestType=STUDY&studyUID=9.9.9",
    ],
)
def test_address_in_the_data_chooses_among_configured_viewers_and_is_not_itself_opened(address: str) -> None:
    settings = hospital()
    found = choose(Situation(CT, settings.ehrs[0], (at(address),)), settings)

    assert found.viewer.name == "ohif"
    assert found.why == "The study's data names an address there."
    assert opening(Wanted((CT,)), found.viewer).url == (
        "https://ohif.hospital.example/viewer?StudyInstanceUIDs=1.2.840.1"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/IHEInvokeImageDisplay",
        "https://ohif.hospital.example.evil.example/",
        "https://ohif.hospital.example@evil.example/",
        "https://evil.example\\@ohif.hospital.example/",
        "http://ohif.hospital.example/",
        "https://ohif.hospital.example:8443/",
        "//ohif.hospital.example/",
        "javascript:alert(1)",
        "weasis://?x",
        "",
    ],
)
def test_address_on_an_origin_that_is_not_configured_chooses_nothing(address: str) -> None:
    assert chosen(CT, hospital(), at(address)) == "iid"


def test_archives_address_is_no_viewers() -> None:
    assert chosen(CT, hospital(), at("https://ohif.hospital.example", Leads.TO_AN_ARCHIVE)) == "iid"


def test_rule_goes_before_the_data_and_the_data_before_the_ehr() -> None:
    settings, address = hospital(rule(viewer="slim", modality=["CT"])), at("https://ohif.hospital.example")

    assert chosen(CT, settings, address) == "slim"
    assert chosen(Study("North", uid="1.2"), settings, address) == "ohif"
    assert chosen(BY_NUMBER, settings, address) == "iid"


def test_very_address_goes_before_the_ehrs_viewer_and_that_one_before_another_on_the_same_origin() -> None:
    here = "https://pacs.hospital.example"
    other = block("iid", address=f"{here}/other/IHEInvokeImageDisplay").replace('name = "iid"', 'name = "other"')
    third = block("iid", address=f"{here}/third/IHEInvokeImageDisplay").replace('name = "iid"', 'name = "third"')
    settings = configured(third, block("iid", address=IID), other)

    assert settings.ehrs[0].viewer == "third"
    assert chosen(CT, settings, at(f"{here}/other/IHEInvokeImageDisplay")) == "other"
    assert chosen(CT, settings, at(f"{here}/elsewhere")) == "third"


def test_viewer_that_the_user_chose_goes_before_everything_and_says_so() -> None:
    settings = hospital(rule(viewer="slim", modality=["CT"]))
    found = choose(Situation(CT, settings.ehrs[0]), settings, "ohif")

    assert (found.viewer.name, found.why) == ("ohif", "It was chosen by hand.")
    assert [viewer.name for viewer in found.others] == ["iid", "slim"]


def test_viewer_that_the_user_chose_and_that_cannot_open_the_study_is_not_replaced_by_another() -> None:
    settings = hospital()
    found = choose(Situation(BY_NUMBER, settings.ehrs[0]), settings, "ohif")

    assert found.viewer.name == "ohif"
    assert found.obstacle == ("The viewer finds a study by its Study Instance UID only, and this record holds none.")
    with pytest.raises(CannotOpen, match="no ACCESSION"):
        _ = found.opening


@pytest.mark.parametrize("name", ["nobody", "IID", "https://ohif.hospital.example", " iid"])
def test_viewer_that_is_not_configured_cannot_be_chosen(name: str) -> None:
    settings = hospital()

    with pytest.raises(CannotOpen) as refusal:
        choose(Situation(CT, settings.ehrs[0]), settings, name)
    assert refusal.value.sentence == "The address names a viewer that is not set up here."
    assert name not in refusal.value.detail


def test_line_for_the_log_says_why_without_anything_of_the_patients_data() -> None:
    archive = at("https://pacs.hospital.example/studies/1.2.840.1", Leads.TO_AN_ARCHIVE, organisation=("Ada's clinic",))
    settings = hospital(
        rule(viewer="slim", organisation=["South"]), rule(viewer="slim", body_site=["ear"]), rule(viewer="ohif")
    )
    found = choose(Situation(BY_NUMBER, settings.ehrs[0], (archive,)), settings)

    assert found.trace == (
        "iid chosen (ehr); ohif (rule 3, no ACCESSION); slim (rule 1: organisation, rule 2: body_site, no ACCESSION)"
    )


# All images of a patient

ADA = Patient("ada", numbers=(PatientNumber("urn:oid:1.2.3", "SB-1"), PatientNumber("https://south.example", "7")))
SINCE = datetime(2025, 11, 28)
STONE = block("stone", address="https://stone.example/index.html", patient_system="https://south.example")
ONLY_STUDIES = block("ohif", address="https://ohif.hospital.example")


def for_patient(*blocks: str, by_hand: str = "", **limits: Any) -> Choice | None:
    settings = configured(*blocks)
    return choose_for_patient(Wanted(patient=ADA, **limits), settings.ehrs[0], settings, by_hand)


def test_all_images_open_in_the_ehrs_own_viewer_by_the_patients_number_with_its_authority() -> None:
    found = for_patient(block("iid", address=IID, viewer_type=""), STONE)

    assert found
    assert found.opening.url == f"{IID}?requestType=PATIENT&patientID=SB-1%5E%5E%5E%261.2.3%26ISO"
    assert found.why == "It is the viewer of North Wing EHR."
    assert [viewer.name for viewer in found.others] == ["stone"]


def test_all_images_open_in_another_viewer_where_the_ehrs_own_takes_studies_only() -> None:
    found = for_patient(ONLY_STUDIES, STONE)

    assert found
    assert found.opening.url == "https://stone.example/index.html?patient=7"
    assert {verdict.viewer.name: verdict.why for verdict in found.verdicts} == {
        "ohif": "The viewer cannot be asked for all images of a patient.",
        "stone": "It can show all images of a patient.",
    }


def test_number_that_the_record_does_not_hold_is_said_and_none_of_another_hospital_is_sent() -> None:
    found = for_patient(block("iid", address=IID, patient_system="urn:oid:9.9"), ONLY_STUDIES)

    assert found
    assert found.obstacle == "The patient's record holds no number that The viewer knows."
    with pytest.raises(CannotOpen):
        _ = found.opening


def test_viewer_of_the_ehr_whose_number_is_missing_gives_way_to_one_whose_number_is_there() -> None:
    found = for_patient(block("iid", address=IID, patient_system="urn:oid:9.9"), STONE)

    assert found
    assert found.viewer.name == "stone"


def test_all_images_are_not_on_offer_where_no_viewer_takes_patients() -> None:
    assert for_patient(ONLY_STUDIES, block("iid", address=IID, requests=["STUDY"])) is None


def test_viewer_that_was_chosen_by_hand_for_all_images_is_not_replaced_by_another() -> None:
    found = for_patient(ONLY_STUDIES, STONE, by_hand="ohif")

    assert found
    assert (found.viewer.name, found.obstacle) == ("ohif", "The viewer cannot be asked for all images of a patient.")


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ({}, "&lowerDateTime=2025-11-28T00:00:00&modalitiesInStudy=CR,DX"),
        ({"date_range": "omit"}, "&modalitiesInStudy=CR,DX"),
    ],
)
def test_limits_are_asked_for_only_where_the_viewer_has_a_word_for_them(keys: dict[str, Any], asked: str) -> None:
    viewer = configured(block("iid", address=IID, viewer_type="", **keys)).viewers[0]
    taken = as_taken(Wanted(patient=ADA, earliest=SINCE, modalities=("CR", "DX")), viewer)

    assert opening(taken, viewer).url.endswith(f"ISO{asked}")
    assert (taken.earliest is None) is bool(keys)


def test_viewer_that_knows_no_limits_is_asked_for_all_images() -> None:
    stone = configured(STONE).viewers[0]

    assert as_taken(Wanted(patient=ADA, earliest=SINCE, modalities=("CT",)), stone) == Wanted(patient=ADA)
    wished = Wanted(patient=ADA, key_images_only=True, diagnostic_quality=True)
    assert as_taken(wished, stone) == Wanted(patient=ADA)


def test_fifty_studies_are_one_opening_and_fifty_one_are_refused_in_words() -> None:
    studies = tuple(Study("North", uid=f"1.2.{number}") for number in range(51))

    assert opening(Wanted(studies[:50]), VIEWER).url.count(",") == 49
    with pytest.raises(CannotOpen) as refusal:
        opening(Wanted(studies), VIEWER)
    assert refusal.value.sentence == "These are 51 studies. At most 50 can be opened at once."


OHIF = block("ohif", address="https://ohif.hospital.example")
BOTH_NUMBERS = block("template", address="https://both.example/{study_uid}?accession={accession}")


@pytest.mark.parametrize(
    "settings",
    [
        hospital(),
        hospital(rule(viewer="slim", modality=["SM"]), rule(viewer="ohif")),
        configured(block("iid", address=IID)),
        configured(block("iid", address=IID, study_key="accession")),
        configured(block("iid", address=IID, study_key="accession"), OHIF),
        configured(OHIF, BOTH_NUMBERS),
        configured(OHIF, BOTH_NUMBERS, block("iid", address=IID), rule(viewer="template")),
    ],
    ids=["three", "by rules", "one", "one by number", "own by number", "one of two", "two of three"],
)
@pytest.mark.parametrize(
    "study",
    [
        CT,
        SLIDE,
        BY_NUMBER,
        Study("North", uid="1.2.3", accession="A1"),
        Study("North", uid="1.2.3", addresses=(Endpoint("https://ohif.hospital.example", Leads.TO_A_VIEWER),)),
        Study("North", uid="1.2.3", status=Status.REGISTERED),
        Study("North", uid="1.2.3", contested=True),
        Study("North", uid="1.2.3", modalities=("SR",), instance_count=1, objects=(("SR", 1),)),
        Study("North", uid="1.2.3", availability="UNAVAILABLE"),
        Study("North"),
    ],
    ids=lambda study: f"{study.uid} {study.accession} {study.status or study.availability or study.modalities}",
)
def test_row_says_of_a_study_what_its_page_would(settings: Settings, study: Study) -> None:
    ehr = settings.ehrs[0]
    choice = choose(Situation(study, ehr, study.addresses, ADA), settings)

    assert glances(ehr, ADA, settings)(study) == (choice.obstacle, choice.has_others)
