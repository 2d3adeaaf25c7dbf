"""The kinds of viewer, as the settings know them: the keys that a [[viewer]] of each kind has, and nothing of how an
address is built. Every kind brings its own check of `address`, and the ways in which it can be opened (`open`).
"""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from sightline.settings import viewer_options as options
from sightline.settings.addresses import invoke_image_display, origin, web_address
from sightline.settings.checks import list_of, matching, not_empty, one_of, or_empty, pairs, set_of, text, truth
from sightline.settings.mistakes import Wrong
from sightline.settings.template_address import template_address
from sightline.settings.toml_tables import Key

RAD_106 = {
    "common": ("requestType", "viewerType", "diagnosticQuality", "keyImagesOnly"),
    "STUDY": ("studyUID", "accessionNumber"),
    "PATIENT": (
        "patientID", "patientName", "patientBirthDate", "lowerDateTime", "upperDateTime", "mostRecentResults",
        "modalitiesInStudy",
    ),
}  # fmt: skip
"""The parameters of IHE RAD-106 (4.106.4.1.2), by the request that has them."""

WISHES = ("key_images_only", "diagnostic_quality")
"""What an EHR's own Invoke Image Display request may wish for, beyond what it names."""

FRAMED = ("auto", "frame", "split")
"""The values of `open` with which a viewer stands in our frame."""


class ViewerKind(Struct, frozen=True):
    """A kind's keys, the class of the values they give, and the program that must be installed for it, if any."""

    keys: tuple[Key, ...]
    options: type = options.NoOptions
    program: str = ""


def program(value: Any) -> str:
    """The only way to open a program on the user's own computer: a browser cannot put it into a frame."""
    if value != "program":
        raise Wrong("is not for a program on the user's own computer", '"program", or no such line')
    return "program"


def own_parameter(value: Any) -> str:
    """The name of a query parameter that a site defines beside RAD-106's own."""
    name = matching(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", "is no name of a parameter", "letters, digits, _ . -")(value)
    if str(name).casefold() in {known.casefold() for names in RAD_106.values() for known in names}:
        raise Wrong(f"is a parameter of RAD-106 itself: {name!r}", "the key of this block that governs it")
    return str(name)


def posted_message(value: Any) -> str:
    """What a viewer's page posts (HTML, "Posting messages"), as JSON: a text, or fields that its object has."""
    if isinstance(value, dict):
        return json.dumps(dict(not_empty(pairs(text, text))(value)), ensure_ascii=False)
    return json.dumps(text(value), ensure_ascii=False)


_ADDRESS, _OPEN = Key("address", web_address), Key("open", one_of(*FRAMED, "tab", "window"), "auto")
_METHOD = Key("method", one_of("get", "post"), "get")
_FRAME = (
    Key("frame_origins", list_of(origin), []),
    Key("ready_message", or_empty(posted_message), ""),
    Key("sandbox", truth, True),
)
_PROOF = (
    Key("proof", or_empty(own_parameter), ""),
    Key("proof_audience", or_empty(text), ""),
    Key("proof_patient_system", or_empty(text), ""),
)
_ON_THE_WEB = (_OPEN, *_FRAME, *_PROOF)
_PROGRAM = Key("open", program, "program")
_PATIENT_SYSTEM = Key("patient_system", or_empty(text), "")
_SEGMENT = matching(r"[A-Za-z0-9_.-]{1,64}", "has other signs, or too many", "letters, digits, _ . -")
_AE_TITLE = matching(r"[A-Za-z0-9_.-]{1,16}", "is no AE title without spaces", "1 to 16 letters, digits, _ . -")
_NAMESPACE = matching(r"[^\^&~|\\]{1,64}", "has a sign of HL7's own", "a plain name of up to 64 signs")

_IID = (
    Key("address", invoke_image_display),
    *_ON_THE_WEB,
    _METHOD,
    Key("requests", not_empty(set_of(one_of("STUDY", "PATIENT"))), ["STUDY", "PATIENT"]),
    Key("viewer_type", or_empty(text), "IHE_BIR"),
    Key("diagnostic_quality", truth, False),
    Key("passes_on", set_of(one_of(*WISHES)), [*WISHES]),
    Key("study_key", one_of("uid", "accession", "both"), "uid"),
    Key("list_separator", one_of("comma", "semicolon", "repeat", "none"), "comma"),
    _PATIENT_SYSTEM,
    Key("patient_id_form", one_of("cx-universal", "cx-namespace", "plain"), "cx-universal"),
    Key("namespaces", pairs(text, _NAMESPACE), {}),
    Key("patient_facts", set_of(one_of("name", "birth_date")), []),
    Key("date_range", one_of("spec", "inverted", "omit"), "spec"),
    Key("parameters", pairs(own_parameter, text), {}),
)
_OHIF = (
    _ADDRESS,
    *_ON_THE_WEB,
    Key("mode", _SEGMENT, "viewer"),
    Key("data_source", or_empty(_SEGMENT), ""),
    Key("hanging_protocol", or_empty(text), ""),
)
_WEASIS = (
    _PROGRAM,
    Key("dicomweb", or_empty(web_address), ""),
    Key("manifest", or_empty(web_address), ""),
    Key("close_others", truth, True),
    _PATIENT_SYSTEM,
)
_OE2 = (
    _ADDRESS,
    *_ON_THE_WEB,
    Key("retrieve_from", or_empty(text), ""),
    Key("retrieve_viewer", _SEGMENT, "stone-viewer"),
)
_HOROS = (_PROGRAM, Key("scheme", one_of("horos", "osirix"), "horos"), Key("server", text))
_TEMPLATE = (
    Key("address", template_address),
    Key("open", one_of(*FRAMED, "tab", "window", "program"), "auto"),
    *_FRAME,
    *_PROOF,
    _METHOD,
    Key("program", or_empty(text), ""),
    _PATIENT_SYSTEM,
)

VIEWER_KINDS: Mapping[str, ViewerKind] = {
    "iid": ViewerKind(_IID, options.IidOptions),
    "ohif": ViewerKind(_OHIF, options.OhifOptions),
    "stone": ViewerKind((_ADDRESS, *_ON_THE_WEB, _PATIENT_SYSTEM), options.StoneOptions),
    "meddream": ViewerKind((_ADDRESS, *_ON_THE_WEB)),
    "weasis": ViewerKind(_WEASIS, options.WeasisOptions, program="Weasis"),
    "slim": ViewerKind((_ADDRESS, *_ON_THE_WEB)),
    "volview": ViewerKind((_ADDRESS, *_ON_THE_WEB, Key("dicomweb", web_address)), options.VolviewOptions),
    "oe2": ViewerKind(_OE2, options.Oe2Options),
    "radiant": ViewerKind((_PROGRAM, Key("ae_title", _AE_TITLE)), options.RadiantOptions, program="RadiAnt"),
    "horos": ViewerKind(_HOROS, options.HorosOptions, program="Horos or OsiriX"),
    "template": ViewerKind(_TEMPLATE, options.TemplateOptions),
}
