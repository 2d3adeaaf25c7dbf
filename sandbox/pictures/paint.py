"""Painting of tissue into a volume: outlines that change with height, balls, tubes, smooth noise. Knows no anatomy.

Coordinates are millimetres: z upwards, y from front to back, x from the patient's right to the left, which is left to
right on the screen. A volume has its first slice at the top, as scanners number a chest from the neck down.
"""

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Outline = tuple[tuple[float, ...], ...]
"""Rows of (z, x, y, half width, half depth, angle in degrees), from low to high; between rows it is interpolated."""


def _spline(count: int, cells: int) -> Field:
    """Weights (count, cells + 3) of a uniform cubic B-spline, by which coarse random numbers become smooth noise."""
    at = np.linspace(0, cells, count, endpoint=False)
    first = at.astype(int)
    t = at - first
    weights = np.zeros((count, cells + 3), np.float32)
    pieces = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    for offset, piece in enumerate(pieces):
        weights[np.arange(count), first + offset] = piece / 6
    return weights


def smooth_noise(random: np.random.Generator, shape: tuple[int, ...], cells: tuple[int, ...]) -> Field:
    """Noise of that shape, mean 0 and deviation 1, whose hills are `shape / cells` samples wide."""
    noise = random.standard_normal([count + 3 for count in cells], dtype=np.float32)
    for count, cell in zip(shape, cells, strict=True):
        noise = np.moveaxis(np.tensordot(_spline(count, cell), noise, axes=(1, 0)), 0, -1)
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)


def blurred(image: Field, strength: float = 1.0) -> Field:
    """The image (…, y, x) softened by a 3 by 3 binomial filter; `strength` 1 is the full filter, 0 none."""
    soft: Field = image
    for axis in (-1, -2):
        soft = np.asarray(soft / 2 + (np.roll(soft, 1, axis) + np.roll(soft, -1, axis)) / 4, np.float32)
    return np.asarray(image + strength * (soft - image), np.float32)


class Volume:
    """A box of tissue: `values` (z, y, x) in whatever unit `tissues` gives for each tissue's name.

    `wobble` (mm) bends the coordinates a little, so that no outline is a perfect ellipse.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        spacing: tuple[float, float, float],
        tissues: Mapping[str, float],
        random: np.random.Generator,
        wobble: float = 3.0,
    ) -> None:
        self.tissues = tissues
        self.spacing = spacing
        self.values: Field = np.full(shape, tissues["air"], np.float32)
        depth, rows, columns = shape
        self.z = np.asarray((depth - 1 - np.arange(depth)) * spacing[0], np.float32)
        y = np.asarray((np.arange(rows) - rows / 2 + 0.5) * spacing[1], np.float32)
        x = np.asarray((np.arange(columns) - columns / 2 + 0.5) * spacing[2], np.float32)
        cells = (max(2, depth // 12), 8, 8)
        self.y: Field = y[:, None] + wobble / 3 * smooth_noise(random, shape, cells)
        self.x: Field = x[None, :] + wobble / 3 * smooth_noise(random, shape, cells)

    def outline(self, rows: Outline, *, edge: float = 1.5, power: float = 2.0) -> Field:
        """How much of each voxel (0 to 1) lies inside the outline. `power` above 2 makes it squarer."""
        cover: Field = np.zeros_like(self.values)
        for index, box, inside in self._slices(rows, edge, power):
            cover[index][box] = inside
        return cover

    def stack(
        self, tissue: str, rows: Outline, *, edge: float = 1.5, power: float = 2.0, within: Field | None = None
    ) -> None:
        """Paint the tissue inside the outline, only as far as `within` allows."""
        for index, box, inside in self._slices(rows, edge, power):
            self._blend(index, box, inside if within is None else inside * within[index][box], tissue)

    def fill(self, tissue: str, cover: Field) -> None:
        """Paint the tissue where `cover` (0 to 1, the volume's shape) says."""
        self.values += cover * (np.float32(self.tissues[tissue]) - self.values)

    def balls(
        self, tissue: str, balls: Iterable[tuple[float, float, float, float]], within: Field | None = None
    ) -> None:
        """Paint balls (x, y, z, radius); a row of them close together is a tube."""
        top = float(self.z[0])
        for x, y, z, radius in balls:
            thickness = self.spacing[0]
            first, last = ((top - z + side * (radius + thickness / 2)) / thickness for side in (-1, 1))
            for index in range(max(0, math.ceil(first)), min(len(self.z), math.floor(last) + 1)):
                height = max(0.0, abs(top - index * thickness - z) - thickness / 2)
                flat = (radius**2 - height**2) ** 0.5 if height < radius else 0.0
                box = self._box(x, y, flat + 4, flat + 4)
                distance = np.hypot(self.x[index][box] - x, self.y[index][box] - y)
                inside = np.clip(0.5 - (distance - flat) / self.spacing[1], 0, 1)
                self._blend(index, box, inside if within is None else inside * within[index][box], tissue)

    def _slices(self, rows: Outline, edge: float, power: float) -> Iterable[tuple[int, tuple[slice, slice], Field]]:
        table = np.asarray(rows, np.float32)
        for index, z in enumerate(self.z):
            if not table[0, 0] <= z <= table[-1, 0]:
                continue
            x, y, width, depth, angle = (float(np.interp(z, table[:, 0], table[:, n])) for n in range(1, 6))
            if min(width, depth) <= 0:
                continue
            reach = max(width, depth) if angle else 0
            box = self._box(x, y, max(width, reach) + 6, max(depth, reach) + 6)
            right, down = self.x[index][box] - x, self.y[index][box] - y
            turn = np.deg2rad(angle)
            along, across = right * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - right * np.sin(turn)
            radius = (np.abs(along / width) ** power + np.abs(across / depth) ** power) ** (1 / power)
            yield index, box, np.clip(0.5 - (radius - 1) * min(width, depth) / edge, 0, 1)

    def _box(self, x: float, y: float, width: float, depth: float) -> tuple[slice, slice]:
        _, rows, columns = self.values.shape
        _, tall, wide = self.spacing
        top, bottom = (int(rows / 2 + (y + side * depth) / tall) for side in (-1, 1))
        left, right = (int(columns / 2 + (x + side * width) / wide) for side in (-1, 1))
        return slice(max(top, 0), max(bottom + 1, 0)), slice(max(left, 0), max(right + 1, 0))

    def _blend(self, index: int, box: tuple[slice, slice], inside: Field, tissue: str) -> None:
        picture = self.values[index][box]
        picture += inside * (np.float32(self.tissues[tissue]) - picture)
