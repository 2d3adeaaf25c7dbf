"""Thin lines of tissue in a projection: each starts somewhere, bends, branches and fades; none turns into a ring."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sandbox.pictures.paint import Field, blurred

Points = NDArray[np.float64]
LEAST_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Habit:
    """How lines of one kind grow: `bend` in radians a pixel, `branches` a line on average, `parting` their angle.

    `softness` is how often the drawn line is blurred: 1 is a hair, 7 a vessel.
    """

    bend: float
    branches: float
    parting: float
    generations: int
    softness: int


@dataclass(slots=True)
class Drawing:
    """Lines of one habit on a picture of (rows, columns) pixels; places are (x, y) in pixels."""

    random: np.random.Generator
    shape: tuple[int, int]
    habit: Habit
    _drawn: Field = field(init=False)

    def __post_init__(self) -> None:
        self._drawn = np.zeros(self.shape, np.float32)

    def grow(self, start: tuple[float, float], heading: float, length: float, strength: float, age: int = 0) -> None:
        """A line from `start` in the direction `heading` (radians, y downwards) that fades out, with its branches."""
        steps = int(length)
        if steps < LEAST_LENGTH:
            return
        turns = np.cumsum(self.random.normal(0, self.habit.bend, steps))
        headings = heading + np.cumsum(turns - turns.mean()) / 8 + turns
        xs, ys = start[0] + np.cumsum(np.cos(headings)), start[1] + np.cumsum(np.sin(headings))
        left = 1 - np.arange(steps) / steps
        self._draw(xs, ys, strength * left**0.6)
        if age < self.habit.generations:
            for place in self.random.integers(steps // 5, steps, self.random.poisson(self.habit.branches)):
                side = self.random.choice((-1, 1)) * self.habit.parting * self.random.uniform(0.6, 1.4)
                share = left[place] * self.random.uniform(0.5, 1)
                self.grow(
                    (xs[place], ys[place]), headings[place] + side, length * share, strength * 0.75 * share, age + 1
                )

    def picture(self) -> Field:
        """The lines, softened; a line of strength 1 is about 1 bright in its middle."""
        soft = self._drawn
        for _ in range(self.habit.softness):
            soft = blurred(soft)
        return np.asarray(soft * np.sqrt(np.pi * self.habit.softness), np.float32)

    def _draw(self, xs: Points, ys: Points, strength: Points) -> None:
        rows, columns = self.shape
        across, down = np.rint(xs).astype(int), np.rint(ys).astype(int)
        inside = (across >= 0) & (across < columns) & (down >= 0) & (down < rows)
        np.maximum.at(self._drawn, (down[inside], across[inside]), strength[inside].astype(np.float32))
