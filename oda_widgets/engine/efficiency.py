"""The efficiencies of pixels in energy bands that are known before any fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.extract import RateEstimator, Rates
from oda_widgets.engine.pixel_health import PixelHealth
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Recorded
from oda_widgets.instruments.sensitivity import UNKNOWN, Sensitivity
from oda_widgets.request.energy import EnergyBand

_BLIND = 0.1
"""Efficiency relative to the best pixels below which a pixel counts only noise."""

_LEAST = 1e-3

_MOST_SEE = 0.5
"""A constant efficiency in a band above this value is not caused by thresholds."""

WEIGHT_STEP = 0.5
"""keV, the width of the narrowest channels of spectra."""

_MEASURED = 0.05
"""Relative error of what measured thresholds hide: the departure from the truth of channels of
simulated Crab spectra from 2015 to 2022 of which half is hidden."""

_HEAVIEST = 3.0

_BEST = 90.0  # percentile of the pixels in use

_SOURCES = (0.6, -2.9)
"""Powers of energy by which sources of photon index 1.5 and 5 differ from the Crab (2.1)."""


def pixel_efficiency(events: Recorded, band: EnergyBand, health: PixelHealth) -> Floats | float:
    """Return the efficiency of each pixel in a band, 0 for blind ones, shape (134, 130).

    Parameters
    ----------
    events
        Events of the window, with the sensitivity of its pixels.
    band
        Energy band in keV.
    health
        Which pixels are in use.
    """
    if events.sensitivity is None:
        return 1.0
    efficiency = events.sensitivity.in_band(band.low, band.high)
    seen = efficiency[health.used]
    if not seen.min(initial=1.0) > _BLIND * seen.max(initial=0.0):
        efficiency[~(efficiency > _BLIND * np.percentile(seen, _BEST))] = 0.0
    return efficiency * events.sensitivity.gain


@dataclass(frozen=True)
class Correction:
    """Correction of a rate for the photons of a typical source that the pixels do not record.

    Parameters
    ----------
    factor
        At least 1.
    error
        Relative error: from thresholds and their measurement, and the largest departure of a
        source of photon index 1.5 to 5 from the Crab. A black body of 3 keV falls at 20 keV like a
        source of index 5.
    """

    factor: float
    error: float


def correction(events: Recorded, low: float, high: float, health: PixelHealth) -> Correction:
    """Return the correction of a band, keV."""
    return corrections(events, np.array([low, high]), health)[0]


def corrections(events: Recorded, edges: Floats, health: PixelHealth) -> list[Correction]:
    """Return the corrections of adjoining channels with edges in keV, shape (n_channels + 1,)."""
    sensitivity = events.sensitivity
    if sensitivity is None:
        return [Correction(1.0, 0.0)] * (len(edges) - 1)
    share = sensitivity.shares(health.used)
    found = _corrections(sensitivity, np.asarray(edges[:-1]), np.asarray(edges[1:]), share)
    return [Correction(*one) for one in zip(*(each.tolist() for each in found), strict=True)]


def _corrections(
    sensitivity: Sensitivity, low: Floats, high: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Return the factors of bands and their errors, given the share of pixels on each curve."""
    shift = sensitivity.shift

    def seen(up: float = 0.0, tilt: float = 0.0) -> Floats:
        return sensitivity.mean_in_bands(low + up, high + up, share, tilt)

    usual = np.maximum(seen(), _LEAST)
    of_thresholds = abs(seen(up=shift) - seen(up=-shift)) / (2 * usual) if shift else 0.0 * usual
    hidden = 0.0 * usual if sensitivity.reach is None else 1 - usual
    of_shape = np.minimum(hidden, sensitivity.untold)
    of_source = np.max([abs(seen(tilt=tilt) - usual) / usual for tilt in _SOURCES], axis=0)
    errors = np.linalg.norm([of_thresholds, _MEASURED * hidden, of_shape, of_source], axis=0)
    # An efficiency that is constant in a band is not caused by thresholds.
    right = (usual > _MOST_SEE) & sensitivity.are_flat(low, high)
    unknown = low < sensitivity.unknown_below
    errors = np.where(unknown, UNKNOWN, np.where(right, 0.0, errors))
    return np.where(unknown | right, 1.0, 1.0 / usual), errors


def event_weights(events: Recorded, group: EnergyBand, health: PixelHealth) -> Floats | None:
    """Return the weight of an event by its energy; the mean weight of its group is 1.

    Where few pixels record photons, each event counts for more; light curves then add up to the
    rates of spectra, channel by channel.

    Returns
    -------
    weights
        In steps of `WEIGHT_STEP` keV from the lower edge of the group; None where all are equal,
        or so large that noise would outweigh the source.
    """
    sensitivity = events.sensitivity
    if sensitivity is None or sensitivity.is_flat(group.low, group.high):
        return None
    number = max(int(np.ceil((group.high - group.low) / WEIGHT_STEP - 1e-9)), 1)
    edges = np.minimum(group.low + WEIGHT_STEP * np.arange(number + 1), group.high)
    factors = np.array([one.factor for one in corrections(events, edges, health)])
    weights: Floats = factors / correction(events, group.low, group.high, health).factor
    return weights if weights.max() < _HEAVIEST else None


def straightened(found: Rates, scene: Scene, estimator: RateEstimator, bends: Floats) -> Rates:
    """Return the rates that channels would have with the efficiencies of their group.

    A channel in which pixels record less has a lower rate, and the counts that its background lacks
    in some pixels look like the shadow of a source: both follow from the columns of the fit.

    Parameters
    ----------
    found
        Rates in the channels of a group.
    scene, estimator
        Fit of the whole group.
    bends
        Efficiencies of pixels in channels relative to the group, (n_channels, 134 * 130).
    """
    n = scene.n_background
    background = scene.fit.coefficients[:n].astype(np.float32) @ scene.columns[:n]
    columns = np.vstack([background, scene.columns[n:]])
    of_sources = np.full(len(columns) - 1, scene.shadowgram.seconds)
    whole = np.append(estimator.matrix[0] @ background, of_sources)
    rate, error = np.vstack([found.background, found.rate]), found.error.copy()
    for channel, bend in enumerate(bends.take(scene.pixels, axis=1).astype(np.float32)):
        inverted = np.linalg.pinv(estimator.matrix @ (columns * bend).T / whole)
        rate[:, channel] = inverted @ rate[:, channel]
        error[:, channel] *= np.abs(np.diag(inverted))[1:]
    return replace(found, rate=rate[1:], error=error, background=rate[0])
