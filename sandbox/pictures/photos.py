"""What the photo archive holds: painted photographs of skin, of which the record system knows nothing, and a copy.

The copy has the UID of a study of the hospital's own archive, and another date: so it happens where a camera's clock is
wrong.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UltrasoundMultiFrameImageStorage, VLPhotographicImageStorage

from sandbox.patients import ADA, CLEO
from sandbox.pictures import real
from sandbox.pictures.cast import STUDIES, SeriesPlan, StudyPlan
from sandbox.pictures.paint import smooth_noise

ELSEWHERE = "Skin clinic at the harbour"

_SKIN, _MOLE = np.array([222, 178, 150], np.float32), np.array([96, 58, 44], np.float32)
_ROWS, _COLUMNS = 360, 480


def skin(seed: int) -> Iterator[Dataset]:
    """A patch of skin with a mole on it, in colour, as a camera would have it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : _ROWS * 1j, -1 : 1 : _COLUMNS * 1j]
    ragged = smooth_noise(random, (_ROWS, _COLUMNS), (9, 12)) * 0.09
    mole = np.clip((0.24 + ragged - np.hypot(x * 1.1 - 0.08, y * 0.85 + 0.05)) * 18, 0, 1)[..., None]
    shade = (smooth_noise(random, (_ROWS, _COLUMNS), (40, 52)) * 7 - 20 * (x**2 + y**2))[..., None]
    colour = _SKIN * (1 - mole) + _MOLE * mole + shade
    image = Dataset()
    image.Rows, image.Columns, image.SamplesPerPixel, image.PlanarConfiguration = _ROWS, _COLUMNS, 3, 0
    image.PhotometricInterpretation, image.PixelRepresentation = "RGB", 0
    image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
    image.PixelData = np.clip(np.rint(colour), 0, 255).astype(np.uint8).tobytes()
    yield image


def _photo(words: str, seed: int, side: str) -> SeriesPlan:
    return SeriesPlan("XC", words, VLPhotographicImageStorage, partial(skin, seed), "SKIN", side)


_ECHO = next(plan for plan in STUDIES if plan.patient is ADA and plan.description == "Echocardiography")

PHOTOS = (
    StudyPlan(
        ADA,
        "20260401",
        "111500",
        "P-20260401-01",
        "Skin lesion, left forearm",
        (_photo("Overview", 11, "L"), _photo("Close-up", 12, "L")),
        offset="+0200",
        reason="Mole that has changed",
        maker="Harbour Cameras",
    ),
    StudyPlan(
        ADA,
        "20250703",
        "",
        "P-20250703-04",
        "Skin check before the summer",
        (_photo("Back", 13, ""),),
        institution=ELSEWHERE,
    ),
    StudyPlan(
        ADA,
        f"{int(_ECHO.date) + 1}",
        _ECHO.time,
        _ECHO.accession,
        _ECHO.description,
        (SeriesPlan("US", "Still", UltrasoundMultiFrameImageStorage, real.echo_cine, "HEART"),),
        offset=_ECHO.offset,
    ),
    StudyPlan(CLEO, "20260110", "093000", "P-20260110-02", "Skin of the neck", (_photo("Neck", 14, ""),)),
)
