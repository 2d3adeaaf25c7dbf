"""Settings of viewers and rules: each kind has keys of its own, and every mistake in them is told in its line."""

from typing import Any

import pytest

from sightline.auth.client_keys import jwks_with_new_key
from sightline.settings import VIEWER_KINDS, Mistake, RuleSettings, SettingsError
from sightline.settings.template_address import VARIABLES
from sightline.settings.viewer_options import IidOptions, NoOptions, OhifOptions, WeasisOptions
from tests.configured import block, configured, rule, viewer

IID = "https://pacs.hospital.example/IHEInvokeImageDisplay"
WEB = "https://viewer.hospital.example"
DISPLAY = block("iid", address=IID)


def mistakes(*blocks: str) -> tuple[Mistake, ...]:
    with pytest.raises(SettingsError) as caught:
        configured(*blocks)
    return caught.value.mistakes


def only_mistake(*blocks: str) -> Mistake:
    found = mistakes(*blocks)
    assert len(found) == 1, [str(mistake) for mistake in found]
    return found[0]


def test_every_value_of_an_image_display_arrives() -> None:
    found = viewer(
        "iid",
        address=IID,
        requests=["STUDY"],
        viewer_type="X",
        diagnostic_quality=True,
        passes_on=["key_images_only"],
        study_key="accession",
        list_separator="repeat",
        patient_system="urn:oid:1.2.3",
        patient_id_form="cx-namespace",
        namespaces={"urn:oid:1.2.3": "NORTH", "http://south": "SOUTH"},
        patient_facts=["name", "birth_date"],
        date_range="inverted",
        parameters={"archive": "main", "custodianOID": "1.2"},
    )

    assert found.options == IidOptions(
        requests=frozenset({"STUDY"}),
        viewer_type="X",
        diagnostic_quality=True,
        passes_on=frozenset({"key_images_only"}),
        study_key="accession",
        list_separator="repeat",
        patient_system="urn:oid:1.2.3",
        patient_id_form="cx-namespace",
        namespaces=(("urn:oid:1.2.3", "NORTH"), ("http://south", "SOUTH")),
        patient_facts=frozenset({"name", "birth_date"}),
        date_range="inverted",
        parameters=(("archive", "main"), ("custodianOID", "1.2")),
    )


def test_kind_has_its_own_values_and_no_others() -> None:
    assert viewer("slim", address=WEB).options == NoOptions()
    assert viewer("ohif", address=WEB).options == OhifOptions(mode="viewer", data_source="", hanging_protocol="")
    assert viewer("weasis", dicomweb=WEB).options == WeasisOptions(
        dicomweb=WEB, manifest="", close_others=True, patient_system=""
    )


def test_program_has_no_address_and_no_origin() -> None:
    found = viewer("radiant", ae_title="ARCHIVE")

    assert (found.open, found.address, found.origin) == ("program", "", "")


def test_frame_of_a_viewer_may_be_led_to_other_origins_and_its_page_may_say_when_it_is_ready() -> None:
    found = viewer("ohif", address=WEB, frame_origins=["https://login.hospital.example"], ready_message="ready")

    assert (found.frame_origins, found.ready_message) == (("https://login.hospital.example",), '"ready"')
    fields = viewer("ohif", address=WEB, ready_message={"type": "ready", "from": "“viewer”"})
    assert fields.ready_message == '{"type": "ready", "from": "“viewer”"}'
    silent = viewer("ohif", address=WEB)
    assert (silent.frame_origins, silent.ready_message) == ((), "")


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("frame_origins", ["https://login.hospital.example/path"], "item 1 of frame_origins is more than an origin"),
        ("frame_origins", ["http://login.hospital.example"], "item 1 of frame_origins is not https"),
        ("ready_message", {}, "ready_message is empty"),
        ("ready_message", 5, "ready_message is not text"),
        ("ready_message", {"type": ""}, "ready_message has 'type', which is empty"),
    ],
)
def test_mistake_in_what_a_frame_may_do_is_told_in_its_line(key: str, value: object, what: str) -> None:
    assert only_mistake(block("ohif", address=WEB, **{key: value})).what == what


def test_viewer_is_asked_by_get_in_a_sandboxed_frame_without_a_proof_unless_its_block_says_otherwise() -> None:
    found = viewer("iid", address=IID)

    assert (found.open, found.may_be_framed, found.method, found.sandbox, found.proof) == (
        "auto",
        True,
        "get",
        True,
        "",
    )
    assert viewer("iid", address=IID, method="post", sandbox=False).method == "post"
    assert not viewer("iid", address=IID, sandbox=False).sandbox
    assert not viewer("iid", address=IID, open="tab").may_be_framed
    split = viewer("iid", address=IID, open="split")
    assert (split.may_be_framed, split.gives_way) == (True, True)


def test_proof_is_made_out_to_the_viewers_origin_or_to_whom_the_block_says() -> None:
    keys = jwks_with_new_key("ES256")
    plain, named = (
        configured(block("ohif", address=f"{WEB}/app", proof="token", **audience), client_keys=keys).viewers[0]
        for audience in ({}, {"proof_audience": "ohif", "proof_patient_system": "urn:oid:1.2.3"})
    )

    assert (plain.proof, plain.proof_audience, plain.proof_patient_system) == ("token", WEB, "")
    assert (named.proof_audience, named.proof_patient_system) == ("ohif", "urn:oid:1.2.3")


@pytest.mark.parametrize(
    ("keys", "what"),
    [("", "SIGHTLINE_CLIENT_KEYS is not set"), ("ES384", "SIGHTLINE_CLIENT_KEYS has no key for ES256")],
)
def test_proof_without_a_key_that_signs_it_is_a_mistake_in_its_line(keys: str, what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        configured(block("ohif", address=WEB, proof="token"), client_keys=keys and jwks_with_new_key(keys))

    (mistake,) = caught.value.mistakes
    assert (mistake.what, mistake.source) == (what, 'proof = "token"')
    assert "new-client-key ES256" in mistake.instead


@pytest.mark.parametrize(
    ("kind", "keys", "what"),
    [
        ("iid", {"address": IID, "proof": "studyUID"}, "proof is a parameter of RAD-106 itself: 'studyUID'"),
        ("iid", {"address": IID, "proof": "a b"}, "proof is no name of a parameter"),
        (
            "iid",
            {"address": IID, "proof": "archive", "parameters": {"archive": "main"}},
            "proof has a name that the address has already",
        ),
        (
            "template",
            {"address": f"{WEB}/?token=&s={{study_uid}}", "proof": "token"},
            "proof has a name that the address has already",
        ),
        (
            "template",
            {"address": "slicer://viewer/?s={study_uid}", "open": "program", "proof": "token"},
            "proof is not for a program, whose command line others can read",
        ),
        (
            "template",
            {"address": "slicer://viewer/?s={study_uid}", "open": "program", "method": "post"},
            "method is post, and no form reaches a program",
        ),
        ("iid", {"address": IID, "method": "put"}, "method is not known: 'put'"),
        ("iid", {"address": IID, "sandbox": "no"}, "sandbox is neither true nor false"),
    ],
)
def test_wrong_way_into_a_viewer_is_told_in_its_line(kind: str, keys: dict[str, Any], what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        configured(block(kind, **keys), client_keys=jwks_with_new_key("ES256"))

    assert [mistake.what for mistake in caught.value.mistakes] == [what]


@pytest.mark.parametrize("key", ["proof", "proof_audience", "proof_patient_system", "method"])
def test_program_is_shown_no_proof_and_sent_no_form(key: str) -> None:
    mistake = only_mistake(block("radiant", ae_title="ARCHIVE", **{key: "x"}))

    assert mistake.what == f'{key} does not belong in [[viewer]] of kind = "radiant"'


@pytest.mark.parametrize("kind", ["ohif", "stone", "meddream", "slim", "volview", "oe2"])
def test_page_that_reads_its_own_address_is_sent_no_form(kind: str) -> None:
    mistake = only_mistake(block(kind, **REQUIRED.get(kind, {"address": WEB}), method="post"))

    assert mistake.what == f'method does not belong in [[viewer]] of kind = "{kind}"'


def test_no_block_gives_the_ehrs_token_to_a_viewer() -> None:
    mistake = only_mistake(block("ohif", address=WEB, give_ehr_token_to_viewer="yes"))

    assert mistake.what == "there is no key 'give_ehr_token_to_viewer' in [[viewer]] of kind = \"ohif\""


def test_program_has_no_frame_to_be_led_anywhere() -> None:
    assert only_mistake(block("radiant", ae_title="ARCHIVE", ready_message="ready")).what.startswith("ready_message")


REQUIRED: dict[str, dict[str, Any]] = {
    "iid": {"address": IID},
    "weasis": {"dicomweb": WEB},
    "volview": {"address": WEB, "dicomweb": WEB},
    "radiant": {"ae_title": "ARCHIVE"},
    "horos": {"server": "Archive"},
    "template": {"address": f"{WEB}/{{study_uid}}"},
}


@pytest.mark.parametrize("kind", VIEWER_KINDS)
def test_kind_loads_with_its_required_keys_alone(kind: str) -> None:
    assert viewer(kind, **REQUIRED.get(kind, {"address": WEB})).kind == kind


@pytest.mark.parametrize("kind", ["weasis", "radiant", "horos"])
@pytest.mark.parametrize("way", ["frame", "split", "tab", "window"])
def test_program_on_the_users_computer_is_never_framed(kind: str, way: str) -> None:
    mistake = only_mistake(block(kind, **REQUIRED[kind], open=way))

    assert mistake.what == "open is not for a program on the user's own computer"
    assert '"program"' in mistake.instead


@pytest.mark.parametrize("way", ["auto", "frame", "split"])
@pytest.mark.parametrize("origin", ["https://sightline.hospital.example", "https://sightline.hospital.example:443"])
def test_framed_viewer_is_not_on_sightlines_own_origin(origin: str, way: str) -> None:
    mistake = only_mistake(block("ohif", address=f"{origin}/ohif", open=way))

    assert mistake.source == f'address = "{origin}/ohif"'
    assert "origin of public_url" in mistake.what
    assert mistake.instead == "a host name of the viewer's own"
    assert viewer("ohif", address=f"{origin}/ohif", open="tab").origin
    assert viewer("ohif", address="https://sightline.hospital.example:8443/ohif", open="frame").origin


@pytest.mark.parametrize("kind", ["iid", "ohif", "stone", "meddream", "slim", "volview", "oe2"])
def test_viewer_on_the_web_is_no_program(kind: str) -> None:
    mistake = only_mistake(block(kind, **REQUIRED.get(kind, {"address": WEB}), open="program"))

    assert mistake.what == "open is not known: 'program'"


@pytest.mark.parametrize(
    ("kind", "key", "instead"),
    [
        ("iid", "mode", 'mode in [[viewer]] of kind = "ohif"'),
        ("ohif", "viewer_type", 'viewer_type in [[viewer]] of kind = "iid"'),
        ("radiant", "ae_titel", "ae_title"),
        ("meddream", "client_id", "client_id in [[ehr]]"),
    ],
)
def test_key_of_another_kind_is_refused_in_its_line(kind: str, key: str, instead: str) -> None:
    text = block(kind, **REQUIRED.get(kind, {"address": WEB}), **{key: "x"})

    mistake = only_mistake(text)

    assert mistake.source == f'{key} = "x"'
    assert f'in [[viewer]] of kind = "{kind}"' in mistake.what
    assert instead in mistake.instead


def test_unknown_kind_is_one_mistake_whatever_stands_beside_it() -> None:
    mistake = only_mistake(block("paper", address=WEB, drawer=3))

    assert mistake.what == "kind is not known: 'paper'"


@pytest.mark.parametrize(
    ("key", "value", "what", "instead"),
    [
        ("requests", [], "requests is empty", "at least one"),
        ("requests", ["study"], "item 1 of requests is not known: 'study'", "STUDY or PATIENT"),
        ("list_separator", ";", "list_separator is not known", "comma or semicolon"),
        ("study_key", "uuid", "study_key is not known", "uid"),
        ("patient_facts", ["sex"], "item 1 of patient_facts is not known", "name or birth_date"),
        ("namespaces", "NORTH", "namespaces is not a table in braces", '"name" = "value"'),
        ("namespaces", {"urn:oid:1": "A&B"}, "namespaces has 'urn:oid:1', which has a sign of HL7's own", "plain name"),
        ("parameters", {"studyuid": "1"}, "which is a parameter of RAD-106 itself", "the key of this block"),
        ("parameters", {"a b": "1"}, "which is no name of a parameter", "letters"),
        ("parameters", {"archive": ""}, "parameters has 'archive', which is empty", "at least one letter"),
    ],
)
def test_wrong_switch_of_an_image_display_is_refused(key: str, value: Any, what: str, instead: str) -> None:
    mistake = only_mistake(block("iid", address=IID, **{key: value}))

    assert what in mistake.what
    assert instead in mistake.instead
    assert mistake.source.startswith(f"{key} = ")


@pytest.mark.parametrize("both", [{"dicomweb": WEB, "manifest": WEB}, {"dicomweb": "", "manifest": ""}])
def test_weasis_gets_its_images_from_one_place(both: dict[str, str]) -> None:
    assert "are both set, or neither is" in only_mistake(block("weasis", **both)).what


@pytest.mark.parametrize(
    ("address", "what", "instead"),
    [
        (f"{WEB}/{{study_id}}", "has a variable that is not known: {study_id}", "{study_uid}"),
        (f"{WEB}/{{}}", "has a variable that is not known: {}", "{"),
        (f"{WEB}/open", "has no variable", "{study_uid}"),
        ("https://{study_uid}.example/", "has a variable in its host", "behind the first /"),
        ("https://viewer{accession}/", "has a variable in its host", "behind the first /"),
        ("https://{accession}@viewer.example/", "names a user", "without what stands before"),
        ("https://viewer.example:{accession}/", "is not a URL", "https://host"),
        ("{study_uid}://viewer.example", "is not a URL of http or https", "https://host"),
        ("http://viewer.example/{study_uid}", "is not https", "plain http only on localhost"),
        (f"{WEB}/{{study_uid", "has no variable", "{study_uid}"),
        (f"{WEB}/{{study_uid}}/{{", "holds a sign that no URL has", "address line"),
        (f"{WEB}/#{{study_uid}}", "has a fragment", "up to the #"),
        ("javascript:alert({study_uid})", "is not a URL of http or https", "https://host"),
        ("javascript://%0aalert({study_uid})", "is not a URL of http or https", "https://host"),
        ("data://text/html,{study_uid}", "is not a URL of http or https", "https://host"),
        ("slicer:viewer?{study_uid}", "is not a URL of http or https", "https://host"),
        ('slicer://viewer/"{study_uid}"', "is no address of a program", "scheme://"),
        ("slicer{study_uid}://viewer/", "is not a URL of http or https", "https://host"),
    ],
)
def test_template_that_could_lead_elsewhere_is_refused_in_its_line(address: str, what: str, instead: str) -> None:
    found = mistakes(block("template", address=address))

    assert any(what in mistake.what and instead in mistake.instead for mistake in found), found
    assert all(mistake.source.startswith("address = ") for mistake in found)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_of_a_template_is_taken(variable: str) -> None:
    address = f"{WEB}/open?x={{{variable}}}"

    assert viewer("template", address=address, patient_system="urn:oid:1.2").address == address


@pytest.mark.parametrize(
    ("address", "way"), [("slicer://viewer/?studyUID={study_uid}", "frame"), (f"{WEB}/{{study_uid}}", "program")]
)
def test_template_of_a_program_is_opened_as_one_and_no_other_is(address: str, way: str) -> None:
    mistake = only_mistake(block("template", address=address, open=way))

    assert mistake.what == "open is not for an address of this scheme"


def test_template_with_a_patient_number_says_whose_number() -> None:
    mistake = only_mistake(block("template", address=f"{WEB}/{{patient_id}}"))

    assert mistake.what == "patient_system is empty, but the address has {patient_id}"


def test_display_that_knows_patients_by_a_plain_number_says_whose_number() -> None:
    address, form = "https://pacs.hospital.example/IHEInvokeImageDisplay", {"patient_id_form": "plain"}
    mistake = only_mistake(block("iid", address=address, **form))

    assert mistake.what == "patient_system is empty, but patients are named by a plain number"
    assert viewer("iid", address=address, **form, requests=["STUDY"])
    assert viewer("iid", address=address, **form, patient_system="urn:oid:1.2.3")


def test_every_value_of_a_rule_arrives_in_the_order_of_the_file() -> None:
    found = configured(
        DISPLAY,
        rule(viewer="iid", modality=["SM"], body_site=["liver"], ehr=["north-wing"]),
        rule(viewer="iid", archive=[f"{WEB}/rs"], organisation=["South"], availability=["ONLINE"]),
    )

    assert found.rules == (
        RuleSettings("iid", ("SM",), ("liver",), ("north-wing",), (), (), ()),
        RuleSettings("iid", (), (), (), (f"{WEB}/rs",), ("South",), ("ONLINE",)),
    )


@pytest.mark.parametrize(
    ("keys", "what", "instead"),
    [
        ({"viewer": "idd"}, "viewer names no [[viewer]]: 'idd'", "iid"),
        ({}, "viewer is missing in [[rule]]", "viewer = …"),
        ({"viewer": "iid", "ehr": ["north"]}, "ehr names no [[ehr]]: 'north'", "north-wing"),
        ({"viewer": "iid", "modality": ["ct"]}, "item 1 of modality is no DICOM modality", "CT or MR"),
        ({"viewer": "iid", "availability": ["online"]}, "item 1 of availability is not known", "ONLINE"),
        ({"viewer": "iid", "archive": ["pacs"]}, "item 1 of archive is not a URL", "https://host"),
        ({"viewer": "iid", "modalities": ["CT"]}, "there is no key 'modalities' in [[rule]]", "modality"),
    ],
)
def test_rule_that_could_not_be_followed_is_refused(keys: dict[str, Any], what: str, instead: str) -> None:
    mistake = only_mistake(DISPLAY, rule(**keys))

    assert what in mistake.what
    assert instead in mistake.instead
    assert mistake.line > 0
