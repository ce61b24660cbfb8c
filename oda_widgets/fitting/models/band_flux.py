"""The flux of a spectrum between two energies, from its photons in bins.

XSPEC's cflux takes the photons of a bin at its middle, and those of a bin that the band cuts as
spread evenly. Here the density within a bin follows a power law, whose index comes from the
neighbouring bins: the flux of a power law is exact, and that of other smooth spectra nearly so.
"""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models.grid import Grid

ERG_PER_KEV = 1.602176634e-9
_ROUNDS = 2  # the density in the middle of a bin follows from its index, and the index from it
_STEEPEST = 30.0  # index times half of the logarithmic width of a bin: exponentials stay finite
_FLAT = 1e-4


def energy_flux(grid: Grid, photons: Floats, low: float, high: float) -> float:
    """Return the flux of a spectrum between two energies, erg/cm2/s.

    Parameters
    ----------
    grid
        Bins of energy.
    photons
        Photons/cm2/s in each bin, shape (n_bins,).
    low, high
        The band, keV.
    """
    return _moment(grid, photons, low, high, 1) * ERG_PER_KEV


def photon_flux(grid: Grid, photons: Floats, low: float, high: float) -> float:
    """Return the photons/cm2/s of a spectrum between two energies; see `energy_flux`."""
    return _moment(grid, photons, low, high, 0)


def _moment(grid: Grid, photons: Floats, low: float, high: float, power: int) -> float:
    """Return the integral of the photon density times a power of the energy in keV."""
    first = max(int(grid.edges.searchsorted(low, side="right")) - 1, 0)
    last = min(int(grid.edges.searchsorted(high, side="left")), len(grid))
    if last <= first:
        return 0.0
    logs = grid.log_edges
    # A bin more on each side: the index of the outermost bins follows from their neighbours.
    near = slice(max(first - 1, 0), min(last + 1, len(grid)))
    inside = slice(first - near.start, last - near.start)
    indices = _indices(logs[near.start : near.stop + 1], photons[near])[inside]
    begins, ends = logs[first:last], logs[first + 1 : last + 1]
    centre = 0.5 * (begins + ends)
    whole = _power_integral(indices + 1.0, begins - centre, ends - centre)
    begins, ends = np.maximum(begins, np.log(low)), np.minimum(ends, np.log(high))
    part = _power_integral(indices + 1.0 + power, begins - centre, ends - centre)
    used = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return float(photons[first:last] @ (used * np.exp(power * centre)))


def _indices(logs: Floats, photons: Floats) -> Floats:
    """Return the index of the density within each bin: density ~ energy**index."""
    width, centre = np.diff(logs), 0.5 * (logs[1:] + logs[:-1])
    indices = np.zeros(len(photons))
    known = (photons > 0) & (width > 0)
    if len(photons) < 2 or not known.any():
        return indices
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(photons) - centre
        steepest = 2.0 * _STEEPEST / width
        for _ in range(_ROUNDS):
            shape = _power_integral(indices + 1.0, -0.5 * width, 0.5 * width)
            slopes = _slopes(centre, level - np.log(shape))
            indices = np.where(known & np.isfinite(slopes), slopes, 0.0)
            indices = np.clip(indices, -steepest, steepest)
    return indices


def _slopes(x: Floats, y: Floats) -> Floats:
    """Return slopes at each point; none at a line or an edge, where neighbours do not tell."""
    steps = np.diff(y) / np.diff(x)
    left, right = np.concatenate([steps[:1], steps]), np.concatenate([steps, steps[-1:]])
    distance = np.diff(x)
    before = np.concatenate([distance[:1], distance])
    behind = np.concatenate([distance, distance[-1:]])
    central = (left * behind + right * before) / (before + behind)
    most = 2.0 * np.minimum(np.abs(left), np.abs(right))
    return np.where(left * right > 0, np.clip(central, -most, most), 0.0)


def _power_integral(exponent: Floats, begins: Floats, ends: Floats) -> Floats:
    """Return the integral of exp(exponent * u) from `begins` to `ends`; 0 for an empty range."""
    half = 0.5 * np.maximum(ends - begins, 0.0)
    x = exponent * half
    small = np.abs(x) < _FLAT
    ratio = np.where(small, 1.0 + x * x / 6.0, np.sinh(x) / np.where(small, 1.0, x))
    integral: Floats = 2.0 * half * np.exp(exponent * 0.5 * (begins + ends)) * ratio
    return integral
