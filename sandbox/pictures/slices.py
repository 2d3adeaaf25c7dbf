"""Painted volumes and films as DICOM image attributes: one dataset a picture, without patient, study or series."""

from collections.abc import Iterator

import numpy as np
from pydicom.dataset import Dataset

from sandbox.pictures.paint import Field


def grey(pixels: Field, *, bits: int = 16, photometric: str = "MONOCHROME2") -> Dataset:
    """Image Pixel module (PS3.3 C.7.6.3) of one grey picture, stored unsigned in 8 or 16 bits."""
    image = Dataset()
    image.Rows, image.Columns = pixels.shape
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = photometric
    image.BitsAllocated = 8 if bits == 8 else 16
    image.BitsStored, image.HighBit = bits, bits - 1
    image.PixelRepresentation = 0
    stored = np.clip(np.rint(pixels), 0, 2**bits - 1).astype(np.uint8 if bits == 8 else np.uint16)
    image.PixelData = stored.tobytes()
    return image


def axial(
    values: Field,
    spacing: tuple[float, float, float],
    *,
    slope: float,
    intercept: float,
    windows: tuple[tuple[float, float, str], ...],
    photometric: str = "MONOCHROME2",
    **more: object,
) -> Iterator[Dataset]:
    """Slices of a volume (z, y, x) with full geometry in millimetres, head first, supine (PS3.3 C.7.6.2).

    `windows` are (centre, width, name); `more` are further attributes by keyword, the same in each slice.
    """
    depth, rows, columns = values.shape
    between, tall, wide = spacing
    for index in range(depth):
        image = grey((values[index] - intercept) / slope, photometric=photometric)
        image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        image.PatientPosition = "HFS"
        image.ImagePositionPatient = [
            round(-columns * wide / 2, 3),
            round(-rows * tall / 2, 3),
            round((depth - 1 - index) * between, 3),
        ]
        image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        image.SliceLocation = image.ImagePositionPatient[2]
        image.PixelSpacing = [round(tall, 4), round(wide, 4)]
        image.SliceThickness = round(between, 3)
        image.RescaleSlope, image.RescaleIntercept = slope, intercept
        windowed(image, windows)
        for keyword, value in more.items():
            setattr(image, keyword, value)
        yield image


def windowed(image: Dataset, windows: tuple[tuple[float, float, str], ...]) -> Dataset:
    """Put the VOI windows (centre, width, name) into the image (PS3.3 C.11.2)."""
    image.WindowCenter = [centre for centre, _, _ in windows]
    image.WindowWidth = [width for _, width, _ in windows]
    image.WindowCenterWidthExplanation = [name for _, _, name in windows]
    return image
