"""A chest from the neck to the liver, painted for CT (Hounsfield units) and for FDG PET (standard uptake values)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sandbox.pictures import skeleton
from sandbox.pictures.chest_anatomy import (
    ABDOMEN,
    AIRWAYS,
    BODY,
    BREASTS,
    CAVITY,
    HEART,
    HOUNSFIELD,
    LUNGS,
    MEDIASTINUM,
    MUSCLE,
    UPTAKE,
)
from sandbox.pictures.paint import Field, Volume, blurred, smooth_noise

BRONCHOVASCULAR = (
    (0.5, -0.2, 1), (0.9, -0.5, 0.5), (1, 0.3, 0.35), (1, -0.4, -0.3), (0.7, 0.5, -0.6), (0.5, 0.6, -1), (0.8, 0, -1),
    (0.4, -0.7, -0.7), (0.4, 0.8, 0.6), (0.6, -0.9, 0), (0.7, 0.9, -0.1), (0.3, -0.3, -1), (0.8, -0.1, 0.9),
)  # fmt: skip
"""Where the vessels of a right lung set out from the hilum: directions (outwards, back, up)."""


@dataclass(frozen=True, slots=True)
class Chest:
    """Whose chest: `seed` makes it one person's, the nodule is (x, y, z, radius) or none, `breath` lifts all; in mm."""

    seed: int
    nodule: tuple[float, float, float, float] | None = None
    breath: float = 0.0


def ct(chest: Chest, shape: tuple[int, int, int], *, sharp: bool, noise: float = 11.0) -> Field:
    """Hounsfield units (z, y, x) of the whole chest. `sharp` is a lung kernel: edges and noise up."""
    random = np.random.default_rng(chest.seed + 7 + sharp)
    grain = random.standard_normal(shape, dtype=np.float32)
    picture = blurred(_attenuation(chest, shape), 0.8)
    if sharp:
        return np.asarray(picture + 0.9 * (picture - blurred(picture)) + 2.2 * noise * blurred(grain, 0.5), np.float32)
    return np.asarray(blurred(picture, 0.5) + 2 * noise * blurred(blurred(grain)), np.float32)


def pet(chest: Chest, shape: tuple[int, int, int]) -> Field:
    """Standard uptake values (z, y, x) of the same chest, at a PET scanner's resolution."""
    values = _painted(chest, shape, UPTAKE).values
    for _ in range(3):
        values = blurred(values)
    random = np.random.default_rng(chest.seed + 11)
    grain = blurred(blurred(random.standard_normal(shape, dtype=np.float32)))
    return np.asarray(np.clip(values + grain * 0.9 * np.sqrt(values + 0.02), 0, None), np.float32)


@lru_cache(maxsize=1)
def _attenuation(chest: Chest, shape: tuple[int, int, int]) -> Field:
    """The painted chest before a scanner's blur and noise: several series are made of the same one."""
    return _painted(chest, shape, HOUNSFIELD).values


def _painted(chest: Chest, shape: tuple[int, int, int], tissues: Mapping[str, float]) -> Volume:
    random = np.random.default_rng(chest.seed)
    depth, rows, columns = shape
    volume = Volume(shape, (318 / depth, 358 / rows, 358 / columns), tissues, random, wobble=4.0)
    volume.z -= np.float32(chest.breath)
    _trunk(volume)
    lungs = np.maximum(*(volume.outline(lung, power=2.3) for lung in LUNGS)) * volume.outline(CAVITY)
    for part in MEDIASTINUM:
        lungs *= 1 - volume.outline(part)
    volume.fill("lung", lungs)
    _lung_texture(volume, lungs, random)
    for outline in MEDIASTINUM:
        volume.stack("fat", outline, within=volume.outline(CAVITY))
    for tissue, outline in (*HEART, *ABDOMEN):
        volume.stack(tissue, outline)
    for outline in AIRWAYS:
        volume.stack(
            "wall", tuple((z, x, y, width + 1.6, depth + 1.6, angle) for z, x, y, width, depth, angle in outline)
        )
        volume.stack("gas", outline)
    skeleton.paint(volume)
    lungs *= np.asarray(volume.values < tissues["lung"] + 0.35 * (tissues["muscle"] - tissues["lung"]), np.float32)
    for side, hilum in ((-1, (-26.0, 6.0, 160.0)), (1, (32.0, 8.0, 164.0))):
        volume.balls("vessel", _vessels(random, hilum, side, max(0.7, volume.spacing[1] / 2)), within=lungs)
    if chest.nodule:
        _nodule(volume, chest.nodule, np.random.default_rng(chest.seed + 1))
    _soft_texture(volume, random)
    _couch(volume)
    return volume


def _couch(volume: Volume) -> None:
    """The scanner's table: a thin hollow shell, curved towards the patient."""
    _, tall, wide = volume.spacing
    _, rows, columns = volume.values.shape
    y = ((np.arange(rows) - rows / 2 + 0.5) * tall)[:, None]
    x = ((np.arange(columns) - columns / 2 + 0.5) * wide)[None, :]
    below = y - (121 - 17 * (x / 170) ** 2)
    inside = np.clip(0.5 - (np.abs(below - 13) - 13) / tall, 0, 1) * (np.abs(x) < 172)
    hollow = np.clip(0.5 - (np.abs(below - 13) - 10.5) / tall, 0, 1) * (np.abs(x) < 168)
    for tissue, cover in (("couch", inside), ("foam", hollow)):
        volume.fill(tissue, np.broadcast_to(cover.astype(np.float32), volume.values.shape))


def _trunk(volume: Volume) -> None:
    volume.stack("skin", BODY, power=2.4)
    inside = tuple((z, x, y, width - 2.2, depth - 2.2, angle) for z, x, y, width, depth, angle in BODY)
    for rows in BREASTS:
        volume.stack("skin", rows)
        volume.stack("fat", tuple((z, x, y, width - 2, depth - 2, angle) for z, x, y, width, depth, angle in rows))
        volume.stack(
            "muscle",
            tuple((z, x * 1.03, y - 4, width * 0.45, depth * 0.45, 12) for z, x, y, width, depth, _ in rows),
            edge=14,
        )
    volume.stack("fat", inside, power=2.4)
    volume.stack("muscle", MUSCLE, power=2.5)
    for side in (-1, 1):
        volume.stack("fat", ((150, side * 118, 6, 9, 60, 0), (260, side * 112, 14, 10, 50, 0)), edge=6)
        volume.stack("fat", ((120, side * 62, 74, 46, 3, side * -12), (250, side * 66, 62, 50, 3, side * -14)), edge=3)
        volume.stack("fat", ((0, side * 10, 88, 4, 13, 0), (330, side * 8, 76, 3, 10, 0)), edge=4)


def _vessels(
    random: np.random.Generator, hilum: tuple[float, float, float], side: int, thinnest: float
) -> Iterator[tuple[float, float, float, float]]:
    """Balls along a tree that starts at the hilum, forks and thins, down to the thinnest or the lung's edge."""
    shoots = [(np.asarray(hilum), np.asarray((side * x, y, z)), 4.3) for x, y, z in BRONCHOVASCULAR]
    while shoots:
        place, way, radius = shoots.pop()
        way = way / np.linalg.norm(way)
        for _ in range(int(8 + 5 * random.random() + 2 / radius)):
            place = place + way * max(1.7, radius * 0.8)
            way = way + random.normal(0, 0.07, 3)
            way = way / np.linalg.norm(way)
            yield float(place[0]), float(place[1]), float(place[2]), radius
        if radius > thinnest and abs(place[0]) < 125:
            for share in (0.84, 0.62):
                shoots.append((place, way + random.normal(0, 0.45, 3), radius * share * random.uniform(0.92, 1.04)))


def _nodule(volume: Volume, nodule: tuple[float, float, float, float], random: np.random.Generator) -> None:
    """A spiculated nodule: a lumpy core and fine strands into the lung."""
    x, y, z, radius = nodule
    lumps = random.normal(0, radius * 0.42, (9, 3)) + np.asarray((x, y, z))
    volume.balls("nodule", ((float(a), float(b), float(c), radius * 0.66) for a, b, c in lumps))
    for way in random.normal(0, 1, (16, 3)):
        way /= np.linalg.norm(way)
        steps = np.arange(radius * 0.6, radius * 2.1, 0.9)
        volume.balls("nodule", (((x + way[0] * s), (y + way[1] * s), (z + way[2] * s), 0.55) for s in steps))


def _lung_texture(volume: Volume, lungs: Field, random: np.random.Generator) -> None:
    """Gravity makes the back of the lung denser; fine interstitium makes it uneven."""
    span = abs(volume.tissues["muscle"] - volume.tissues["lung"])
    depth, rows, columns = volume.values.shape
    mottle = smooth_noise(random, volume.values.shape, (depth // 2, rows // 5, columns // 5))
    volume.values += lungs * (0.00042 * span * volume.y + 0.016 * span * mottle)


def _soft_texture(volume: Volume, random: np.random.Generator) -> None:
    """Fat strands and muscle planes: soft tissue is never one value."""
    span = abs(volume.tissues["muscle"] - volume.tissues["fat"])
    solid = np.asarray(
        volume.values > volume.tissues["lung"] + 0.5 * (volume.tissues["fat"] - volume.tissues["lung"]), np.float32
    )
    depth, rows, columns = volume.values.shape
    volume.values += (
        solid * 0.05 * span * smooth_noise(random, volume.values.shape, (depth // 2, rows // 4, columns // 4))
    )
