"""What a screenshot shows, told by its pixels."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from playwright.sync_api import Frame

# The part of the display's stage where the picture stands, free of the texts in its corners.
MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Picture:
    """The grey levels (0 to 255, float) of a rectangle of the screen, rows first."""

    grey: np.ndarray

    @property
    def levels(self) -> int:
        """How many grey levels occur in at least four pixels."""
        return int((np.bincount(self.grey.astype(np.uint8).ravel(), minlength=256) >= 4).sum())

    @property
    def contrast(self) -> float:
        """The grey levels between the darkest and the brightest twentieth of the pixels."""
        dark, bright = np.percentile(self.grey, (5, 95))
        return float(bright - dark)

    def difference(self, other: "Picture") -> float:
        """The mean difference in grey levels, where both have pixels: a strip with a note leaves less height."""
        rows, columns = np.minimum(self.grey.shape, other.grey.shape)
        return float(np.abs(self.grey[:rows, :columns] - other.grey[:rows, :columns]).mean())


def of_screen(png: bytes) -> Picture:
    """The picture in a PNG."""
    return Picture(np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float))


def of_display(frame: Frame) -> Picture:
    """The middle of the display's canvas in this frame as it stands on the screen, once pictures are shown."""
    frame.wait_for_selector("html[data-pictures=shown]")
    frame.wait_for_function("() => !document.querySelector('[data-message]').textContent")
    whole = of_screen(frame.locator(".stage canvas").screenshot()).grey
    rows, columns = whole.shape
    border = (1 - MIDDLE) / 2
    return Picture(
        whole[int(rows * border) : int(rows * (1 - border)), int(columns * border) : int(columns * (1 - border))]
    )
