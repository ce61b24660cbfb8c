"""Dead anodes: strips of the detector, 1 mm wide along Z, that record nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.jemx.detector import DETECTOR_SHAPE, Unit

_STREAM = 11  # random stream of a mission; see ..detector for others
_DEAD = ((1016.0, 6.0), (3000.0, 12.0), (8320.0, 26.0))  # IJD, anodes: nominal


def living_anodes(seed: int, unit: Unit, ijd: float) -> NDArray[np.bool_]:
    """Return True for the anodes that record, along Y, shape (210,).

    Dead anodes stay dead.

    Parameters
    ----------
    seed
        Of the mission.
    unit
        1 or 2.
    ijd
        Time, days.
    """
    order = np.random.default_rng([seed, _STREAM, unit]).permutation(DETECTOR_SHAPE[1])
    times, numbers = zip(*_DEAD, strict=True)
    living = np.ones(DETECTOR_SHAPE[1], bool)
    living[order[: round(float(np.interp(ijd, times, numbers)))]] = False
    return living
