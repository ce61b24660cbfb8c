"""Rates as functions of time: constant, or in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .pointing import SECONDS_PER_DAY

if TYPE_CHECKING:
    from .arrays import Floats


@dataclass(frozen=True)
class Step:
    """An interval in which the rate is multiplied by a factor.

    Attributes
    ----------
    start, stop
        IJD.
    factor
        Multiplies the rate; steps that overlap multiply each other.
    """

    start: float
    stop: float
    factor: float


@dataclass(frozen=True)
class LightCurve:
    """A rate of 1 but for some steps; without any it is constant."""

    steps: tuple[Step, ...] = ()

    def factor(self, time: Floats) -> Floats:
        """Rate relative to the constant level, at times in IJD."""
        level = np.ones(np.shape(time))
        for step in self.steps:
            level[(time >= step.start) & (time < step.stop)] *= step.factor
        return level

    def effective_seconds(self, start: float, duration: float) -> float:
        """Integral of the factor over an observation, s."""
        return float(self._cumulative(start, duration)[1][-1])

    def draw(self, count: int, start: float, duration: float, rng: np.random.Generator) -> Floats:
        """Draw arrival times, IJD, within an observation.

        Parameters
        ----------
        count
            How many.
        start
            IJD of the start.
        duration
            Length of the observation, s.
        rng
            Source of randomness.
        """
        seconds, cumulative = self._cumulative(start, duration)
        chosen = np.interp(rng.random(count) * cumulative[-1], cumulative, seconds)
        times: Floats = start + chosen / SECONDS_PER_DAY
        return times

    def _cumulative(self, start: float, duration: float) -> tuple[Floats, Floats]:
        """Knots in seconds from the start, and the integral of the factor to each."""
        moments = np.array([(step.start, step.stop) for step in self.steps]).ravel()
        inner = np.clip((moments - start) * SECONDS_PER_DAY, 0, duration)
        seconds = np.unique(np.concatenate([[0.0, duration], inner]))
        middles = start + (seconds[1:] + seconds[:-1]) / 2 / SECONDS_PER_DAY
        pieces = self.factor(middles) * np.diff(seconds)
        return seconds, np.concatenate([[0.0], np.cumsum(pieces)])


def bursts(start: float, *events: tuple[float, float, float]) -> LightCurve:
    """Make a light curve of bursts, each (seconds after `start`, length in s, factor).

    Parameters
    ----------
    start
        IJD.
    events
        The bursts.
    """
    return LightCurve(
        tuple(
            Step(
                start + delay / SECONDS_PER_DAY,
                start + (delay + length) / SECONDS_PER_DAY,
                factor,
            )
            for delay, length, factor in events
        )
    )
