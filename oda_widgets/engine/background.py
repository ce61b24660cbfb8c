"""The background of the detector: its shape, and the efficiencies of the pixels.

The shape is smooth: levels of the eight modules, a polynomial, and the rims of the modules. On top
of it each pixel has its own efficiency, most of all near the low threshold. From one pointing the
efficiencies cannot be told from the shadow of a steady source, so that

- without other data the shape is fitted together with the sources, and what the pixels scatter
  around it enters the variance;
- with a reference taken at another time (the window's own other seconds; later, other windows) the
  efficiencies are measured there, after its sources have been fitted and taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.polynomial.legendre import legval
from numpy.typing import NDArray

from oda_widgets.engine.fit import inverse
from oda_widgets.instruments import isgri

Floats = NDArray[np.float64]

_DEGREE = 3


@dataclass(frozen=True)
class Background:
    """What the detector sees without sources, per second.

    Parameters
    ----------
    columns
        Counts per second and pixel of each free component, shape (n_components, 134, 130);
        pixel efficiencies are included.
    efficiency
        Efficiency of each pixel, 1 on average, 0 where it is not used; it applies to photons
        of sources as well. Shape (134, 130).
    scatter
        Variance of the efficiency of a pixel that is left: shape (134, 130) where a reference
        has measured the efficiencies, or one number for all, to be measured on the image.
    stiffness
        What a reference knows of the shape: 1 / variance of the coefficients of the components
        around its own, shape (n_components, n_components). The level is free.
    """

    columns: Floats
    efficiency: Floats
    scatter: Floats | float
    stiffness: Floats | None = None

    @property
    def used(self) -> NDArray[np.bool_]:
        """Pixels in use, shape (134, 130)."""
        return self.efficiency > 0

    @property
    def scatter_of_used(self) -> Floats | float:
        """The scatter of the pixels in use, scalar or flat."""
        return self.scatter[self.used] if isinstance(self.scatter, np.ndarray) else self.scatter

    def with_scatter_of(self, counts: Floats, expected: Floats) -> Background:
        """Return the background with its scatter measured, unless a reference has done so.

        Parameters
        ----------
        counts
            Of the pixels in use, flat.
        expected
            Their model, same shape.
        """
        if isinstance(self.scatter, np.ndarray):
            return self
        return replace(self, scatter=relative_scatter(counts, expected))


@cache
def smooth_shapes() -> Floats:
    """Return the components of a smooth background, shape (18, 134, 130)."""
    modules = isgri.module_numbers()
    shapes = [(modules == number).astype(float) for number in range(8)]
    shapes += _polynomials()
    shapes.append(isgri.module_rims().astype(float))
    stacked = np.stack(shapes) * isgri.existing_pixels()
    stacked.setflags(write=False)
    return stacked


def _polynomials() -> list[Floats]:
    """Return products of Legendre polynomials over the detector, without the constant."""
    z = np.linspace(-1, 1, isgri.DETECTOR_SHAPE[0])[:, None]
    y = np.linspace(-1, 1, isgri.DETECTOR_SHAPE[1])[None, :]
    degrees = [(i, j) for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i) if i + j]
    return [legval(z, [0] * i + [1]) * legval(y, [0] * j + [1]) for i, j in degrees]


def smooth_background(used: NDArray[np.bool_]) -> Background:
    """Return a background whose shape is free, with pixels of equal efficiency."""
    return Background(smooth_shapes() * used, used.astype(float), 0.0)


def reference_background(
    used: NDArray[np.bool_],
    counts: Floats,
    expected: Floats,
    coefficients: Floats,
    covariance: Floats,
    variance: float,
) -> Background:
    """Return a background measured at another time.

    Parameters
    ----------
    used
        Pixels in use, shape (134, 130).
    counts
        Counts of the reference, shape (134, 130).
    expected
        Fitted counts of its smooth background and its sources, same shape.
    coefficients, covariance
        Those of its smooth background, shape (n_components,) and (n_components, n_components).
    variance
        Variance of the pixel efficiencies, see `relative_scatter`.

    Notes
    -----
    The efficiency of a pixel is its mean under a gamma prior with the variance given, so that a
    short reference gives a smooth template and a long one gives each pixel its own.
    """
    efficiency, scatter = used.astype(float), 0.0 * counts
    if variance > 0:
        prior = 1.0 / variance
        efficiency[used] = (counts[used] + prior) / (expected[used] + prior)
        scatter[used] = 1.0 / (expected[used] + prior)
    columns = smooth_shapes() * efficiency
    return Background(columns, efficiency, scatter, _stiffness(coefficients, covariance))


def _stiffness(coefficients: Floats, covariance: Floats) -> Floats:
    """Return what a reference knows of a shape, without what it knows of the level."""
    precision = inverse(covariance)
    level = precision @ coefficients
    return precision - np.outer(level, level) / max(float(coefficients @ level), 1e-300)


def relative_scatter(counts: Floats, expected: Floats) -> float:
    """Return the variance of pixel efficiencies: what pixels scatter beyond Poisson noise.

    One standard error is taken off, so that few counts are not taken for a rough detector.

    Parameters
    ----------
    counts
        Of the pixels in use, shape (n_pixels,).
    expected
        Their model, same shape.
    """
    squared = max(np.sum(expected**2), 1e-300)
    excess = np.sum((counts - expected) ** 2 - expected) - np.sqrt(2.0 * squared)
    return float(max(excess / squared, 0.0))


def healthy_pixels(counts: Floats, flagged: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return the pixels that can be used, shape (134, 130).

    Parameters
    ----------
    counts
        Good events of each pixel over all energies and the whole window.
    flagged
        Events that were refused as noise.

    Notes
    -----
    A pixel is left out when more than half of its events were refused, and when it is silent,
    unless most of the silent ones are so by chance. It is not compared with a fraction of the
    typical count: the shadow of a very bright source looks like that too.
    """
    exists = isgri.existing_pixels()
    noisy = flagged > counts
    silent = exists & ~noisy & (counts == 0)
    alive_by_chance = 2 * _silent_by_chance(counts[exists & ~noisy]) > silent.sum()
    healthy: NDArray[np.bool_] = exists & ~noisy & (~silent | alive_by_chance)
    return healthy


def _silent_by_chance(counts: Floats) -> float:
    """Return how many living pixels count nothing, from how many count one and two.

    For Poisson counts of one mean that is n1 n1 / 2 n2, and for those of several means no less
    (Chao 1987, Biometrics 43, 783).
    """
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return once**2 / (2 * max(twice, 1))
