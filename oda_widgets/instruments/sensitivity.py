"""The fraction of a source's light that pixels record: efficiency and dead time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

WORST = 2.0
"""Correction beyond which a rate is an extrapolation, not a measurement."""

UNKNOWN = 1.0
"""Relative error of a rate that may be any fraction of the true one."""

_LEAST = 1e-3
"""Least efficiency, in place of zero."""

_SHARPEST = 0.1
"""Energy within which a step of the efficiency rises, keV."""


_HALF = float(np.log(2.0))


def passed(above: Floats, reach: float, *, smeared: bool) -> Floats:
    """Return the efficiency of a pixel at energies above its threshold.

    Parameters
    ----------
    above
        Energy over the threshold, keV.
    reach
        Energy above it within which the efficiency rises to 1 - 1/e, keV.
    smeared
        Whether it rises around the threshold like a cumulative normal distribution of this width.
    """
    if smeared:
        from scipy.special import ndtr  # noqa: PLC0415 - heavy

        return np.asarray(ndtr(above / reach))
    return -np.expm1(-np.maximum(above, 0.0) / reach)


@dataclass(frozen=True)
class Sensitivity:
    """The efficiency of each pixel by energy, and other factors of its rates.

    Parameters
    ----------
    energy
        Energies of the efficiencies, keV, increasing, shape (n_energies,). Beyond the first and the
        last the efficiency is constant.
    curves
        Efficiencies, 0 to 1, shape (n_curves, n_energies).
    curve
        Row of each pixel in `curves`, as [z, y]; -1 where there is no pixel.
    gain
        Factor of the rates of each pixel at all energies, as [z, y]: live fraction of its module
        over that of the detector, and the convention of rates; or one number for all.
    usual
        Counts per keV of a usual source at the energies, the weights in bands.
    scale_error
        Relative error of all rates at all energies.
    shift
        Uncertainty of the energies at which efficiencies rise, keV.
    reach
        Energy within which the efficiency of one pixel rises, keV, if the efficiencies are means
        over pixels; None if they are those of single pixels.
    smeared
        Whether it rises like a cumulative normal distribution of this width.
    untold
        Fraction of a band, at most, by which the light hidden by thresholds is uncertain.
    unknown_below
        Energy below which the losses of pixels could not be measured, keV.
    note
        Origin of the efficiencies, in words.
    live_note
        Treatment of dead time, in words.
    live_spread
        Relative deviation of the live fraction in parts of the window from its mean; 0 if
        negligible.
    """

    energy: Floats
    curves: NDArray[np.float32]
    curve: NDArray[np.intp]
    gain: Floats | float
    usual: Floats
    scale_error: float = 0.0
    shift: float = 0.0
    reach: float | None = None
    smeared: bool = False
    untold: float = 0.0
    unknown_below: float = 0.0
    note: str = ""
    live_note: str = ""
    live_spread: float = 0.0

    def in_band(self, low: float, high: float, tilt: float = 0.0) -> Floats:
        """Return the mean efficiency of each pixel in a band, zero where there is no pixel.

        Parameters
        ----------
        low, high
            Edges of the band, keV.
        tilt
            Difference of the power of energy to that of the usual source; above 0 is harder.
        """
        of_curve = self.curves @ self._weights(np.array([low]), np.array([high]), tilt)[0]
        exists = self.curve >= 0
        return np.where(exists, np.maximum(of_curve, _LEAST)[self.curve], 0.0)

    def mean_in_bands(self, low: Floats, high: Floats, share: Floats, tilt: float = 0.0) -> Floats:
        """Return the mean efficiency of chosen pixels in bands, shape (n_bands,).

        Parameters
        ----------
        low, high
            Edges of the bands, keV, shape (n_bands,).
        share
            Fraction of the pixels with each curve, shape (n_curves,); see `shares`.
        tilt
            See `in_band`.
        """
        of_curves = self._weights(low, high, tilt) @ self.curves.T
        means: Floats = np.maximum(of_curves, _LEAST) @ share
        return means

    def shares(self, chosen: NDArray[np.bool_]) -> Floats:
        """Return the fraction of chosen pixels that has each curve, shape (n_curves,)."""
        curve = self.curve[chosen]
        numbers = np.bincount(curve[curve >= 0], minlength=len(self.curves))
        return np.asarray(numbers / max(len(curve), 1))

    def of_thresholds(self, thresholds: Floats, low: float, high: float) -> Floats:
        """Return the efficiencies that pixels with given thresholds have in a band.

        Parameters
        ----------
        thresholds
            In keV, shape (n_thresholds,).
        low, high
            Edges of the band, keV.
        """
        _, at, counts = self._counts(np.array([low]), np.array([high]))
        reach = max(self.reach or 0.0, _SHARPEST)
        recorded = passed(at - thresholds[:, None], reach, smeared=self.smeared)
        seen: Floats = recorded @ (counts / counts.sum())
        return seen

    @property
    def half(self) -> float:
        """Energy above its threshold at which a pixel records half of the photons, keV."""
        return 0.0 if self.smeared else _HALF * (self.reach or 0.0)

    def is_flat(self, low: float, high: float) -> bool:
        """Return True if no efficiency changes inside a band."""
        return bool(self.are_flat(np.array([low]), np.array([high]))[0])

    def are_flat(self, low: Floats, high: Floats) -> NDArray[np.bool_]:
        """Return True for the bands, edges in keV, inside which no efficiency changes."""
        last = len(self.energy) - 1
        first, end = (np.searchsorted(self.energy, edge).clip(1, last) for edge in (low, high))
        # Every second stretch of columns: from one before a band to one beyond it.
        stretches = np.column_stack([first - 1, end + 1]).ravel()
        padded = np.pad(self.curves, ((0, 0), (0, 1)))
        highest = np.maximum.reduceat(padded, stretches, axis=1)[:, ::2]
        lowest = np.minimum.reduceat(padded, stretches, axis=1)[:, ::2]
        flat: NDArray[np.bool_] = (highest - lowest).max(axis=0) < _LEAST
        return flat

    def at(self, energy: float) -> Floats:
        """Return the efficiency of each pixel at an energy in keV, zero where there is none."""
        place = float(np.interp(energy, self.energy, np.arange(len(self.energy))))
        first = min(int(place), len(self.energy) - 2)
        below, above = self.curves[:, first], self.curves[:, first + 1]
        of_curve = below + (above - below) * (place - first)
        return np.where(self.curve >= 0, of_curve[self.curve], 0.0)

    def _weights(self, low: Floats, high: Floats, tilt: float) -> Floats:
        """Return the weight of each efficiency in the means over bands, (n_bands, n_energies)."""
        band, at, counts = self._counts(low, high)
        counts = counts * at**tilt
        place = np.clip(np.interp(at, self.energy, np.arange(len(self.energy))), 0, None)
        first = np.minimum(place.astype(np.intp), len(self.energy) - 2)
        part = place - first
        weights = np.zeros((len(low), len(self.energy)))
        np.add.at(weights, (band, first), counts * (1 - part))
        np.add.at(weights, (band, first + 1), counts * part)
        share: Floats = weights / np.bincount(band, counts)[:, None]
        return share

    def _counts(self, low: Floats, high: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Return energies that sample bands, keV, and the counts of the usual source there.

        Returns
        -------
        band
            Index of the band of each energy, shape (n,).
        at, counts
            Same shape.
        """
        parts = 2 * np.maximum(np.ceil(high - low), 4).astype(np.intp)
        band = np.repeat(np.arange(len(low)), parts)
        number = np.arange(len(band)) - (np.cumsum(parts) - parts)[band]
        at = low[band] + (high - low)[band] * (number + 0.5) / parts[band]
        return band, at, np.exp(np.interp(np.log(at), np.log(self.energy), np.log(self.usual)))
