"""The side of the body that a series is of, in whatever coding a server has for it."""

from collections.abc import Iterable

from sightline.fhir.elements import codes_in, remembered, words_in

# SNOMED CT for right, left and both, qualifier and body structure, as servers use them beside DICOM's own L, R, B.
_SIDES = {
    "24028007": "R", "419465000": "R", "7771000": "L", "419161000": "L", "51440002": "B",
    "r": "R", "right": "R", "l": "L", "left": "L", "b": "B", "bilateral": "B", "both": "B",
}  # fmt: skip


@remembered
def side_in(raw: bytes) -> str | None:
    """`L`, `R` or `B`, from the bytes of `series.laterality`; None where it says none of them."""
    words: Iterable[str] = (*codes_in(raw), words_in(raw) or "")
    return next(filter(None, (_SIDES.get(word.lower()) for word in words)), None)
