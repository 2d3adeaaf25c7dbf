"""The DICOM JSON model (PS3.18 annex F): a file's header as a dictionary, and reading single values out of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID

Header = dict[str, dict[str, Any]]
"""Tag in eight hexadecimal digits -> {"vr": …, "Value": […]}."""

INLINE_BYTES = 1024


def tag(keyword: str) -> str:
    """The tag of a keyword in eight upper-case hexadecimal digits; KeyError where PS3.6 has no such keyword."""
    number = tag_for_keyword(keyword)
    if number is None:
        raise KeyError(keyword)
    return f"{number:08X}"


def header(dataset: Dataset) -> Header:
    """The dataset as DICOM JSON: text in UTF-8 (so ISO_IR 192), pixel data and other bulk as relative BulkDataURIs."""
    for keyword in ("PixelData", "SpecificCharacterSet"):
        dataset.pop(keyword, None)
    found: Header = dataset.to_json_dict(INLINE_BYTES, _bulk_uri)
    for element in found.values():
        _mend(element)
    found[tag("SpecificCharacterSet")] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    found[tag("PixelData")] = {"vr": "OW", "BulkDataURI": f"bulkdata/{tag('PixelData')}"}
    return dict(sorted(found.items()))


def decoded(found: Header, transfer_syntax: UID) -> Header:
    """The header as it is true for the frames this archive gives out: decompressed, YBR turned into RGB."""
    photometric = value(found, "PhotometricInterpretation")
    if transfer_syntax.is_compressed and str(photometric).startswith("YBR"):
        found = {
            **found,
            tag("PhotometricInterpretation"): {"vr": "CS", "Value": ["RGB"]},
            tag("PlanarConfiguration"): {"vr": "US", "Value": [0]},
        }
    return {**found, tag("AvailableTransferSyntaxUID"): {"vr": "UI", "Value": [str(transfer_syntax)]}}


def values(found: Mapping[str, Mapping[str, Any]], keyword: str) -> list[Any]:
    """All values of an attribute, persons as their alphabetic text; empty where it is absent or empty."""
    listed = found.get(tag(keyword), {}).get("Value", [])
    return [item.get("Alphabetic", "") if isinstance(item, dict) and "Alphabetic" in item else item for item in listed]


def value(found: Mapping[str, Mapping[str, Any]], keyword: str, absent: Any = "") -> Any:
    """The first value of an attribute, or `absent`."""
    listed = [item for item in values(found, keyword) if item is not None]
    return listed[0] if listed else absent


def made(vr: str, items: Iterable[Any]) -> dict[str, Any]:
    """One element of the model; without values it has no `Value` (PS3.18 F.2.5)."""
    listed = list(items)
    return {"vr": vr, "Value": listed} if listed else {"vr": vr}


def _bulk_uri(element: DataElement) -> str:
    return f"bulkdata/{element.tag:08X}"


def _mend(element: dict[str, Any]) -> None:
    """pydicom writes an empty name as {"Alphabetic": ""}, an empty item of several as ""; PS3.18 F.2.5 wants null."""
    listed = element.get("Value")
    if listed is None:
        return
    if element["vr"] == "SQ":
        for item in listed:
            for inner in item.values():
                _mend(inner)
        return
    mended = [None if item in ("", {}, {"Alphabetic": ""}) else item for item in listed]
    if any(item is not None for item in mended):
        element["Value"] = mended
    else:
        del element["Value"]
