"""Mammograms: a breast of fat and glandular tissue in projection, as digital mammography presents it (MONOCHROME2)."""

import numpy as np

from sandbox.pictures.paint import Field, blurred, smooth_noise


def mammogram(seed: int, *, oblique: bool, left: bool, shape: tuple[int, int] = (1152, 896)) -> Field:
    """Brightness 0 to 4095 (y, x). The chest wall is at the image's left edge for a left breast, else at its right."""
    random = np.random.default_rng(seed)
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x, y = x / columns, y / rows
    middle = 0.56 if oblique else 0.5
    wave = 0.012 * smooth_noise(random, shape, (6, 5))
    half = 0.40 if oblique else 0.41
    reach = 0.74 * np.sqrt(np.clip(1 - (np.abs(y - middle) / half) ** 2.1, 0, 1)) + wave
    depth = np.where(np.abs(y - middle) < half, np.clip(reach - x, 0, None), 0)
    thick = np.sqrt(np.clip(depth / 0.16, 0, 1))
    picture = 1120 * thick + 90 * smooth_noise(random, shape, (14, 11)) * thick
    picture += _gland(random, shape, x, y, middle) * thick
    picture += _strands(random, shape) * thick
    picture += 520 * np.exp(-(((depth - 0.004) / 0.006) ** 2)) * (depth > 0)
    tip = reach[int(middle * rows)].max()
    nipple = np.hypot((x - tip + 0.004) * columns / rows, y - middle)
    picture = np.maximum(picture, 760 * np.clip((0.017 - nipple) / 0.007, 0, 1))
    if oblique:
        edge = 0.37 - 0.2 * y - 0.75 * y**2 - 0.3 * wave
        muscle = np.clip((edge - x) / 0.03, 0, 1)
        picture = picture * (1 - muscle) + muscle * (
            2150 + 90 * smooth_noise(random, shape, (34, 9)) - 700 * x - 500 * y
        )
    picture += random.standard_normal(shape, dtype=np.float32) * (14 + 22 * np.sqrt(thick))
    picture = np.clip(blurred(picture.astype(np.float32)), 0, 4095)
    return np.asarray(picture if left else picture[:, ::-1], np.float32)


def _gland(random: np.random.Generator, shape: tuple[int, int], x: Field, y: Field, middle: float) -> Field:
    """Fibroglandular tissue: a cone behind the nipple, torn into islands by fat."""
    cone = np.exp(-(((x - 0.34) / 0.24) ** 2) - ((y - middle + 0.03) / (0.12 + 0.2 * np.clip(0.7 - x, 0, 1))) ** 2)
    islands = sum(
        weight * smooth_noise(random, shape, cells)
        for weight, cells in ((0.5, (9, 8)), (0.34, (22, 19)), (0.24, (60, 50)))
    )
    return np.asarray(1500 * np.clip(cone * (0.75 + 0.62 * islands), 0, 1.35), np.float32)


def _strands(random: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Ducts, ligaments and vessels: bright ridges where stretched noise crosses zero, at three sizes."""
    total: Field = np.zeros(shape, np.float32)
    for height, cells, width in ((260, (12, 7), 0.05), (210, (30, 17), 0.07), (150, (70, 44), 0.1)):
        ridge = np.exp(-((smooth_noise(random, shape, cells) / width) ** 2))
        total += height * ridge * np.clip(0.4 + 0.6 * smooth_noise(random, shape, (8, 7)), 0, 1.5)
    return total
