"""Whether a spectrum and its response can be fitted at all, whoever made them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.products.response import MATRIX_NOISE
from oda_widgets.products.spectrum import Spectrum

_TOUCHING = 1e-4  # relative; edges of 4-byte numbers that are meant to be the same
_ANOTHER = "Give a response made for this spectrum."


def check_input(spectrum: Spectrum, used: NDArray[np.bool_]) -> None:
    """Check the numbers of a spectrum that a fit uses.

    Parameters
    ----------
    spectrum
        The spectrum with its response.
    used
        Which channels are fitted, shape (n_channels,).

    Raises
    ------
    BadParameter
        If a systematic error is negative or no number, a channel has no width, or the matrix holds
        something else than probabilities.
    """
    first = spectrum.response.first_channel
    fractions = np.where(used, spectrum.systematic_error, 0.0)
    bad = ~(np.isfinite(fractions) & (fractions >= 0))
    if bad.any():
        limit = f"SYS_ERR of {spectrum.name} is {fractions[bad][0]:g} in channel {_at(bad) + first}"
        advice = "Give systematic=..., a fraction of the rate from 0 to 1."
        raise BadParameter("spectra", spectrum.name, limit, advice)
    narrow = used & ~(spectrum.channel_high > spectrum.channel_low)
    if narrow.any():
        limit = f"channel {_at(narrow) + first} of its response has no width (EBOUNDS)"
        raise BadParameter("rmf", spectrum.name, limit, _ANOTHER)
    _check_matrix(spectrum, used)


def _check_matrix(spectrum: Spectrum, used: NDArray[np.bool_]) -> None:
    matrix = spectrum.response.redistribution[:, used]
    infinite = ~np.isfinite(matrix)
    if infinite.any():
        limit = (
            f"row {_at(infinite.any(axis=1)) + 1} of its matrix holds numbers that are not finite"
        )
        raise BadParameter("rmf", spectrum.name, limit, _ANOTHER)
    negative = matrix < -MATRIX_NOISE * matrix.max(initial=0.0)
    if negative.any():
        limit = f"row {_at(negative.any(axis=1)) + 1} of its matrix holds probabilities below 0"
        raise BadParameter("rmf", spectrum.name, limit, _ANOTHER)


def usable_area(spectrum: Spectrum) -> tuple[Floats, tuple[str, ...]]:
    """Return the effective area, cm2, with negative and undefined values set to zero and noted.

    Raises
    ------
    BadParameter
        If it is nowhere positive.
    """
    area = spectrum.response.area
    if not np.any(area > 0) or np.isinf(area).any():
        limit = "its effective area is nowhere positive, or infinite"
        raise BadParameter("arf", spectrum.name, limit, "Give an ARF made for this spectrum.")
    bad = ~(area >= 0)
    if not bad.any():
        return area, ()
    first = spectrum.response.energy_low[bad][0]
    note = f"ARF of {spectrum.name} negative in {bad.sum()} bins from {first:.0f} keV"
    return np.where(bad, 0.0, area), (f"{note}; set to zero.",)


def adjoining_edges(spectrum: Spectrum) -> Floats:
    """Return the edges of adjoining bins of true energy, keV, shape (n_energies + 1,).

    Raises
    ------
    BadParameter
        If they do not adjoin.
    """
    low, high = spectrum.response.energy_low, spectrum.response.energy_high
    edges = np.append(low, high[-1])
    if np.any(np.diff(edges) <= 0) or not np.allclose(low[1:], high[:-1], rtol=_TOUCHING):
        limit = "its bins of true energy do not adjoin"
        raise BadParameter("rmf", spectrum.name, limit, "Give an RMF as XSPEC takes it.")
    return edges


def _at(where: Any) -> int:
    """Return the first index at which something is true."""
    return int(np.flatnonzero(where)[0])
