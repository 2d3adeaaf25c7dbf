"""Whose picture stands on the screen: what a viewer shows, held against the archive's own pixels."""

from functools import cache

import numpy as np
from PIL import Image
from pydicom import dcmread

from tests.browser.pictures import Picture
from tests.conftest import PICTURES

SIDE = 64


def likeness(shown: Picture, study_uid: str) -> float:
    """How much the screen is like the most similar image of this study (its first frames): 1 is the same.

    The correlation of grey levels, so that another window of levels costs little. The viewer must show the whole image,
    as large as fits, in the middle.
    """
    return max(_correlation(_fitted(shown, aspect), image) for aspect, image in _images(study_uid))


@cache
def _images(study_uid: str) -> tuple[tuple[float, np.ndarray], ...]:
    """Each image's height over its width, and its grey levels within its own window, as a small square."""
    found = []
    for file in sorted((PICTURES / study_uid).glob("*/*.dcm")):
        data = dcmread(file)
        pixels = data.pixel_array if int(data.get("NumberOfFrames", 1)) == 1 else data.pixel_array[0]
        grey = pixels.astype(float) if data.SamplesPerPixel == 1 else pixels.mean(axis=-1)
        grey = grey * float(data.get("RescaleSlope", 1)) + float(data.get("RescaleIntercept", 0))
        if "WindowCenter" in data:
            centre, width = (float(np.atleast_1d(value)[0]) for value in (data.WindowCenter, data.WindowWidth))
            grey = np.clip(grey, centre - width / 2, centre + width / 2)
        grey = -grey if data.PhotometricInterpretation == "MONOCHROME1" else grey
        found.append((data.Rows / data.Columns, _small(grey)))
    return tuple(found)


def _fitted(shown: Picture, aspect: float) -> np.ndarray:
    """The part of the screen where an image of this shape stands, as a small square."""
    rows, columns = shown.grey.shape
    height, width = (rows, rows / aspect) if rows <= columns * aspect else (columns * aspect, columns)
    top, left = int((rows - height) / 2), int((columns - width) / 2)
    return _small(shown.grey[top : top + int(height), left : left + int(width)])


def _small(grey: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(grey.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BOX))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
