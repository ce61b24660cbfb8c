"""A detector whose law is known: pulses drawn from energies, one by one.

Nothing here comes from the code under test: heights follow from energies by a law that is written
the other way round, and what an archive would have made of them is a third law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.pulses import Pulses

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """Events of a known detector: the recorded pulses, the energies of an archive, the truth."""

    pulses: Pulses
    archive: NDArray[np.float32]
    truth: Floats


def draw(
    number: int,
    *,
    gain: float = 0.96,
    offset: float = 12.0,
    loss: float = 0.0045,
    modules: Floats | None = None,
    pixel_spread: float = 0.0,
    seed: int = 1,
) -> Drawn:
    """Return events of a detector in which E = (offset + gain * height) at short rise times.

    Parameters
    ----------
    loss
        Part of the height that is lost per step of rise time beyond 34, above 100 keV.
    modules
        Heights of each module, in OSA's order, against the mean.
    pixel_spread
        Standard deviation of the heights of pixels, which the archive knows.
    """
    random = np.random.default_rng(seed)
    truth = _energies(number, random)
    rise_time = np.clip(random.gamma(2.0, 11.0, number) + 9, 7, 95).astype(np.uint8)
    y, z = random.integers(0, 128, number), random.integers(0, 128, number)
    blurred = truth * random.normal(1.0, 0.03, number)
    kept = 1.0 - loss * np.clip(rise_time.astype(float) - 34, 0, 36) * np.clip(truth / 511, 0, 1)
    height = np.maximum((blurred - offset) / gain, 0.0) * kept
    if modules is not None:
        height *= modules[7 - z // 32 - 4 * (y // 64)]
    pixels = random.normal(1.0, pixel_spread, (128, 128))[y, z]
    recorded = np.clip(np.round(height * pixels), 0, 2047).astype(np.int16)
    archive = 1.6 * recorded / pixels * (1.0 + 0.006 * np.maximum(rise_time.astype(float) - 20, 0))
    dety, detz = y + 2 * (y // 64), z + 2 * (z // 32)
    pulses = Pulses(recorded, rise_time, dety.astype(np.uint8), detz.astype(np.uint8), seed=77)
    return Drawn(pulses, archive.astype(np.float32), truth)


def _energies(number: int, random: np.random.Generator) -> Floats:
    """Draw from a background: a continuum above the threshold, the bump at 60 keV, two lines."""
    kind = random.random(number)
    energy = 30.0 + random.exponential(140.0, number)
    energy = np.where(kind < 0.35, random.normal(60.0, 7.0, number), energy)
    energy = np.where((kind > 0.35) & (kind < 0.37), 150.82, energy)
    return np.where((kind > 0.37) & (kind < 0.40), 511.0, energy)
