"""Correct light curves of the shield of SPI in files of MMODA: lengths of bins, and errors.

MMODA joins bins of 50 ms by their rounded times, so that a bin of 0.1 s may hold one or three of
them. The file does not say how many, but its errors are the roots of the counts, so that
RATE / ERROR^2 is the length of the bin. The errors are then raised to the real noise of the shield.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.shield import NATIVE_BIN, SHIELD, shield_error
from oda_widgets.products.shield_curve import RATES_NOTE

_CLOSE = 1e-3  # largest deviation from a whole number of bins of 50 ms


def poisson_widths(rate: Floats, error: Floats) -> Floats | None:
    """Return the lengths of bins with Poisson errors.

    Parameters
    ----------
    rate, error
        Counts per second.

    Returns
    -------
    widths
        Seconds, multiples of 50 ms; None if the errors are not Poisson errors.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        number = rate / error**2 / NATIVE_BIN
    whole = np.round(number)
    if not len(rate) or not (np.abs(number - whole) < _CLOSE).all() or not (whole >= 1).all():
        return None
    widths: Floats = whole * NATIVE_BIN
    return widths


def of_shield(curve: LightCurve, *, stated: bool) -> LightCurve:
    """Return a light curve with lengths and errors corrected, if it is of the shield.

    Parameters
    ----------
    curve
        Light curve as stored in the file.
    stated
        True if the file states the length of each bin, as ours do; nothing is then corrected.
    """
    if curve.observation.instrument != SHIELD or stated:
        return curve
    widths = poisson_widths(curve.rate, curve.error)
    if widths is None:
        return curve
    curve = replace(
        curve,
        width=widths,
        error=shield_error(curve.rate * widths, widths),
        total_counts=curve.rate * widths,
    )
    edges = curve.edges
    observation = replace(
        curve.observation,
        start=float(edges[0, 0]),
        stop=float(edges[-1, 1]),
        ontime=float(widths.sum()),
        live_time=float(widths.sum()),
        rates_note=RATES_NOTE,
    )
    return replace(curve, observation=observation)
