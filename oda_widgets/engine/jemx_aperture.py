"""The apertures of JEM-X: one mask, blurred as a band of energies is."""

from __future__ import annotations

import numpy as np

from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.instruments.jemx import detector as jemx
from oda_widgets.instruments.jemx.area import effective_area
from oda_widgets.instruments.jemx.mask import CELL, MASK_DISTANCE, MASK_RADIUS, HexagonalMask
from oda_widgets.request.energy import EnergyBand

_STEP = 0.02  # mm: resolutions nearer to each other share a table
_CRAB = 2.1  # photon index of what weights the energies of a band
_ENERGIES = 200


def jemx_aperture(band: EnergyBand) -> SampledAperture:
    """Return the aperture of either unit in a band.

    The resolution of positions is the mean over the band for a spectrum like the Crab's.
    """
    return SampledAperture(
        mask=HexagonalMask(),
        cell=CELL,
        mask_radius=MASK_RADIUS,
        distance=MASK_DISTANCE,
        pixel=jemx.PIXEL_SIDE,
        pixels=jemx.DETECTOR_SHAPE[0],
        radius=jemx.RADIUS,
        no_response=jemx.NO_RESPONSE,
        blur=_mean_sigma(band),
    )


def _mean_sigma(band: EnergyBand) -> float:
    """Return the standard deviation of recorded positions in a band, mm, rounded."""
    energy = np.geomspace(band.low, band.high, _ENERGIES)
    counts = energy ** (1 - _CRAB) * effective_area(energy, 1)
    variance = np.average(jemx.position_sigma(energy) ** 2, weights=counts)
    return round(float(np.sqrt(variance)) / _STEP) * _STEP
