"""Frames of stored instances: decoded, and rendered to what a screen shows (PS3.3 C.11.1, C.11.2; PS3.18 8.3.5)."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
Pixels = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI window; `function` is LINEAR, LINEAR_EXACT or SIGMOID (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

    centre: float
    width: float
    function: str = "LINEAR"

    def apply(self, values: Pixels) -> Pixels:
        """Brightness from 0 to 1."""
        if self.function == "SIGMOID":
            return np.asarray(1 / (1 + np.exp(-4 * (values - self.centre) / self.width)))
        if self.function == "LINEAR_EXACT":
            return np.clip((values - self.centre) / self.width + 0.5, 0, 1)
        return np.clip((values - (self.centre - 0.5)) / max(self.width - 1, 1e-6) + 0.5, 0, 1)


@dataclass(frozen=True, slots=True)
class Look:
    """How a frame is rendered: `size` is the box (width, height) to fill, `region` is (x, y, width, height)."""

    mime: str = "image/jpeg"
    window: Window | None = None
    size: tuple[int, int] | None = None
    region: tuple[int, int, int, int] | None = None
    quality: int = 90


@lru_cache(maxsize=64)
def attributes(path: Path) -> Dataset:
    """The file's header without its pixels."""
    return dcmread(path, stop_before_pixels=True)


@lru_cache(maxsize=48)
def frame(path: Path, number: int) -> Pixels:
    """Frame `number` (from 1), decoded: stored values (rows, columns), or (rows, columns, 3) with YBR made RGB."""
    pixels = pixel_array(path, index=number - 1)
    pixels.flags.writeable = False
    return pixels


def frame_bytes(path: Path, number: int) -> bytes:
    """The frame as Explicit VR Little Endian native pixel data, colour by pixel."""
    pixels = frame(path, number)
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()


def rendered(path: Path, number: int, look: Look) -> bytes:
    """The frame as an encoded picture: modality LUT, VOI window, MONOCHROME1 turned over, palette and YBR as RGB."""
    dataset = attributes(path)
    pixels = frame(path, number)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        shown = _eight_bits(apply_color_lut(pixels, dataset))
    elif pixels.ndim == 3:
        shown = _eight_bits(pixels)
    else:
        shown = grey(pixels, dataset, look.window)
    out = io.BytesIO()
    _fitted(Image.fromarray(shown), look).save(out, FORMATS[look.mime], quality=look.quality)
    return out.getvalue()


def grey(pixels: Pixels, dataset: Dataset, window: Window | None) -> NDArray[np.uint8]:
    """Grey values 0 to 255 as a screen shows them: 0 is black."""
    values = apply_modality_lut(pixels, dataset)
    if window is None and "VOILUTSequence" in dataset:
        values = apply_voi_lut(values, dataset)
        window = _spanning(values)
    chosen = window or _own_window(dataset) or _spanning(values)
    brightness = chosen.apply(np.asarray(values, np.float32))
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        brightness = 1 - brightness
    return np.asarray(np.rint(brightness * 255), np.uint8)


def _own_window(dataset: Dataset) -> Window | None:
    centres, widths = (np.atleast_1d(dataset.get(keyword) or []) for keyword in ("WindowCenter", "WindowWidth"))
    if not len(centres) or not len(widths):
        return None
    return Window(float(centres[0]), float(widths[0]), dataset.get("VOILUTFunction", "LINEAR"))


def _spanning(values: Pixels) -> Window:
    low, high = float(values.min()), float(values.max())
    return Window((low + high) / 2, max(high - low, 1), "LINEAR_EXACT")


def _eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    return np.asarray(pixels if pixels.dtype == np.uint8 else pixels >> 8, np.uint8)


def _fitted(image: Image.Image, look: Look) -> Image.Image:
    if look.region:
        x, y, width, height = look.region
        image = image.crop((x, y, x + width, y + height))
    if look.size:
        scale = min(look.size[0] / image.width, look.size[1] / image.height)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return image
