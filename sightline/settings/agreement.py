"""What blocks of the settings must agree on: names of their own, addresses that fit the kind, viewers that exist."""

from pathlib import Path
from typing import Any

from sightline.settings.keys import VIEWER_KINDS
from sightline.settings.mistakes import Wrong, nearest
from sightline.settings.toml_tables import TomlFile

Blocks = list[dict[str, Any]]


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


def refuse_wrong_addresses(file: TomlFile, viewers: Blocks) -> None:
    """The address must be one that viewers of the kind have."""
    for nth, viewer in enumerate(viewers):
        if {"kind", "address"} <= viewer.keys():
            try:
                VIEWER_KINDS[viewer["kind"]](viewer["address"])
            except Wrong as wrong:
                file.mistake(("viewer", nth, "address"), f"address {wrong.what}", wrong.instead)


def settle_viewers(file: TomlFile, ehrs: Blocks, viewers: Blocks) -> None:
    """Gives each EHR that names no viewer the first one, and refuses a name that no viewer has."""
    names = [viewer["name"] for viewer in viewers if "name" in viewer]
    for nth, ehr in enumerate(ehrs):
        wanted = ehr.get("viewer")
        if wanted and names and wanted not in names:
            file.mistake(("ehr", nth, "viewer"), f"viewer names no [[viewer]]: {wanted!r}", nearest(wanted, names))
        elif wanted == "" and names:
            ehr["viewer"] = names[0]


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
