"""What an archive's block must say: the EHRs that it serves, how it lets us in, whose numbers it knows patients by."""

from typing import Any

from sightline.settings.mistakes import nearest
from sightline.settings.toml_tables import TomlFile

Blocks = list[dict[str, Any]]

# The limits that a block may set lower than [limits]; 0 leaves them as they are there.
OWN_LIMITS = ("answer_seconds", "list_seconds", "pages", "studies")

_OF_BACKEND = {
    "token_endpoint": "the address at which the archive's authorization server gives out tokens",
    "backend_client_id": "the client id that the archive's people gave to Sightline",
    "backend_scopes": "the scopes to ask for, such as the server's manual names",
}


def settle_archives(file: TomlFile, archives: Blocks, ehrs: Blocks, limits: dict[str, Any]) -> None:
    """Notes what does not go together or is missing; gives each archive its limits, and its second address."""
    for nth, archive in enumerate(archives):
        _refuse_unknown_ehrs(file, nth, archive, ehrs)
        _refuse_missing(file, nth, archive)
        _refuse_lent_tokens(file, nth, archive, ehrs)
        _refuse_namesakes(file, nth, archives, ehrs)
        _settle_limits(file, nth, archive, limits)
        if "address" in archive and "wado_address" in archive:
            archive["address"] = archive["address"].rstrip("/")
            archive["wado_address"] = archive["wado_address"].rstrip("/") or archive["address"]


def _refuse_unknown_ehrs(file: TomlFile, nth: int, archive: dict[str, Any], ehrs: Blocks) -> None:
    names = [ehr["name"] for ehr in ehrs if "name" in ehr]
    for item, name in enumerate(archive.get("ehrs", ())):
        if names and name not in names:
            path = ("archive", nth, "ehrs", item)
            file.mistake(path, f"ehrs names no [[ehr]]: {name!r}", nearest(name, names))


def _refuse_missing(file: TomlFile, nth: int, archive: dict[str, Any]) -> None:
    """A token endpoint and what belongs to it are needed for "backend", and mean nothing without it."""
    if "authorization" not in archive:
        return
    is_asked = archive["authorization"] == "backend"
    for key, instead in _OF_BACKEND.items():
        if is_asked and key in archive and not archive[key]:
            file.mistake(("archive", nth, "authorization"), f'authorization is "backend", but {key} is empty', instead)
        elif not is_asked and archive.get(key):
            what = f'{key} is set, but authorization is "{archive["authorization"]}"'
            file.mistake(("archive", nth, key), what, f'authorization = "backend", or no {key}')


def _refuse_lent_tokens(file: TomlFile, nth: int, archive: dict[str, Any], ehrs: Blocks) -> None:
    """One EHR's token is for one EHR's archive (SMART Imaging Access): it is lent to no archive that serves others."""
    if archive.get("authorization") != "smart" or "ehrs" not in archive:
        return
    if len(archive["ehrs"]) != 1:
        what = 'authorization is "smart", which lends the archive the token of one EHR, but ehrs names several'
        file.mistake(("archive", nth, "ehrs"), what, "the one EHR that the archive belongs to")
    launched = [ehr.get("name") for ehr in ehrs if ehr.get("authorization", "smart") == "smart"]
    for item, name in enumerate(archive["ehrs"]):
        if name not in launched and name in [ehr.get("name") for ehr in ehrs]:
            what = f'authorization is "smart", but charts of {name!r} have no token of a launch'
            file.mistake(("archive", nth, "ehrs", item), what, '"backend", "bearer", "basic" or "none"')


def _refuse_namesakes(file: TomlFile, nth: int, archives: Blocks, ehrs: Blocks) -> None:
    """Sources are told apart by their titles on the page."""
    title, served = archives[nth].get("title"), archives[nth].get("ehrs", ())
    before = [("archive", other, "title") for other in range(nth) if archives[other].get("title") == title]
    before += [("ehr", at, "title") for at, e in enumerate(ehrs) if e.get("title") == title and e.get("name") in served]
    if title and before:
        what = f"title is the same as in line {file.line(before[0])}, so that nobody could tell the two apart"
        file.mistake(("archive", nth, "title"), what, "another title")


def _settle_limits(file: TomlFile, nth: int, archive: dict[str, Any], limits: dict[str, Any]) -> None:
    for key in OWN_LIMITS:
        if key in archive and key in limits:
            if archive[key] > limits[key]:
                what = f"{key} is more than that of [limits], which holds for every source"
                file.mistake(("archive", nth, key), what, f"{limits[key]:g} at most, or 0 for the same")
            archive[key] = archive[key] or limits[key]
