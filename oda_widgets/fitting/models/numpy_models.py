"""NumPy re-implementations of simple models of XSPEC: the same formulas, faster or more exact.

Each takes a grid and the parameters without the norm, and returns photons/cm2/s per bin, or a
factor per bin. Those in `COLUMNS` also take columns of parameters, shape (n_points, 1) each, and
return (n_points, n_bins). Formulas: XSPEC manual, chapter 6 (https://heasarc.gsfc.nasa.gov/xanadu/xspec/).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models.absorption import transmitted
from oda_widgets.fitting.models.band_flux import ERG_PER_KEV, energy_flux, photon_flux
from oda_widgets.fitting.models.grid import Grid, Values

NumpyModel = Callable[[Grid, Values], Floats]
FluxModel = Callable[[Grid, Values, Floats], Floats]

_FLAT = 1e-12  # exponents closer to zero than this are zero
_LOWEST_BREAK = 1e-3  # keV
_DARK = 100.0  # of E/kT: a black body has no photons above, e**-100
_PIVOT = 100.0  # keV, where grbm is 1 apart from its exponential
_LOG_PIVOT = float(np.log(_PIVOT))


def power_integral(log_edges: Floats, exponent: float | Floats) -> Floats:
    """Return the integral of E**(exponent - 1) between neighbouring edges.

    Parameters
    ----------
    log_edges
        Natural logarithms of energies, keV.
    exponent
        Exponent of the integrand, plus one; a number, or a column.
    """
    if isinstance(exponent, np.ndarray):
        return _power_integrals(log_edges, exponent)
    flat = abs(exponent) < _FLAT
    powers = log_edges if flat else np.exp(exponent * log_edges)
    # This is what chains spend their time with: np.diff takes three times as long.
    integral: Floats = powers[1:] - powers[:-1]
    return integral if flat else integral / exponent


def _power_integrals(log_edges: Floats, exponent: Floats) -> Floats:
    powers = exponent * log_edges
    np.exp(powers, out=powers)
    integral: Floats = powers[:, 1:] - powers[:, :-1]
    flat = np.abs(exponent[:, 0]) < _FLAT
    integral *= 1.0 / np.where(flat[:, np.newaxis], 1.0, exponent)
    integral[flat] = log_edges[1:] - log_edges[:-1]
    return integral


def _at_nodes(parameter: float | Floats) -> Floats:
    """Return a parameter to be combined with the nodes of a grid, of which each bin has three."""
    return np.asarray(parameter)[..., np.newaxis]


def powerlaw(grid: Grid, parameters: Values) -> Floats:
    """E**-PhoIndex."""
    return power_integral(grid.log_edges, 1.0 - parameters[0])


def broken_power_law(grid: Grid, parameters: Values) -> Floats:
    """Power laws that meet at the breaks, the first with 1 at 1 keV: index, (break, index)...

    A break below the one before it counts as equal to it; XSPEC's spectrum jumps there.
    """
    logs = grid.log_edges
    ordered = np.maximum.accumulate(np.maximum(parameters[1::2], _LOWEST_BREAK))
    breaks = np.log(ordered)
    indices = parameters[0::2]
    starts = [-np.inf, *breaks]
    ends = [*breaks, np.inf]
    total = np.zeros(len(grid))
    log_factor = 0.0
    for number, (index, start, end) in enumerate(zip(indices, starts, ends, strict=True)):
        if number:
            log_factor += (index - indices[number - 1]) * start
        first = max(int(logs.searchsorted(start, "right")) - 1, 0)
        last = min(int(logs.searchsorted(end)), len(grid))
        if last > first:  # only these bins overlap the range between the breaks
            within = np.clip(logs[first : last + 1], start, end)
            total[first:last] += np.exp(log_factor) * power_integral(within, 1.0 - index)
    return total


def cutoff_power_law(grid: Grid, parameters: Values) -> Floats:
    """E**-PhoIndex exp(-E / HighECut)."""
    index, cutoff = map(_at_nodes, parameters)
    return grid.integrate(np.exp(-index * grid.log_nodes - grid.nodes / cutoff))


def pegged_power_law(grid: Grid, parameters: Values) -> Floats:
    """Power law with 1e-12 erg/cm2/s between eMin and eMax."""
    index, low, high = parameters
    energy = power_integral(np.log([low, high]), 2.0 - index)[0]
    return powerlaw(grid, parameters) * float(1e-12 / ERG_PER_KEV / energy)


def band(grid: Grid, parameters: Values) -> Floats:
    """Band et al. (1993), 1 at 100 keV apart from the exponential."""
    low_index, high_index, temperature = parameters
    difference = low_index - high_index
    joint = max(difference, 0.0) * temperature
    # Without a difference there is no joint to continue from; the limit of the formula is taken.
    continued = difference * (np.log(joint / _PIVOT) - 1.0) if joint > 0 else 0.0
    # Beyond the joint a power law needs one exponential per bin and no nodes.
    exponent = 1.0 + high_index
    factor = _PIVOT * np.exp(continued)
    total: Floats = power_integral(grid.log_edges - _LOG_PIVOT, exponent) * factor
    below = slice(int(grid.edges[:-1].searchsorted(joint)))
    nodes, logs = grid.nodes[:, below], grid.log_nodes[:, below] - _LOG_PIVOT
    rising = low_index * logs - nodes / temperature
    falling = high_index * logs + continued
    density = np.exp(np.where(nodes < joint, rising, falling))
    total[below] = grid.integrate(density, below)
    return total


def _planck(grid: Grid, temperature: float | Floats) -> Floats:
    """E**2 / (exp(E/kT) - 1)."""
    total = np.zeros((*np.shape(temperature)[:-1], len(grid)))
    seen = slice(int(grid.edges[:-1].searchsorted(_DARK * np.max(temperature))))
    nodes = grid.nodes[:, seen]
    with np.errstate(over="ignore"):
        density = nodes**2 / np.expm1(nodes / _at_nodes(temperature))
    total[..., seen] = grid.integrate(density, seen)
    return total


def blackbody(grid: Grid, parameters: Values) -> Floats:
    """Planck's law; norm is luminosity in 1e39 erg/s over squared distance in 10 kpc."""
    return 8.0525 / parameters[0] ** 4 * _planck(grid, parameters[0])


def blackbody_of_radius(grid: Grid, parameters: Values) -> Floats:
    """Planck's law; norm is squared radius in km over squared distance in 10 kpc."""
    return 1.0344e-3 * _planck(grid, parameters[0])


def gaussian(grid: Grid, parameters: Values) -> Floats:
    """Return a line of one photon/cm2/s above zero energy."""
    energy, sigma = parameters
    if sigma <= 0:
        return ((grid.edges[:-1] <= energy) & (energy < grid.edges[1:])).astype(np.float64)
    pulls = (grid.edges - energy) / sigma
    # From the nearer tail: the difference of two numbers close to 1 has no digits left.
    total: Floats = np.where(pulls[:-1] > 0, -np.diff(ndtr(-pulls)), np.diff(ndtr(pulls)))
    return total / float(ndtr(energy / sigma))


def constant(_grid: Grid, parameters: Values) -> Floats:
    """Return the same factor at all energies, for photons and for counts."""
    return np.atleast_1d(parameters[0])


def high_energy_cutoff(grid: Grid, parameters: Values) -> Floats:
    """exp((cutoffE - E) / foldE) above cutoffE, mean of the edges of a bin."""
    cutoff, fold = parameters
    at_edges = np.exp(np.minimum(cutoff - grid.edges, 0.0) / fold)
    return 0.5 * (at_edges[..., 1:] + at_edges[..., :-1])


def low_energy_cutoff(grid: Grid, parameters: Values) -> Floats:
    """exp(-LowECut / E), mean of the edges of a bin."""
    at_edges = np.exp(-parameters[0] / grid.edges)
    return 0.5 * (at_edges[..., 1:] + at_edges[..., :-1])


def photoelectric(grid: Grid, parameters: Values) -> Floats:
    """Part of the photons that a column of nH lets pass, in the middle of a bin."""
    return transmitted((grid.edges[1:] + grid.edges[:-1]) / 2, parameters[0])


def with_energy_flux(grid: Grid, parameters: Values, photons: Floats) -> Floats:
    """Return a spectrum scaled to 10**lg10Flux erg/cm2/s between Emin and Emax."""
    low, high, logarithm = parameters
    return _scaled(photons, 10.0**logarithm, energy_flux(grid, photons, low, high))


def with_photon_flux(grid: Grid, parameters: Values, photons: Floats) -> Floats:
    """Return a spectrum scaled to Flux photons/cm2/s between Emin and Emax."""
    low, high, flux = parameters
    return _scaled(photons, flux, photon_flux(grid, photons, low, high))


def _scaled(photons: Floats, wanted: float, present: float) -> Floats:
    if not present > 0:
        return np.zeros_like(photons)
    return photons * (wanted / present)


NUMPY_MODELS: dict[str, NumpyModel] = {
    "powerlaw": powerlaw,
    "bknpower": broken_power_law,
    "bkn2pow": broken_power_law,
    "cutoffpl": cutoff_power_law,
    "pegpwrlw": pegged_power_law,
    "grbm": band,
    "bbody": blackbody,
    "bbodyrad": blackbody_of_radius,
    "gaussian": gaussian,
    "constant": constant,
    "highecut": high_energy_cutoff,
    "expabs": low_energy_cutoff,
    "wabs": photoelectric,
}
COLUMNS = frozenset(
    {"powerlaw", "cutoffpl", "bbody", "bbodyrad", "constant", "highecut", "expabs", "wabs"}
)
"""Those that take columns of parameters."""
NUMPY_FLUX_MODELS: dict[str, FluxModel] = {"cflux": with_energy_flux, "cpflux": with_photon_flux}
