"""DICOM modality codes (PS3.3 section C.7.3.1.1.1) in the words that clinicians use."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from sightline.phrase import Phrase, counted

WORDS = {
    "CR": Phrase("X-ray"),
    "DX": Phrase("X-ray"),
    "RG": Phrase("X-ray"),
    "CT": Phrase("CT"),
    "MR": Phrase("MRI"),
    "US": Phrase("Ultrasound"),
    "IVUS": Phrase("Ultrasound"),
    "ECHO": Phrase("Ultrasound"),
    "MG": Phrase("Mammogram"),
    "NM": Phrase("Nuclear medicine"),
    "PT": Phrase("PET"),
    "XA": Phrase("Angiogram"),
    "RF": Phrase("Fluoroscopy"),
    "XC": Phrase("Photo"),
    "ES": Phrase("Endoscopy"),
    "OP": Phrase("Eye photo"),
    "OPT": Phrase("Eye scan"),
    "SM": Phrase("Pathology slide"),
    "GM": Phrase("Microscopy"),
    "BMD": Phrase("Bone density"),
    "IO": Phrase("Dental X-ray"),
    "PX": Phrase("Dental X-ray"),
    "ECG": Phrase("ECG"),
    "DOC": Phrase("Document"),
    "OT": Phrase("Other"),
}

# Objects that travel with a study but are no pictures of the patient: one of them, and so many.
OBJECTS: dict[str, tuple[Phrase, Callable[[int], Phrase]]] = {
    "KO": (
        Phrase("Key-image note"),
        lambda number: counted("%(number)s key-image note", "%(number)s key-image notes", number),
    ),
    "SR": (
        Phrase("Report object"),
        lambda number: counted("%(number)s report object", "%(number)s report objects", number),
    ),
    "PR": (
        Phrase("Saved view"),
        lambda number: counted("%(number)s saved view", "%(number)s saved views", number),
    ),
    "SEG": (
        Phrase("Segmentation"),
        lambda number: counted("%(number)s segmentation", "%(number)s segmentations", number),
    ),
    "RTSTRUCT": (
        Phrase("Contour set"),
        lambda number: counted("%(number)s contour set", "%(number)s contour sets", number),
    ),
    "RTPLAN": (
        Phrase("Treatment plan"),
        lambda number: counted("%(number)s treatment plan", "%(number)s treatment plans", number),
    ),
    "RTDOSE": (
        Phrase("Dose map"),
        lambda number: counted("%(number)s dose map", "%(number)s dose maps", number),
    ),
    "RTRECORD": (
        Phrase("Treatment record"),
        lambda number: counted("%(number)s treatment record", "%(number)s treatment records", number),
    ),
    "AU": (
        Phrase("Voice recording"),
        lambda number: counted("%(number)s voice recording", "%(number)s voice recordings", number),
    ),
}
NOT_IMAGES = frozenset({*OBJECTS, "REG", "FID", "RWV", "ASMT"})

# Pictures of the body as the eye sees it: nobody who stands beside the screen should see them unasked.
PHOTOS = frozenset({"XC", "DMS", "ES"})

_NAMES = WORDS | {code: name for code, (name, _) in OBJECTS.items()}
_PHRASES: dict[str, Phrase] = {str(word): word for word in _NAMES.values()}
_CODES: dict[str, tuple[str, ...]] = {
    name: tuple(code for code, said in _NAMES.items() if said == name) for name in _PHRASES
}
_CODE = re.compile(r"[A-Z0-9_]{1,16}", re.ASCII)


@lru_cache(512)
def words(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The plain words for a study's modality codes, each once, in their order; an unknown code stays as it is."""
    pictures = [code for code in codes if code not in NOT_IMAGES] or list(codes)
    return tuple(dict.fromkeys(_NAMES.get(code, code) for code in pictures))


def objects_in_words(objects: Iterable[tuple[str, int]]) -> tuple[Phrase, ...]:
    """`2 key-image notes`, `1 report object`: so many of each of these codes, in one order whatever theirs is."""
    numbers: dict[str, int] = {}
    for code, number in objects:
        kind = code if code in OBJECTS else ""
        numbers[kind] = numbers.get(kind, 0) + number
    said = tuple(say(numbers[code]) for code, (_, say) in OBJECTS.items() if code in numbers)
    return said + ((_others(numbers[""]),) if "" in numbers else ())


def _others(number: int) -> Phrase:
    return counted("%(number)s object without a picture", "%(number)s objects without a picture", number)


def may_be_photos(codes: tuple[str, ...]) -> bool:
    """Whether there may be photos of the patient among objects of these modalities."""
    return not PHOTOS.isdisjoint(codes)


def phrase(words: str) -> str:
    """The type of these English words as a phrase; what is no type stays as it is."""
    return _PHRASES.get(words, words)


def codes(words: str) -> tuple[str, ...]:
    """The codes of a type in plain words, as `words` gives them; none for what is neither a type nor a code."""
    return _CODES.get(words) or ((words,) if _CODE.fullmatch(words) else ())
