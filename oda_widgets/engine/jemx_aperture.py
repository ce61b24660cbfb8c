"""The apertures of JEM-X: one mask, blurred with the resolution of an energy band."""

from __future__ import annotations

import numpy as np

from oda_widgets.engine.position_blur import PositionBlur
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.instruments.jemx import detector as jemx
from oda_widgets.instruments.jemx.area import effective_area
from oda_widgets.instruments.jemx.mask import CELL, MASK_DISTANCE, MASK_RADIUS, HexagonalMask
from oda_widgets.request.energy import EnergyBand

_STEP = 0.01  # mm: resolutions closer to each other share a table
_CRAB = 2.1  # photon index of the spectrum that weights the energies of a band
_ENERGIES = 200
_PARTS = 4  # normal distributions that represent the resolutions of a band


def jemx_aperture(band: EnergyBand) -> SampledAperture:
    """Return the aperture of either unit in a band.

    The resolution of positions is averaged over the band with a Crab-like spectrum.
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
        blur=_blur(band),
    )


def _blur(band: EnergyBand) -> PositionBlur:
    """Return the blur of recorded positions in a band."""
    energy = np.geomspace(band.low, band.high, _ENERGIES)
    counts = energy ** (1 - _CRAB) * effective_area(energy, 1)
    return PositionBlur.mixed(jemx.position_sigma(energy), counts, _PARTS, _STEP)
