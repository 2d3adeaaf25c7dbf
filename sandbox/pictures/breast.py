"""Mammograms: a breast of fat and glandular tissue in projection, as digital mammography presents it (MONOCHROME2).

Ducts, septa and the grain of the gland all run towards the nipple. Lengths are shares of the picture's height.
"""

import numpy as np

from sandbox.pictures.paint import Field, blurred, smooth_noise
from sandbox.pictures.strands import Drawing, Habit

DUCTS = Habit(bend=0.012, branches=3.2, parting=0.5, generations=3, softness=2)
LIGAMENTS = Habit(bend=0.02, branches=0.8, parting=0.7, generations=1, softness=2)
VESSELS = Habit(bend=0.006, branches=1.6, parting=0.45, generations=2, softness=7)


def mammogram(seed: int, *, oblique: bool, left: bool, shape: tuple[int, int] = (1152, 896)) -> Field:
    """Brightness 0 to 4095 (y, x). The chest wall is at the image's left edge for a left breast, else at its right."""
    random = np.random.default_rng(seed)
    rows, columns = shape
    y, x = (grid.astype(np.float32) / rows for grid in np.mgrid[0:rows, 0:columns])
    nipple = (0.58, 0.58 if oblique else 0.5)
    depth = _depth(random, x, y, nipple, oblique)
    thick = np.sqrt(np.clip(depth / 0.15, 0, 1))
    radius, angle = np.hypot(x - nipple[0], y - nipple[1]), np.arctan2(y - nipple[1], nipple[0] - x)
    grain = _grain(random, radius, angle)
    picture = 1080 * thick + 75 * _clouds(random, shape) * thick
    picture += _gland(random, radius, angle, grain) * thick
    picture += _lines(random, shape, nipple, radius) * thick
    picture += 430 * np.exp(-(((depth - 0.004) / 0.004) ** 2)) * (depth > 0)
    knob = np.hypot((x - nipple[0] + 0.006) / 0.018, (y - nipple[1]) / 0.024)
    picture = np.maximum(picture, 900 * np.clip((1 - knob) * 2.5, 0, 1))
    if oblique:
        picture = _with_muscle(random, picture, x, y)
    picture += random.standard_normal(shape, dtype=np.float32) * (12 + 20 * np.sqrt(thick))
    picture = np.clip(blurred(picture.astype(np.float32)), 0, 4095)
    return np.asarray(picture if left else picture[:, ::-1], np.float32)


def _depth(random: np.random.Generator, x: Field, y: Field, nipple: tuple[float, float], oblique: bool) -> Field:
    """How far inside the skin each place lies, 0 outside. An oblique view shows the axilla up to the picture's edge."""
    above, below = (0.86, 0.37) if oblique else (0.42, 0.42)
    height = np.where(y < nipple[1], (nipple[1] - y) / above, (y - nipple[1]) / below)
    wave = 0.009 * smooth_noise(random, (len(y), 1), (5, 1))
    reach = (nipple[0] + wave) * np.sqrt(np.clip(1 - height**2.1, 0, 1))
    return np.asarray(np.where(height < 1, np.clip(reach - x, 0, None), 0), np.float32)


def _clouds(random: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Texture of all sizes; the finer, the fainter, as the projection of fat and septa has it."""
    sizes = ((7, 6), (15, 12), (31, 25), (64, 50), (130, 101))
    return np.asarray(sum(0.72**n * smooth_noise(random, shape, cells) for n, cells in enumerate(sizes)), np.float32)


def _grain(random: np.random.Generator, radius: Field, angle: Field) -> Field:
    """Streaks that run towards the nipple, mean 0 and deviation about 1: noise of radius and angle, long in radius."""
    far, around = 700, 2000
    place = np.clip(radius * far * 0.9, 0, far - 1).astype(int), ((angle / np.pi + 1) / 2 * (around - 1)).astype(int)
    sizes = ((0.6, (5, 30)), (0.5, (9, 75)), (0.4, (18, 170)))
    return np.asarray(sum(share * smooth_noise(random, (far, around), cells)[place] for share, cells in sizes))


def _gland(random: np.random.Generator, radius: Field, angle: Field, grain: Field) -> Field:
    """Fibroglandular tissue: a fan behind the nipple that widens and thins out, grained, with lobules of fat in it."""
    fan = np.exp(-(((angle + 0.1) / 0.66) ** 2) - ((radius - 0.26) / 0.17) ** 2)
    lobules = _clouds(random, (radius.shape[0], radius.shape[1]))
    density = np.clip(fan * (1 + 0.36 * lobules) + fan * 0.22 * grain - 0.12, 0, None)
    return np.asarray(1650 * density / (0.55 + density), np.float32)


def _lines(random: np.random.Generator, shape: tuple[int, int], nipple: tuple[float, float], radius: Field) -> Field:
    """Ducts from the nipple, ligaments between gland and skin, a few vessels from the chest wall."""
    rows, columns = shape
    across, down = nipple[0] * rows, nipple[1] * rows
    ducts, ligaments, vessels = (Drawing(random, shape, habit) for habit in (DUCTS, LIGAMENTS, VESSELS))
    for spread in np.linspace(-0.75, 0.75, 13) + random.normal(0, 0.05, 13):
        ducts.grow((across - 8, down), np.pi + spread, rows * random.uniform(0.25, 0.45), random.uniform(0.6, 1))
    for _ in range(330):
        start = random.uniform(0, across), random.uniform(0.05, 0.95) * rows
        towards = np.arctan2(down - start[1], across - start[0]) + random.normal(0, 0.5)
        ligaments.grow(start, towards, rows * random.uniform(0.03, 0.12), random.uniform(0.2, 0.9))
    for side in (-1, -1, 1):
        start = -5.0, down + side * rows * random.uniform(0.12, 0.3)
        vessels.grow(start, random.normal(-side * 0.15, 0.15), columns * random.uniform(0.45, 0.7), 1)
    near = np.clip(radius / 0.08, 0.35, 1)
    return np.asarray((240 * ducts.picture() + 250 * ligaments.picture() + 230 * vessels.picture()) * near, np.float32)


def _with_muscle(random: np.random.Generator, picture: Field, x: Field, y: Field) -> Field:
    """The oblique view's pectoral muscle: a wedge from the upper corner, its fibres along its edge."""
    edge = 0.31 - 0.42 * y - 0.12 * y**2 + 0.004 * smooth_noise(random, (len(y), 1), (6, 1))
    cover = np.clip((edge - x) / 0.02, 0, 1)
    along = np.clip((edge - x) * 1400, 0, 699).astype(int), np.clip(y * 699, 0, 699).astype(int)
    fibres = smooth_noise(random, (700, 700), (60, 4))[along]
    muscle = 1950 + 34 * fibres + 60 * _clouds(random, (picture.shape[0], picture.shape[1])) - 300 * x
    return np.asarray(picture * (1 - cover) + cover * np.maximum(muscle, picture), np.float32)
