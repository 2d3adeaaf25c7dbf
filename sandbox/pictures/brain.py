"""A head from the vertex to the skull base, painted once for each MR contrast and for CT."""

from collections.abc import Mapping

import numpy as np

from sandbox.pictures.paint import Field, Outline, Volume, blurred, smooth_noise

T1 = {
    "air": 4, "scalp": 640, "bone": 40, "marrow": 300, "fluid": 85, "grey": 300, "white": 455, "deep": 345, "eye": 95,
    "orbit": 690, "muscle": 260, "sinus": 12, "lens": 200, "dura": 160, "lesion": 235, "vessel": 60,
}  # fmt: skip
T2 = {
    "air": 4, "scalp": 430, "bone": 30, "marrow": 160, "fluid": 860, "grey": 380, "white": 265, "deep": 300, "eye": 820,
    "orbit": 470, "muscle": 150, "sinus": 10, "lens": 120, "dura": 90, "lesion": 640, "vessel": 20,
}  # fmt: skip
HOUNSFIELD = {
    "air": -1000, "scalp": -20, "bone": 1150, "marrow": 520, "fluid": 7, "grey": 39, "white": 29, "deep": 37, "eye": 12,
    "orbit": -85, "muscle": 52, "sinus": -950, "lens": 65, "dura": 48, "lesion": 19, "vessel": 46,
}  # fmt: skip

HEAD: Outline = ((0, 0, 2, 66, 88, 0), (30, 0, 0, 73, 97, 0), (70, 0, 2, 78, 101, 0), (105, 0, 5, 73, 93, 0),
    (130, 0, 8, 58, 74, 0),
                 (146, 0, 10, 34, 46, 0), (151, 0, 10, 6, 8, 0))  # fmt: skip
BRAIN: Outline = ((8, 0, 26, 34, 40, 0), (22, 0, 9, 58, 72, 0), (40, 0, 2, 64, 84, 0), (70, 0, 3, 67, 88, 0),
    (105, 0, 5, 62, 81, 0),
                  (128, 0, 8, 48, 62, 0), (138, 0, 9, 34, 45, 0), (144, 0, 10, 12, 18, 0),
                  (145, 0, 10, 3, 4, 0))  # fmt: skip
DEEP: tuple[tuple[str, Outline], ...] = tuple(
    (tissue, tuple((z, side * x, y, width, depth, side * angle) for z, x, y, width, depth, angle in rows))
    for side in (-1, 1)
    for tissue, rows in (
        ("white", ((52, 25, 2, 22, 44, 6), (66, 25, 4, 25, 52, 6), (88, 24, 8, 20, 50, 4), (100, 22, 8, 14, 44, 2))),
        ("grey", ((58, 38, 2, 2.2, 20, 6), (76, 38, 2, 2.2, 22, 6))),
        ("deep", ((56, 25, -4, 8, 17, 14), (66, 26, -2, 8.5, 19, 16), (80, 26, 0, 5, 13, 14))),
        ("deep", ((62, 10, 12, 8, 13, -22), (70, 11, 12, 9.5, 15, -24), (79, 11, 12, 7, 11, -22))),
        ("deep", ((62, 12, -24, 5.5, 8, 20), (74, 14, -20, 5.5, 10, 18), (88, 19, -6, 3, 12, 8))),
        ("fluid", ((63, 5, -27, 3.6, 11, 22), (72, 6.5, -26, 5, 14, 26), (78, 7, -18, 4, 16, 14))),
        ("fluid", ((76, 8, -6, 5, 26, 8), (84, 10, 2, 6, 34, 9), (91, 11, 6, 3, 24, 8))),
        ("fluid", ((64, 26, 36, 4, 14, -24), (72, 23, 36, 5.5, 17, -20), (80, 18, 30, 5, 12, -20))),
        ("fluid", ((40, 32, 4, 2, 11, 14), (48, 31, 8, 2, 12, 10))),
    )
)
MIDLINE: tuple[tuple[str, Outline], ...] = (
    ("white", ((80, 0, -38, 15, 7, 0), (88, 0, -34, 13, 8, 0))), ("white", ((80, 0, 36, 15, 7, 0),
        (90, 0, 32, 13, 7, 0))),
    ("white", ((88, 0, 0, 14, 34, 0), (94, 0, 0, 11, 28, 0))),
    ("fluid", ((52, 0, 2, 1.6, 9, 0), (70, 0, 6, 1.8, 12, 0))),
    ("fluid", ((38, 0, -10, 13, 11, 0), (48, 0, -10, 15, 10, 0), (54, 0, -10, 8, 6, 0))),
        ("fluid", ((44, 0, 24, 15, 4, 0), (58, 0, 26, 11, 5, 0))),
    ("white", ((8, 0, 10, 9, 8, 0), (24, 0, 6, 14, 14, 0), (38, 0, 6, 17, 14, 0), (44, 0, 8, 17, 12, 0),
        (54, 0, 12, 14, 9, 0))),
    ("fluid", ((14, 0, 22, 3, 4, 0), (26, 0, 22, 8, 6, 0), (36, 0, 21, 5, 4, 0), (48, 0, 18, 1.6, 2, 0))),
    ("vessel", ((16, 0, -7, 2, 2, 0), (46, 0, -9, 2, 2, 0))),
)  # fmt: skip
FACE: tuple[tuple[str, Outline], ...] = tuple(
    (tissue, tuple((z, side * x, y, width, depth, side * angle) for z, x, y, width, depth, angle in rows))
    for side in (-1, 1)
    for tissue, rows in (
        ("orbit", ((6, 32, -62, 16, 20, 12), (20, 32, -62, 18, 24, 14), (34, 31, -60, 14, 19, 14))),
        ("eye", ((9, 33, -76, 7, 7, 0), (20, 33, -77, 12, 12, 0), (31, 33, -76, 7, 7, 0))),
        ("lens", ((16, 33, -86, 4.5, 2.4, 0), (24, 33, -86, 4.5, 2.4, 0))),
        ("muscle", ((12, 22, -58, 2.2, 17, -16), (28, 22, -58, 2.2, 17, -16))),
            ("muscle", ((12, 42, -58, 2.4, 17, 22), (28, 42, -58, 2.4, 17, 22))),
        ("grey", ((18, 29, -56, 2, 16, -20), (22, 29, -56, 2, 16, -20))),
        ("sinus", ((0, 9, -66, 5.5, 22, 0), (26, 8, -68, 5, 20, 0))), ("sinus", ((0, 30, -50, 11, 14, 0),
            (8, 30, -52, 8, 9, 0))),
        ("sinus", ((0, 8, -30, 8, 9, 0), (16, 8, -30, 7, 8, 0))), ("sinus", ((6, 54, 24, 9, 11, 0),
            (20, 54, 24, 6, 8, 0))),
        ("muscle", ((0, 62, -34, 6, 22, 8), (36, 66, -26, 5, 26, 6), (60, 70, -20, 2, 22, 4))),
    )
)  # fmt: skip


def mr(seed: int, shape: tuple[int, int, int], signal: Mapping[str, float]) -> Field:
    """Signal (z, y, x) of one MR contrast: coil shading and Rician noise included."""
    values = blurred(_painted(seed, shape, signal).values, 0.7)
    random = np.random.default_rng(seed + 5)
    shading = 1 + 0.07 * smooth_noise(random, shape, (2, 2, 2))
    grain = random.standard_normal((2, *shape), dtype=np.float32) * 8
    return np.asarray(np.hypot(values * shading + grain[0], grain[1]), np.float32)


def ct(seed: int, shape: tuple[int, int, int]) -> Field:
    """Hounsfield units (z, y, x) of a head without contrast medium."""
    random = np.random.default_rng(seed + 6)
    grain = blurred(blurred(random.standard_normal(shape, dtype=np.float32)))
    return np.asarray(blurred(_painted(seed, shape, HOUNSFIELD).values, 0.7) + 9 * grain, np.float32)


def _painted(seed: int, shape: tuple[int, int, int], tissues: Mapping[str, float]) -> Volume:
    random = np.random.default_rng(seed)
    depth, rows, columns = shape
    volume = Volume(shape, (144 / depth, 230 / rows, 230 / columns), tissues, random, wobble=2.4)
    volume.z += np.float32(7)
    for shrink, tissue in (
        (0.0, "scalp"),
        (5.0, "bone"),
        (6.6, "marrow"),
        (8.4, "bone"),
        (10.0, "dura"),
        (10.8, "fluid"),
    ):
        volume.stack(tissue, _shrunk(HEAD, shrink), edge=1.0)
    base = volume.outline(tuple((z, x, y, width - 9, depth - 9, a) for z, x, y, width, depth, a in HEAD if z <= 30))
    volume.fill("muscle", base * (1 - volume.outline(_shrunk(BRAIN, -3))) * (volume.z < 26)[:, None, None])
    for tissue, outline in FACE:
        volume.stack(tissue, outline, edge=1.0)
    volume.stack("bone", _shrunk(BRAIN, -5)[:3], edge=1.0)
    volume.stack("fluid", _shrunk(BRAIN, -2)[:4], edge=1.0)
    _hemispheres(volume, random)
    for tissue, outline in (*DEEP, *MIDLINE):
        volume.stack(tissue, outline, edge=1.2)
    _cerebellum(volume, random)
    _lesions(volume, random)
    solid = np.asarray(volume.values > tissues["sinus"] + 0.5 * (tissues["fluid"] - tissues["sinus"]), np.float32)
    volume.values += (
        solid
        * 0.06
        * (tissues["white"] - tissues["grey"])
        * smooth_noise(random, shape, (depth // 3, rows // 6, columns // 6))
    )
    return volume


def _shrunk(rows: Outline, by: float) -> Outline:
    return tuple((z, x, y, max(width - by, 0.5), max(depth - by, 0.5), angle) for z, x, y, width, depth, angle in rows)


def _hemispheres(volume: Volume, random: np.random.Generator) -> None:
    """White matter under a folded cortex: furrows run where smooth noise crosses zero, down to some 25 mm deep."""
    shape = volume.values.shape
    surface, core = volume.outline(BRAIN, edge=3), volume.outline(_shrunk(BRAIN, 27), edge=16)
    folds = smooth_noise(random, shape, (10, 25, 25))
    steepness = np.sqrt(sum(np.square(slope) for slope in np.gradient(folds, *volume.spacing))) + 0.02
    furrow = np.abs(folds) / steepness
    split = np.abs(volume.x) + 60 * ((volume.z[:, None, None] < 96) & (np.abs(volume.y - 2) < 34))
    furrow = np.minimum(furrow + 8 * core, split)
    cortex = np.maximum(np.clip(1 - (furrow - 4.0) / 1.2, 0, 1), 1 - volume.outline(_shrunk(BRAIN, 4.2), edge=1.2))
    open_furrow = np.clip(1 - (furrow - 0.75) / 0.8, 0, 1)
    volume.fill("white", surface)
    volume.fill("grey", surface * cortex)
    volume.fill("fluid", surface * open_furrow)


def _cerebellum(volume: Volume, random: np.random.Generator) -> None:
    """Behind the brain stem, with narrow leaves across."""
    for side in (-1, 1):
        leaves = volume.outline(((6, side * 18, 48, 16, 16, 0), (20, side * 24, 50, 27, 27, 0),
            (34, side * 24, 50, 28, 27, 0), (46, side * 20, 48, 20, 18, 0), (52, side * 14, 46, 6, 6, 0)))  # fmt: skip
        volume.fill("grey", leaves)
        core = volume.outline(
            ((12, side * 16, 44, 8, 6, 0), (34, side * 18, 44, 17, 13, side * 20), (44, side * 12, 42, 6, 6, 0)), edge=5
        )
        volume.fill("white", core * 0.85)
        ripple = np.sin((volume.y + 0.35 * np.abs(volume.x)) * 1.35 + 0.8 * volume.z[:, None, None])
        volume.fill("fluid", leaves * (1 - core) * np.clip(ripple - 0.62, 0, 1) * 0.8)
    volume.stack("grey", ((12, 0, 46, 6, 14, 0), (44, 0, 42, 6, 12, 0)))


def _lesions(volume: Volume, random: np.random.Generator) -> None:
    """A few small white-matter spots beside the ventricles, as age leaves them."""
    for _ in range(9):
        side, z = random.choice((-1, 1)), random.uniform(78, 100)
        place = float(side * random.uniform(17, 30)), float(random.uniform(-30, 38)), float(z)
        volume.balls("lesion", [(*place, float(random.uniform(1.2, 2.8)))])
