"""The bones of a chest: spine, ribs, breastbone, shoulders. Each is a shell of bone filled with marrow."""

from collections.abc import Iterator

import numpy as np

from sandbox.pictures.chest_anatomy import CAVITY
from sandbox.pictures.paint import Outline, Volume

SHELL = 2.3
BREASTBONE: Outline = ((104, 0, -80, 12, 6, 0), (200, 0, -72, 18, 6.5, 0), (236, 0, -60, 25, 8, 0))
SHOULDER: tuple[Outline, ...] = (
    ((150, 88, 84, 9, 4, -30), (190, 98, 76, 30, 4.4, -38), (245, 112, 60, 36, 5.5, -42), (272, 120, 48, 30, 9, -36)),
    ((252, 42, -46, 26, 5.5, 18), (270, 88, -20, 44, 6, 26), (282, 118, 4, 24, 7, 30)),
    ((268, 142, 26, 18, 18, 0), (300, 140, 26, 20, 20, 0)),
)
VERTEBRA: Outline = ((0, 0, 52, 21, 17, 0), (330, 0, 44, 14, 12, 0))
CANAL: tuple[tuple[str, Outline], ...] = (
    ("bone", ((0, 0, 74, 15, 12, 0), (330, 0, 64, 13, 10, 0))),
    ("fat", ((0, 0, 73, 11, 9, 0), (330, 0, 63, 10, 8, 0))),
    ("cord", ((0, 0, 73, 6, 5, 0), (330, 0, 63, 7, 5, 0))),
)


def paint(volume: Volume) -> None:
    """Paint every bone into the volume, spine first."""
    _spine(volume)
    for shrink, tissue in ((0.0, "bone"), (SHELL, "marrow")):
        volume.stack(tissue, _hollowed(BREASTBONE, shrink))
        volume.balls(tissue, _ribs(5.0 - shrink))
        for side in (-1, 1):
            for rows in SHOULDER:
                volume.stack(tissue, _hollowed(_on_side(rows, side), shrink))


def _spine(volume: Volume) -> None:
    for shrink, tissue in ((0.0, "bone"), (SHELL, "marrow")):
        volume.stack(tissue, _hollowed(VERTEBRA, shrink), power=2.4)
    for z in range(20, 330, 26):
        disc = (0, 52 - z / 42, 20 - z / 48, 16 - z / 66, 0)
        volume.stack("disc", ((z - 2.5, *disc), (z + 2.5, *disc)))
        volume.stack("bone", ((z + 5, 0, 82 - z / 36, 4, 14, 0), (z + 20, 0, 88 - z / 36, 3.5, 12, 0)))
        for side in (-1, 1):
            y = 74 - z / 40
            volume.stack("bone", ((z + 5, side * 22, y, 17, 5, side * 24), (z + 17, side * 24, y, 18, 5, side * 28)))
    for tissue, rows in CANAL:
        volume.stack(tissue, rows)


def _hollowed(rows: Outline, by: float) -> Outline:
    return tuple((z, x, y, width - by, max(depth - by, depth / 3), angle) for z, x, y, width, depth, angle in rows)


def _on_side(rows: Outline, side: int) -> Outline:
    return tuple((z, side * x, y, width, depth, side * angle) for z, x, y, width, depth, angle in rows)


def _ribs(radius: float) -> Iterator[tuple[float, float, float, float]]:
    """Balls along eleven ribs on each side, which fall from the spine to the front and lie in the cavity's wall."""
    cavity = np.asarray(CAVITY)
    for rib in range(11):
        for turn in np.linspace(0.14, 2.55 if rib > 1 else 2.75, 92):
            z = 36 + 27.0 * rib - 44 * np.sin(turn / 2.1) ** 1.5
            middle, width, depth = (float(np.interp(z, cavity[:, 0], cavity[:, n])) for n in (2, 3, 4))
            across, back = (width + 5) * float(np.sin(turn)) ** 0.8, middle + (depth + 6) * float(np.cos(turn))
            for side in (-1, 1):
                yield side * across, back, float(z), radius
