"""Events of JEM-X before they are sorted by time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.jemx.detector import (
    RADIUS,
    energy_width,
    position_sigma,
)

BEYOND = 3.0
"""Distance beyond the used part of the detector up to which photons hit, mm."""

_SIGMA = 1 / np.sqrt(8 * np.log(2))  # of a FWHM of 1


@dataclass(frozen=True)
class Hits:
    """Recorded events; arrays of shape (n,).

    Parameters
    ----------
    time
        IJD days.
    energy
        keV, as recorded.
    y, z
        Position as recorded, mm from the middle.
    """

    time: Floats
    energy: Floats
    y: Floats
    z: Floats

    def __len__(self) -> int:
        return len(self.time)

    def those(self, chosen: NDArray[np.bool_]) -> Hits:
        """Return chosen events."""
        return Hits(self.time[chosen], self.energy[chosen], self.y[chosen], self.z[chosen])


def on_disc(count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Return random places on the detector up to `BEYOND` its used part, mm."""
    radius = (RADIUS + BEYOND) * np.sqrt(random.random(count))
    angle = random.uniform(0, 2 * np.pi, count)
    return radius * np.cos(angle), radius * np.sin(angle)


def disc_over_used() -> float:
    """Return the ratio of the area that photons hit to the used area."""
    return ((RADIUS + BEYOND) / RADIUS) ** 2


def recorded(
    time: Floats,
    energy: Floats,
    place: tuple[Floats, Floats],
    living: NDArray[np.bool_],
    random: np.random.Generator,
) -> Hits:
    """Return the recorded events of photons, with blurred positions and energies.

    Parameters
    ----------
    time
        IJD days.
    energy
        Of the photons, keV.
    place
        Where they hit, along Y and Z, mm.
    living
        True for anodes that record, shape (210,).
    random
        Random generator of the window.
    """
    y, z = place
    anode = np.floor(y + len(living) / 2).astype(np.intp)
    alive = (anode < 0) | (anode >= len(living)) | living[np.clip(anode, 0, len(living) - 1)]
    energy, y, z = energy[alive], y[alive], z[alive]
    sigma = position_sigma(energy)
    y = y + sigma * random.standard_normal(len(y))
    z = z + sigma * random.standard_normal(len(z))
    energy = energy + _SIGMA * energy_width(energy) * random.standard_normal(len(energy))
    on_detector = (np.abs(y) < RADIUS) & (np.abs(z) < RADIUS)
    return Hits(time[alive], energy, y, z).those(on_detector)


def in_order(parts: list[Hits]) -> Hits:
    """Return the events of several origins together, in order of time."""
    time, energy, y, z = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("time", "energy", "y", "z")
    )
    order = np.argsort(time, kind="stable")
    return Hits(time[order], energy[order], y[order], z[order])
