"""The nominal energy response of JEM-X: published effective areas, published resolution."""

from __future__ import annotations

from functools import cache

import numpy as np

from oda_widgets.instruments.jemx.area import NOMINAL, effective_area
from oda_widgets.instruments.jemx.channels import channel_edges
from oda_widgets.instruments.jemx.detector import Unit, energy_width
from oda_widgets.products.response import Response

_ENERGY_EDGES = (2.0, 45.0)  # keV: beyond them photons hardly reach a channel
_ENERGIES = 430
_SIGMA = 1 / np.sqrt(8 * np.log(2))  # of a FWHM of 1


@cache
def nominal_response(unit: Unit) -> Response:
    """Return the response of a unit: 16 channels from 3.04 to 34.88 keV.

    Recorded energies have a normal distribution of the published width around the true one;
    escape peaks are left out.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    edges = np.geomspace(*_ENERGY_EDGES, _ENERGIES + 1)
    low, high = edges[:-1], edges[1:]
    energy = np.sqrt(low * high)
    channels = channel_edges()
    below = ndtr((channels - energy[:, None]) / (_SIGMA * energy_width(energy))[:, None])
    return Response(
        energy_low=low,
        energy_high=high,
        channel_low=channels[:-1],
        channel_high=channels[1:],
        redistribution=np.diff(below, axis=1),
        area=effective_area(energy, unit),
        first_channel=1,
        origin=f"JEM-X{unit}, {NOMINAL}",
        instrument=f"jemx{unit}",
    )
