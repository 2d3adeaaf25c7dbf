"""Real images from the package pydicom-data (MIT): only the picture is taken over, no word about person or site."""

from collections.abc import Iterator
from pathlib import Path

import data_store
import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset

from sandbox.pictures.paint import Field, blurred
from sandbox.pictures.slices import grey, windowed

PICTURE_KEYWORDS = (
    "ImageType", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames",
    "FrameIncrementPointer",
    "FrameTime", "CineRate", "Rows", "Columns", "PixelSpacing", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation",
    "WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData", "SegmentedBluePaletteColorLookupTableData", "ViewPosition",
    "SliceThickness", "LossyImageCompression",
)  # fmt: skip


def chest_film() -> Iterator[Dataset]:
    """The chest radiograph RG1, without the unexposed strip at its right."""
    source = _source("RG1_UNCR.dcm")
    image = _with_pixels(source, source.pixel_array[:, 8:1824])
    del image.PixelSpacing  # 0 by 0 in the original, which OHIF draws as black
    image.ImagerPixelSpacing = [0.2, 0.2]
    yield windowed(image, ((12800, 22500, "Chest"),))


def leg_film() -> Iterator[Dataset]:
    """The lower leg RG3, cut to the exposed field. Its lead marker is mirrored in the original: replaced by an L."""
    source = _source("RG3_UNCR.dcm")
    pixels = source.pixel_array.copy()
    pixels[1350:1505, 1080:1260] = pixels[1195:1350, 1080:1260]
    pixels[1385:1465, 1150:1164] = 70
    pixels[1451:1465, 1150:1200] = 70
    image = _with_pixels(source, pixels[:, 458:1216])
    image.ImagerPixelSpacing = [0.2, 0.2]
    yield image


def old_film() -> Iterator[Dataset]:
    """RG1 as an old film looks after a digitiser: half the size, 8 bit, grain, dust and a dark border."""
    pixels = blurred(blurred(_source("RG1_UNCR.dcm").pixel_array[:, 8:1824].astype(np.float32)))[::2, ::2][:, ::-1]
    random = np.random.default_rng(1989)
    film: Field = np.asarray(214 - 186 * np.clip((pixels - 3000) / 21000, 0, 1) ** 1.25, np.float32)
    film += blurred(random.standard_normal(film.shape, dtype=np.float32)) * 7
    y, x = np.mgrid[-1 : 1 : film.shape[0] * 1j, -1 : 1 : film.shape[1] * 1j]
    film *= np.asarray(1 - 0.22 * (x**2 + y**2) / 2, np.float32)
    for _ in range(60):
        row, column = random.integers(20, film.shape[0] - 20), random.integers(20, film.shape[1] - 20)
        film[row : row + random.integers(1, 4), column : column + random.integers(1, 3)] += 50
    border = np.full((film.shape[0] + 60, film.shape[1] + 60), 14, np.float32)
    border[30:-30, 30:-30] = film
    yield windowed(grey(border, bits=8), ((118, 226, "Film"),))


def shoulder() -> Iterator[Dataset]:
    """The coronal shoulder MR2, with a window that suits its range."""
    image = _picture("MR2_UNCR.dcm")
    image.RescaleIntercept = 0
    image.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    image.ImagePositionPatient = [-140, 0, 100]
    yield windowed(image, ((620, 1350, "Joint"),))


def abdomen() -> Iterator[Dataset]:
    """The axial liver MR with contrast, without its overlays."""
    image = _picture("MR-SIEMENS-DICOM-WithOverlays.dcm")
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.ImagePositionPatient = [-175, -175, 0]
    yield windowed(image, ((430, 860, "Abdomen"),))


def whole_body() -> Iterator[Dataset]:
    """The whole-body bone scan, dark where activity is high, as bone scans are read."""
    image = _picture("JPEG2000_UNC.dcm")
    image.PhotometricInterpretation = "MONOCHROME1"
    image.NumberOfFrames = 1
    yield windowed(image, ((34, 68, "Bone"),))


def echo_cine() -> Iterator[Dataset]:
    """The echocardiogram of 120 frames, in its own JPEG baseline encoding."""
    yield _picture("color3d_jpeg_baseline.dcm")


def lymph_node() -> Iterator[Dataset]:
    """The power Doppler of a lymph node, the site's burned-in lines blackened."""
    source = _source("US1_UNCR.dcm")
    pixels = source.pixel_array.copy()
    pixels[:78] = 0
    yield _with_pixels(source, pixels)


def pelvis() -> Iterator[Dataset]:
    """The pelvic ultrasound in palette colour, the site's burned-in lines blackened."""
    source = _source("gdcm-US-ALOKA-16.dcm")
    pixels = source.pixel_array.copy()
    pixels[:24] = 0
    yield _with_pixels(source, pixels)


def carotid() -> Iterator[Dataset]:
    """The small colour Doppler of a vessel."""
    yield _picture("color-px.dcm")


def _source(name: str) -> Dataset:
    return dcmread(Path(data_store.__file__).parent / "data" / name)


def _picture(name: str) -> Dataset:
    source = _source(name)
    image = Dataset()
    for keyword in PICTURE_KEYWORDS:
        if keyword in source and source[keyword].value not in (None, ""):
            image[keyword] = source[keyword]
    image.PixelData = source.PixelData
    image.file_meta = source.file_meta
    return image


def _with_pixels(source: Dataset, pixels: np.ndarray) -> Dataset:
    image = _picture(Path(str(source.filename)).name)
    image.Rows, image.Columns = pixels.shape[:2]
    image.PixelData = np.ascontiguousarray(pixels).tobytes()
    return image
