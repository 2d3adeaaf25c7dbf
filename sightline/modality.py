"""DICOM modality codes (PS3.3 section C.7.3.1.1.1) in the words that clinicians use."""

import re
from functools import lru_cache

from sightline.phrase import Phrase

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

# Objects that travel with a study but are not pictures of the patient.
NOT_IMAGES = frozenset(
    {"SR", "PR", "KO", "SEG", "REG", "AU", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "FID", "RWV", "ASMT"}
)

# Pictures of the body as the eye sees it: nobody who stands beside the screen should see them unasked.
PHOTOS = frozenset({"XC", "DMS", "ES"})

_PHRASES: dict[str, Phrase] = {str(word): word for word in WORDS.values()}
_CODE = re.compile(r"[A-Z0-9_]{1,16}", re.ASCII)


@lru_cache(512)
def words(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The plain words for a study's modality codes, each once, in their order; an unknown code stays as it is."""
    pictures = [code for code in codes if code not in NOT_IMAGES] or list(codes)
    return tuple(dict.fromkeys(WORDS.get(code, code) for code in pictures))


def has_no_picture(code: str) -> bool:
    """Whether objects of this modality are no pictures of the patient."""
    return code in NOT_IMAGES


def may_be_photos(codes: tuple[str, ...]) -> bool:
    """Whether there may be photos of the patient among objects of these modalities."""
    return not PHOTOS.isdisjoint(codes)


def phrase(words: str) -> str:
    """The type of these English words as a phrase; what is no type stays as it is."""
    return _PHRASES.get(words, words)


def codes(words: str) -> tuple[str, ...]:
    """The codes of a type in plain words, as `words` gives them; none for what is neither a type nor a code."""
    known = tuple(code for code, type_ in WORDS.items() if type_ == words)
    return known or ((words,) if _CODE.fullmatch(words) else ())
