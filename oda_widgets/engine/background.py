"""The background of the detector: its shape, and the efficiencies of the pixels.

The shape is smooth: levels of the eight modules, a polynomial, the rims of the modules and, where
the data require it (see `shape_choice`), polynomials of each module. Each pixel also has its own
efficiency, which matters most near the low threshold. One pointing cannot distinguish efficiencies
from the shadow of a steady source, so

- without other data the shape is fitted together with the sources, and the scatter of pixels
  around it enters the variance;
- with a reference taken at another time (the window's own other seconds; later, other windows) the
  efficiencies are measured there, after its sources have been fitted and removed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.background_shapes import smooth_shapes
from oda_widgets.engine.fit import inverse
from oda_widgets.engine.lone_pixels import may_stand_out, stands_out
from oda_widgets.engine.pixel_health import PixelHealth

Numbers = TypeVar("Numbers", Floats, Singles)

_LOOKS_FOR_NOISE = 12  # iterations: noisy pixels hide less noisy ones


@dataclass(frozen=True)
class Background:
    """Counts per second that the detector records without sources.

    Parameters
    ----------
    columns
        Counts per second and pixel of each free component, shape (n_components, 134, 130);
        pixel efficiencies are included.
    efficiency
        Efficiency of each pixel, 0 where it is not used; it applies to photons of sources as
        well. Shape (134, 130).
    scatter
        Variance of the efficiency of a pixel that a reference leaves; shape (134, 130).
    stiffness
        Prior precision of the shape from a reference: 1 / variance of the component coefficients
        around those of the reference, shape (n_components, n_components). The level is free.
    excess
        Variance of the efficiencies measured on the image itself, one number for all pixels.
    health
        Probability that silent pixels are alive; None if every pixel counts.
    noisy
        Pixels in use that a fit shows to count noise, shape (134, 130); None if there are none.
    """

    columns: Floats
    efficiency: Floats
    scatter: Floats
    stiffness: Floats | None = None
    excess: float = 0.0
    health: PixelHealth | None = None
    noisy: NDArray[np.bool_] | None = None

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Pixels in use, shape (134, 130)."""
        return self.efficiency > 0

    @cached_property
    def columns_of_used(self) -> Floats:
        """The components in the pixels in use, shape (n_components, n_used)."""
        return of_pixels(self.columns, np.flatnonzero(self.used))

    @property
    def scatter_of_used(self) -> Floats:
        """The total scatter of the pixels in use, flat."""
        return self.scatter[self.used] + self.excess

    def with_shapes(self, shapes: Floats) -> Background:
        """Return the background with new components.

        Parameters
        ----------
        shapes
            Before the efficiencies of pixels, shape (n_components, 134, 130).
        """
        return replace(self, columns=shapes * self.efficiency)

    def with_efficiency(self, efficiency: Floats) -> Background:
        """Return the background with new efficiencies of the pixels in use."""
        ratio = np.divide(
            efficiency, self.efficiency, out=np.zeros_like(efficiency), where=self.used
        )
        return replace(self, columns=self.columns * ratio, efficiency=efficiency)

    def with_excess_of(self, counts: Floats, expected: Floats) -> Background:
        """Return the background with its excess scatter measured on an image.

        A background from a reference is returned unchanged: excess scatter then comes from the
        shadows of the sources and is not a property of the pixels.

        Parameters
        ----------
        counts
            Of the pixels in use, flat.
        expected
            Model of these counts, same shape.
        """
        if self.stiffness is not None:
            return self
        counting = np.ones(len(counts), np.bool_)
        if self.health is not None:
            counting = ~self.health.silent[self.used]
        known = self.scatter[self.used]
        noisy, excess = np.zeros(len(counts), np.bool_), 0.0
        for _ in range(_LOOKS_FOR_NOISE):
            kept = counting & ~noisy
            seen = (counts, expected, known)
            excess = relative_scatter(*(seen if kept.all() else (one[kept] for one in seen)))
            more = self._standing_out(counts, expected, known + excess, noisy)
            if not more.any():
                break
            noisy |= more
        return replace(self, excess=excess, noisy=self._on_detector(noisy) if noisy.any() else None)

    def _standing_out(
        self, counts: Floats, expected: Floats, scatter: Floats, noisy: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return True for pixels in use, flat, that newly stand out from a fit as noisy."""
        left = np.where(noisy, 0.0, counts - expected)
        errors = np.sqrt(np.maximum(expected, 1.0) + scatter * expected**2)
        if not may_stand_out(left, errors).any():
            return np.zeros(len(counts), np.bool_)  # as in nearly all fits
        found = stands_out(self._on_detector(left), self._on_detector(errors))
        alone: NDArray[np.bool_] = found[self.used] & ~noisy
        return alone

    def _on_detector(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values of the pixels in use as a detector image, 0 elsewhere."""
        image = np.zeros(self.used.shape, values.dtype)
        image[self.used] = values
        return image


def of_pixels(images: Numbers, chosen: NDArray[np.intp]) -> Numbers:
    """Return the values of some pixels by number, (n_images, n_chosen); faster than a mask."""
    flat: Numbers = images.reshape(len(images), -1).take(chosen, axis=1)
    return flat


def smooth_background(used: NDArray[np.bool_], efficiency: Floats | float = 1.0) -> Background:
    """Return a background with a free shape.

    Parameters
    ----------
    used
        Pixels in use, all of which count; shape (134, 130).
    efficiency
        Efficiency of each pixel known before the fit, same shape; a pixel with 0 is not used.
    """
    of_used: Floats = np.asarray(used * efficiency, float)
    return Background(smooth_shapes() * of_used, of_used, np.zeros(used.shape))


def background_of(health: PixelHealth, efficiency: Floats | float = 1.0) -> Background:
    """Return a smooth background for pixels some of which may be dead."""
    return replace(smooth_background(health.used, efficiency), health=health)


def reference_background(
    smooth: Background,
    counts: Floats,
    expected: Floats,
    coefficients: Floats,
    covariance: Floats,
    variance: float,
) -> Background:
    """Return a background measured at another time.

    Parameters
    ----------
    smooth
        The smooth background that was fitted to the reference.
    counts
        Counts of the reference, shape (134, 130).
    expected
        Fitted counts of its smooth background and its sources, same shape.
    coefficients, covariance
        Fit of the smooth background, shape (n_components,) and (n_components, n_components).
    variance
        Variance of the pixel efficiencies, see `relative_scatter`.

    Notes
    -----
    The efficiency of a pixel is its mean under a gamma prior of the given variance, so a short
    reference gives a smooth template and a long one an efficiency for each pixel.
    """
    used, efficiency, scatter = smooth.used, smooth.efficiency.copy(), 0.0 * counts
    if variance > 0:
        prior = 1.0 / variance
        efficiency[used] *= (counts[used] + prior) / (expected[used] + prior)
        scatter[used] = 1.0 / (expected[used] + prior)
    columns = smooth.with_efficiency(efficiency).columns
    stiffness = _stiffness(coefficients, covariance)
    return Background(columns, efficiency, scatter, stiffness, health=smooth.health)


def _stiffness(coefficients: Floats, covariance: Floats) -> Floats:
    """Return the precision of the shape from a reference, with a free level."""
    precision = inverse(covariance)
    level = precision @ coefficients
    return precision - np.outer(level, level) / max(float(coefficients @ level), 1e-300)


def relative_scatter(counts: Floats, expected: Floats, known: Floats | float = 0.0) -> float:
    """Return the variance of pixel efficiencies: the scatter beyond Poisson noise.

    One standard error is subtracted, so that few counts do not look like an uneven detector.

    Parameters
    ----------
    counts
        Of the pixels in use, shape (n_pixels,).
    expected
        Their model, same shape; it is scaled to the sum of the counts.
    known
        Known variance of the efficiencies, which is not counted again.
    """
    if expected.sum() <= 0:
        return 0.0
    expected = expected * (counts.sum() / expected.sum())
    squared = max(float(np.sum(expected**2)), 1e-300)
    excess = float(np.sum((counts - expected) ** 2 - expected - known * expected**2)) - np.sqrt(
        2.0 * squared
    )
    return max(float(excess) / squared, 0.0)
