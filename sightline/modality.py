"""DICOM modality codes (PS3.3 section C.7.3.1.1.1) in the words that clinicians use."""

from functools import lru_cache

WORDS = {
    "CR": "X-ray",
    "DX": "X-ray",
    "RG": "X-ray",
    "CT": "CT",
    "MR": "MRI",
    "US": "Ultrasound",
    "IVUS": "Ultrasound",
    "ECHO": "Ultrasound",
    "MG": "Mammogram",
    "NM": "Nuclear medicine",
    "PT": "PET",
    "XA": "Angiogram",
    "RF": "Fluoroscopy",
    "XC": "Photo",
    "ES": "Endoscopy",
    "OP": "Eye photo",
    "OPT": "Eye scan",
    "SM": "Pathology slide",
    "GM": "Microscopy",
    "BMD": "Bone density",
    "IO": "Dental X-ray",
    "PX": "Dental X-ray",
    "ECG": "ECG",
    "DOC": "Document",
    "OT": "Other",
}

# Objects that travel with a study but are not pictures of the patient.
NOT_IMAGES = frozenset(
    {"SR", "PR", "KO", "SEG", "REG", "AU", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "FID", "RWV", "ASMT"}
)


@lru_cache(512)
def words(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The plain words for a study's modality codes, each once, in their order; an unknown code stays as it is."""
    pictures = [code for code in codes if code not in NOT_IMAGES] or list(codes)
    return tuple(dict.fromkeys(WORDS.get(code, code) for code in pictures))
