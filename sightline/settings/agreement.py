"""What settings must agree on with each other and with this machine: names of their own, keys that fit each other,
viewers and certificates that exist.
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sightline.settings.addresses import origin_of
from sightline.settings.mistakes import Wrong, nearest
from sightline.settings.template_address import is_of_a_program, variables
from sightline.settings.toml_lines import KeyPath
from sightline.settings.toml_tables import TomlFile
from sightline.settings.viewer_kinds import FRAMED

Blocks = list[dict[str, Any]]

_CA_FILE = "the path of a file with certificates of authorities in PEM, each between BEGIN and END CERTIFICATE"


def refuse_twins(file: TomlFile, blocks: Blocks, table: str, key: str) -> None:
    """Two blocks of a kind must differ in `key`. A slash at the end is no difference, as in `Settings.ehr_by_iss`."""
    first: dict[str, int] = {}
    for nth, block in enumerate(blocks):
        if key in block:
            twin = first.setdefault(block[key].removesuffix("/"), nth)
            if twin != nth:
                line = file.line((table, twin, key))
                instead = f"another {key} for each [[{table}]]"
                file.mistake((table, nth, key), f"{key} is the same as in line {line}", instead)


def refuse_wrong_clients(file: TomlFile, ehrs: Blocks) -> None:
    """HTTP Basic ends the name at its first colon (RFC 7617 section 2)."""
    for nth, ehr in enumerate(ehrs):
        if ehr.get("client_authentication") == "client_secret_basic" and ":" in ehr.get("client_id", ""):
            what = "client_id has a colon, which client_secret_basic cannot carry"
            file.mistake(("ehr", nth, "client_id"), what, "private_key_jwt, or another client id")


def refuse_idle_invocations(file: TomlFile, ehrs: Blocks) -> None:
    """What is set for an EHR that invokes images, and that does not, was meant to do something."""
    for nth, ehr in enumerate(ehrs):
        for key in ("invoke_lenient", "invoke_authorities"):
            if ehr.get(key) and ehr.get("invoke_image_display") is False:
                what = f"{key} is set, but invoke_image_display is not true"
                file.mistake(("ehr", nth, key), what, "invoke_image_display = true as well, or neither")


def refuse_disagreeing_viewers(file: TomlFile, viewers: Blocks) -> None:
    """The keys of one viewer must agree, as its kind wants it; keys that are mistakes of their own are not compared."""
    for nth, viewer in enumerate(viewers):
        for kind, keys, agree in _AGREEMENTS:
            if viewer.get("kind") == kind and viewer.keys() >= {*keys}:
                try:
                    agree(viewer)
                except Wrong as wrong:
                    file.mistake(("viewer", nth, keys[0]), f"{keys[0]} {wrong.what}", wrong.instead)


def refuse_viewers_on_our_origin(file: TomlFile, viewers: Blocks, public_url: str) -> None:
    """A framed viewer on Sightline's own origin could read its pages and press their buttons, sandboxed or not."""
    for nth, viewer in enumerate(viewers):
        own = public_url and origin_of(viewer.get("address", "")) == origin_of(public_url)
        if own and viewer.get("open") in FRAMED:
            what = "address is on the origin of public_url, where what is framed can read Sightline's pages"
            file.mistake(("viewer", nth, "address"), what, "a host name of the viewer's own")


def _opened_by_its_scheme(viewer: dict[str, Any]) -> None:
    if is_of_a_program(viewer["address"]) != (viewer["open"] == "program"):
        what = "is not for an address of this scheme"
        raise Wrong(what, '"program" for a program\'s own scheme, any other way for the web')


def _whose_number(viewer: dict[str, Any]) -> None:
    if "patient_id" in variables(viewer["address"]) and not viewer["patient_system"]:
        raise Wrong(
            "is empty, but the address has {patient_id}", "the FHIR system of the numbers that this viewer knows"
        )


def _whose_plain_number(viewer: dict[str, Any]) -> None:
    if viewer["patient_id_form"] == "plain" and "PATIENT" in viewer["requests"] and not viewer["patient_system"]:
        instead = 'the FHIR system of the numbers that this viewer knows, or requests = ["STUDY"]'
        raise Wrong("is empty, but patients are named by a plain number", instead)


def _one_source(viewer: dict[str, Any]) -> None:
    if bool(viewer["dicomweb"]) == bool(viewer["manifest"]):
        raise Wrong("and manifest are both set, or neither is", "an address for one of the two")


def _named_once(viewer: dict[str, Any]) -> None:
    named = [name for name, _ in viewer.get("parameters", ())] + [
        name for name, _ in parse_qsl(urlsplit(viewer["address"]).query, keep_blank_values=True)
    ]
    if viewer["proof"] in named:
        raise Wrong("has a name that the address has already", "a parameter of its own")


def _no_proof_for_a_program(viewer: dict[str, Any]) -> None:
    if viewer["open"] == "program" and viewer["proof"]:
        raise Wrong("is not for a program, whose command line others can read", "no such line")


def _no_form_for_a_program(viewer: dict[str, Any]) -> None:
    if viewer["open"] == "program" and viewer["method"] == "post":
        raise Wrong("is post, and no form reaches a program", '"get", or no such line')


_AGREEMENTS: tuple[tuple[str, tuple[str, ...], Callable[[dict[str, Any]], None]], ...] = (
    ("template", ("open", "address"), _opened_by_its_scheme),
    ("template", ("patient_system", "address"), _whose_number),
    ("template", ("proof", "open"), _no_proof_for_a_program),
    ("template", ("method", "open"), _no_form_for_a_program),
    ("template", ("proof", "address"), _named_once),
    ("iid", ("proof", "address", "parameters"), _named_once),
    ("iid", ("patient_system", "patient_id_form", "requests"), _whose_plain_number),
    ("weasis", ("dicomweb", "manifest"), _one_source),
)


def settle_viewers(file: TomlFile, ehrs: Blocks, viewers: Blocks) -> None:
    """Gives each EHR that names no viewer the first one, and refuses a name that no viewer has."""
    names = [viewer["name"] for viewer in viewers if "name" in viewer]
    for nth, ehr in enumerate(ehrs):
        wanted = ehr.get("viewer")
        if wanted and names and wanted not in names:
            file.mistake(("ehr", nth, "viewer"), f"viewer names no [[viewer]]: {wanted!r}", nearest(wanted, names))
        elif wanted == "" and names:
            ehr["viewer"] = names[0]


def settle_authorities(file: TomlFile, outbound: dict[str, Any], folder: Path) -> None:
    """Makes a path of `ca_file`, from the settings' folder, and refuses a file without readable certificates."""
    if not outbound.get("ca_file"):
        outbound["ca_file"] = None
        return
    outbound["ca_file"] = ca_file = folder / outbound["ca_file"]
    try:
        ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; ValueError: a null character in the name
        what = f"ca_file is no file with certificates that can be read: {type(error).__name__}"
        file.mistake(("outbound", "ca_file"), what, _CA_FILE)


def refuse_rules_of_nothing(file: TomlFile, rules: Blocks, ehrs: Blocks, viewers: Blocks) -> None:
    """A rule names a viewer and EHRs that exist."""
    for nth, rule in enumerate(rules):
        _refuse_unknown(file, ("rule", nth, "viewer"), rule.get("viewer", ""), "viewer", viewers)
        for item, name in enumerate(rule.get("ehr", ())):
            _refuse_unknown(file, ("rule", nth, "ehr", item), name, "ehr", ehrs)


def _refuse_unknown(file: TomlFile, path: KeyPath, name: str, table: str, blocks: Blocks) -> None:
    names = [block["name"] for block in blocks if "name" in block]
    if name and names and name not in names:
        file.mistake(path, f"{table} names no [[{table}]]: {name!r}", nearest(name, names))


def settle_files(file: TomlFile, syslog: dict[str, Any], folder: Path) -> None:
    """Makes each file's name a path, a relative one from `folder` on; None where empty. Refuses one that is no file."""
    certificate, key = syslog.get("certificate_file"), syslog.get("key_file")
    if bool(certificate) != bool(key):
        named, missing = ("certificate_file", "key_file") if certificate else ("key_file", "certificate_file")
        file.mistake(("audit_syslog", named), f"{named} stands without {missing}", "both, or neither")
    syslog["server"] = syslog.get("server") or None
    for name in ("ca_file", "certificate_file", "key_file"):
        given = syslog.get(name)
        syslog[name] = folder / given if given else None
        if given and not (folder / given).is_file():
            file.mistake(("audit_syslog", name), f"{name} names no file: {given!r}", "the path of a PEM file")
