"""The light curves of one figure: their bins, names and norms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.products.curve_statistics import CurveFit
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.arguments import listed
from oda_widgets.request.numbers import finite_number, number_within
from oda_widgets.request.timespan import SECONDS_PER_DAY
from oda_widgets.request.words import typeset, with_error
from oda_widgets.views.labels import distinct_labels
from oda_widgets.views.rebin import rebin

_LARGEST_LIMIT = 100.0  # sigma
_SPARSE = 0.3  # part of their time that bins cover; below it, steps would be strokes
_MOST = 10_000  # light curves or spectra of a figure


@dataclass(frozen=True)
class Series:
    """The bins of a light curve that have a rate, as they are drawn.

    Parameters
    ----------
    curve
        The light curve of the bins.
    label
        Its name in the legend.
    start, stop, time
        Edges of the bins, and their time, IJD days.
    rate, error
        Multiplied by the norm.
    sigma
        Bins below so many sigma are drawn as upper limits; 0 for none.
    effective
        Effective exposures, seconds, if some bins hold no counts; else None.
    """

    curve: LightCurve
    label: str
    start: Floats
    stop: Floats
    time: Floats
    rate: Floats
    error: Floats
    sigma: float = 0.0
    effective: Floats | None = None

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True)
class Bins:
    """The drawn bins of a series: joined if the figure has no room for all of them.

    Parameters
    ----------
    start, stop, time
        Edges and time of each, seconds since an instant.
    rate, error
        The rate, or the upper limit, and the error.
    peak, dip
        The highest and the lowest of the joined bins, if they stand out; else the rate.
    limited
        Mask of the upper limits.
    gap_after
        Whether a gap follows, for each bin but the last.
    factor
        Number of bins joined into each.
    """

    start: Floats
    stop: Floats
    time: Floats
    rate: Floats
    error: Floats
    peak: Floats
    dip: Floats
    limited: NDArray[np.bool_]
    gap_after: NDArray[np.bool_]
    factor: int

    def __len__(self) -> int:
        return len(self.time)

    @property
    def sparse(self) -> bool:
        """Whether the bins cover little of their time, as those of windows over years do."""
        if not len(self):
            return False
        covered = float(np.sum(self.stop - self.start))
        return covered < _SPARSE * float(self.stop.max() - self.start.min())


def bins_of(
    series: Series, zero: float, most: int, window: tuple[float, float] | None = None
) -> Bins:
    """Return the drawn bins of a series.

    Parameters
    ----------
    series
        The light curve.
    zero
        The instant that times count from, IJD.
    most
        Number of bins that there is room for.
    window
        Draw only the part between these times, seconds, and as much again on either side.
    """
    start, stop, time = (
        (instant - zero) * SECONDS_PER_DAY for instant in (series.start, series.stop, series.time)
    )
    inside = np.ones(len(series), dtype=bool)
    if window is not None:
        margin = window[1] - window[0]
        inside = (stop > window[0] - margin) & (start < window[1] + margin)
    effective = None if series.effective is None else series.effective[inside]
    columns = start[inside], stop[inside], series.rate[inside], series.error[inside]
    drawn = rebin(*columns, most, effective)
    limited, level = limits(drawn.rate, drawn.error, series.sigma)
    return Bins(
        drawn.start,
        drawn.stop,
        time[inside] if drawn.factor == 1 else drawn.middle,
        level,
        drawn.error,
        np.where(limited, level, drawn.peak),
        np.where(limited, level, drawn.dip),
        limited,
        drawn.gap_after,
        drawn.factor,
    )


def limits(rate: Floats, error: Floats, sigma: float) -> tuple[NDArray[np.bool_], Floats]:
    """Return the mask of upper limits, and the drawn values: these limits and the other rates."""
    limited = rate < sigma * error if sigma else np.zeros(len(rate), dtype=bool)
    return limited, np.where(limited, np.maximum(rate, 0) + sigma * error, rate)


def series_of(
    curve: LightCurve,
    others: Any = (),
    *,
    norm: Any = None,
    labels: Sequence[str] | None = None,
    limit_below: float | None = None,
) -> tuple[Series, ...]:
    """Return the series of a figure of light curves.

    Parameters
    ----------
    curve
        The first.
    others
        A light curve, or several.
    norm
        Factor of the rates of the others: a number, one for each, or "mean" for equal means.
    labels
        Names for the legend, of the first and the others.
    limit_below
        Bins below so many sigma become upper limits, so many sigma above the rate or above zero.

    Raises
    ------
    BadParameter
        If one of the others is no light curve, or a norm, a label or the limit cannot be read.
    """
    curves = [curve, *checked_others(others, LightCurve)]
    factors = [1.0, *_factors(curve, curves[1:], norm)]
    names = distinct_labels(curves, labels)
    if labels is None:
        names = tuple(map(_with_norm, names, factors))
    sigma = 0.0 if limit_below is None else _read_limit(limit_below)
    return tuple(map(_series, curves, names, factors, [sigma] * len(curves)))


def checked_others(others: Any, kind: type[Any]) -> list[Any]:
    """Return further products of a figure as a list.

    Raises
    ------
    BadParameter
        If one is of another kind.
    """
    if isinstance(others, kind):
        return [others]
    found = listed("others", others, _MOST) if isinstance(others, Iterable) else [others]
    for other in found:
        if not isinstance(other, kind):
            limit = f"not a {kind.__name__}"
            raise BadParameter("others", other, limit, "Give others=[first, second, ...].")
    return found


def fits_of(curve: LightCurve, fit: Any) -> tuple[CurveFit, ...]:
    """Return the fits that a figure draws; those given by name are made here."""
    wanted = fit if isinstance(fit, list | tuple) else () if fit is None else (fit,)
    return tuple(one if isinstance(one, CurveFit) else curve.fit(one) for one in wanted)


def fit_words(fit: CurveFit, name: str = "") -> str:
    """Return the text of a fit for a legend, with the name of its light curve beside others."""
    level = f"{fit.model}: {with_error(fit.level, fit.level_error)} counts/s"
    slope = f",\n{fit.slope_in_words}" if fit.model == "linear" else ""
    beside = f"{name}, " if name else ""
    return f"{beside}{typeset(level + slope)} (χ² {fit.chi2:.1f}/{fit.degrees})"


def _series(curve: LightCurve, label: str, factor: float, sigma: float) -> Series:
    errors, effective = curve.shown_error, curve.effective_exposure
    used = np.flatnonzero(np.isfinite(curve.rate) & np.isfinite(errors) & (errors > 0))
    used = used[np.argsort(curve.time[used], kind="stable")]
    start, stop = curve.edges[used].T
    rate, error = factor * curve.rate[used], abs(factor) * errors[used]
    scaled = effective[used] / abs(factor) if effective is not None and factor else None
    return Series(curve, label, start, stop, curve.time[used], rate, error, sigma, scaled)


def _factors(first: LightCurve, others: Sequence[LightCurve], norm: Any) -> list[float]:
    if norm is None:
        return [1.0] * len(others)
    if not others:
        limit = "there is no other light curve that it could scale"
        raise BadParameter("norm", norm, limit, "Give others=[...], or leave it out.")
    if isinstance(norm, str):
        if norm != "mean":
            advice = 'Write a number, one for each of the others, or "mean".'
            raise BadParameter("norm", norm, "not a norm", advice)
        return [_ratio(first, other) for other in others]
    if isinstance(norm, bytes | bytearray | Mapping):
        raise BadParameter("norm", norm, "not a norm", "Write norm=[first, second, ...].")
    given = listed("norm", norm, _MOST) if isinstance(norm, Iterable) else [norm] * len(others)
    if len(given) != len(others):
        limit = f"not one number for each of the {len(others)} others"
        raise BadParameter("norm", norm, limit, "Write norm=[first, second, ...].")
    return [finite_number("norm", value) for value in given]


def _ratio(first: LightCurve, other: LightCurve) -> float:
    """Return the factor that scales another light curve to the mean of the first."""
    ratio = first.mean_rate[0] / other.mean_rate[0] if other.mean_rate[0] else np.nan
    if not np.isfinite(ratio):
        limit = f"the mean of {other.name} is zero or not known"
        raise BadParameter("norm", "mean", limit, "Give a number.")
    return float(ratio)


def _with_norm(label: str, factor: float) -> str:
    return label if factor == 1.0 else f"{label} × {factor:.4g}"


def _read_limit(value: Any) -> float:
    return number_within("limit_below", value, 0.1, _LARGEST_LIMIT)
