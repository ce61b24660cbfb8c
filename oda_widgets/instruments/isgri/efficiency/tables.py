"""The efficiency of each pixel as OSA 11 computes it, from its tables and thresholds.

It is the product of the efficiencies of the pixel's module and of its low threshold, linear in
energy between the lower edges of 256 channels (ISGR-EFFC-MOD; the steps are those of OSA 11's
library dal3ibis_calib). The thresholds, in steps of the electronics, are in the context of the
revolution (ISGR-PXLP-CFG).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.detector import DETECTOR_SHAPE, existing_pixels
from oda_widgets.instruments.isgri.energies.pulses import SIDE, module_of_pixel

CHANNELS = 256
MODULES = 8

_LOWEST = 12.0
_UNUSABLE = 63
"""Threshold step of a pixel that is dead or noisy."""

_OTHER_MODULE = 4
"""The module whose electronics are of another make."""

_STEP = ((1.1834, 1.4482, 1.0929, 1.2867), (1.0265, 1.216, 0.9666, 1.1277))
_OFFSET = ((1.6877, 1.69, 1.619, 1.816), (1.4435, 1.6641, 1.1983, 1.581))
"""keV, by gain code: for all modules but `_OTHER_MODULE`, and for that one."""

_ALIKE = 0.5
"""Largest difference between a threshold and one of the table, keV."""


@dataclass(frozen=True)
class EfficiencyTable:
    """ISGR-EFFC-MOD.

    Parameters
    ----------
    module
        Efficiency of each module in each channel, shape (8, 256).
    threshold
        Efficiency for each low threshold, shape (n_thresholds, 256).
    known
        The low thresholds, keV, shape (n_thresholds,).
    name
        Name and version of the table.
    """

    module: Floats
    threshold: Floats
    known: Floats
    name: str

    def curves(self) -> NDArray[np.float32]:
        """Return the efficiency of each module and threshold, (8 * n_thresholds, 256)."""
        product = self.module[:, None] * self.threshold
        return product.reshape(-1, CHANNELS).astype(np.float32)

    def curve_of(self, thresholds: Floats) -> NDArray[np.intp]:
        """Return the row of `curves` for each pixel, as [DETZ, DETY]; -1 for none.

        Parameters
        ----------
        thresholds
            Low threshold of each pixel, keV, 0 if it is off; shape (16384,), row 128 Y + Z.
        """
        away = np.abs(thresholds[:, None] - self.known)
        nearest = away.argmin(axis=1)
        usable = (thresholds > 0) & (away.min(axis=1) < _ALIKE)
        row = module_of_pixel().astype(np.intp) * len(self.known) + nearest
        return on_detector(np.where(usable, row, -1), -1)


@cache
def channel_starts() -> Floats:
    """Return the lower edges of the 256 channels of efficiencies, keV, from 12."""
    width = 0.5 * (1 + np.round(0.054 * np.arange(CHANNELS)))
    starts: Floats = _LOWEST + np.append(0.0, np.cumsum(width)[:-1])
    starts.setflags(write=False)
    return starts


def thresholds_of(context: NDArray[np.integer]) -> Floats:
    """Return the low threshold of each pixel, keV, zero where it is off; shape (16384,).

    Parameters
    ----------
    context
        ISGR-PXLP-CFG, shape (3, 128, 128) as [quantity, Z, Y]: gain code, threshold step, status.
    """
    gain, step, status = (plane.T.ravel().astype(np.intp) for plane in context)
    make = (module_of_pixel() == _OTHER_MODULE).astype(np.intp)
    code = np.clip(gain, 0, 3)
    energy = np.array(_STEP)[make, code] * step + np.array(_OFFSET)[make, code]
    usable = (status != 0) & (step < _UNUSABLE) & (step >= 0) & (gain >= 0) & (gain <= 3)
    return np.where(usable, energy, 0.0)


def usual_threshold(revolution: int) -> float:
    """Return the threshold, keV, that OSA assumes for all pixels if there is no context."""
    if revolution > 256:
        return 15.3
    return 17.2 if revolution > 55 else 18.2


def on_detector(values: NDArray[np.intp], elsewhere: int) -> NDArray[np.intp]:
    """Return values of the pixels, in rows 128 Y + Z, as an image [DETZ, DETY]."""
    image = np.full(DETECTOR_SHAPE, elsewhere, dtype=np.intp)
    image[existing_pixels()] = values.reshape(SIDE, SIDE).T.ravel()
    return image
