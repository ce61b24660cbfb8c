"""Make light curves from others: rebin, join and cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products import curve_bins
from oda_widgets.products.bin_errors import ALONE
from oda_widgets.products.curve_data import CurveData
from oda_widgets.products.derived_history import derived
from oda_widgets.products.observation import Observation
from oda_widgets.products.observation_of_all import observation_of_all
from oda_widgets.request.arguments import listed
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.timespan import SECONDS_PER_DAY, to_ijd
from oda_widgets.request.words import one_line

_MOST_EDGES = 200_000

CurveT = TypeVar("CurveT", bound=CurveData)
_COLUMNS = (
    "time", "width", "rate", "error", "exposed_fraction", "total_counts", "background",
    "background_error",
)  # fmt: skip
_OPTIONAL = ("starts", "common_error", "window")
_UNITS = MappingProxyType({"days": "d", "seconds": "s"})  # of rules that are lengths
_OVERLAP = 1e-3 / SECONDS_PER_DAY  # days, largest overlap of bins that count as touching


def rebinned(curve: CurveT, **rules: Any) -> CurveT:
    """Return a light curve in longer bins (see `LightCurve.rebin`)."""
    name, value = _rule(rules)
    used = np.flatnonzero(curve.measured)
    order = used[np.argsort(curve.time[used], kind="stable")]
    members = _members(curve, order, name, value)
    if not members:
        problem = f"No bin of {one_line(curve.name)} remains after rebinning."
        raise EmptySelection(problem, "Give edges inside the light curve.")
    line = f"curve = curve.rebin({name}={value!r})"
    longer = _longer(curve, [order[places] for places in members])
    return replace(longer, provenance=derived("rebin", [curve], line, {name: value}))


def joined(first: CurveT, others: Sequence[CurveT]) -> CurveT:
    """Return one light curve of several (see `LightCurve.join`)."""
    curves = [first, *others]
    for other in others:
        _check_alike(first, other)
    edges = np.concatenate([curve.edges for curve in curves])
    order = np.argsort(edges[:, 0], kind="stable")
    _check_apart(edges[order])
    observation = observation_of_all([curve.observation for curve in curves])
    names = [f"curve_{number}" for number in range(1, len(curves) + 1)]
    line = f"curve = {names[0]}.join({', '.join(names[1:])})"
    return replace(
        first,
        **columns_of_all(curves, order, observation.science_windows),
        observation=observation,
        provenance=derived("join", curves, line),
    )


def columns_of_all(
    curves: Sequence[CurveData], order: NDArray[np.int_], windows: Sequence[str]
) -> dict[str, Any]:
    """Return the columns of several light curves joined into one.

    Parameters
    ----------
    curves
        Light curves to join.
    order
        Indices into the concatenated bins of all light curves, in their final order.
    windows
        Identifiers of the science windows of all light curves.

    Returns
    -------
    columns
        Columns by the names of the fields of a light curve, including the optional ones.
    """
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(curve, name) for curve in curves]) for name in _COLUMNS
    }
    if any(curve.starts is not None for curve in curves):
        columns["starts"] = np.concatenate([curve.edges[:, 0] for curve in curves])
    columns |= _shared_errors(curves, windows)
    return dict.fromkeys(_OPTIONAL) | {
        name: None if column is None else column[order] for name, column in columns.items()
    }


def cut_out(curve: CurveT, start: Any, stop: Any) -> CurveT:
    """Return the bins between two instants (see `LightCurve.cut`)."""
    first = -np.inf if start is None else to_ijd(start, "start", any_mission=True)
    last = np.inf if stop is None else to_ijd(stop, "stop", any_mission=True)
    if not first < last:
        raise BadParameter("stop", stop, "not after start", "Give the earlier instant first.")
    inside = (curve.time >= first) & (curve.time < last)
    if not inside.any():
        problem = f"No bin of {one_line(curve.name)} lies between these instants."
        raise EmptySelection(problem, f"It covers {curve.observation.span}.")
    limits = {"start": first, "stop": last}
    given = {name: limit for name, limit in limits.items() if np.isfinite(limit)}
    words = ", ".join(f"{name}={limit!r}" for name, limit in given.items())
    part = chosen_bins(curve, np.flatnonzero(inside))
    begin, end = float(part.edges[:, 0].min()), float(part.edges[:, 1].max())
    return replace(
        part,
        observation=_observation_of(curve, begin, end, float(part.good_time.sum())),
        provenance=derived("cut", [curve], f"curve = curve.cut({words})", given),
    )


def chosen_bins(curve: CurveT, chosen: NDArray[np.int_]) -> CurveT:
    """Return a light curve with some bins, by their indices; its observation stays the same."""
    columns: dict[str, Any] = {name: getattr(curve, name) for name in (*_COLUMNS, *_OPTIONAL)}
    given = {name: column[chosen] for name, column in columns.items() if column is not None}
    return replace(curve, **given)


def _rule(rules: dict[str, Any]) -> tuple[str, Any]:
    """Check that exactly one rule is given, and return its name and value."""
    given = {name: value for name, value in rules.items() if value is not None}
    if len(given) != 1:
        limit = "exactly one of seconds, days, edges and min_snr is needed"
        raise BadParameter("rebin", tuple(given), limit, "Write for example rebin(seconds=100).")
    ((name, value),) = given.items()
    if name == "edges":
        return name, _checked_edges(value)
    number = finite_number(name, value, _UNITS.get(name))
    if number <= 0:
        raise BadParameter(name, value, "not above 0", f"Write {name}=1 or more.")
    return name, number


def _checked_edges(value: Any) -> list[float]:
    """Check that there are at least two edges, in order, and return them in IJD."""
    advice = "Write edges=[first, second, ...]."
    if isinstance(value, str):
        raise BadParameter("edges", value, "not a list of instants", advice)
    edges = [
        float(to_ijd(edge, "edges", any_mission=True))
        for edge in listed("edges", value, _MOST_EDGES)
    ]
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        raise BadParameter("edges", value, "fewer than two instants, or not in order", advice)
    return edges


def _members(
    curve: CurveData, order: NDArray[np.int_], name: str, value: Any
) -> curve_bins.Members:
    """Return the positions in `order` of the bins that form each longer bin."""
    time, weights = curve.time[order], curve.weights[order]
    if name == "edges":
        return curve_bins.between_edges(time, np.array(value))
    if name in _UNITS:
        start = curve.edges[order, 0].min(initial=np.inf)
        days = value if name == "days" else value / SECONDS_PER_DAY
        return curve_bins.of_length(time, start, days)
    return curve_bins.to_significance(curve.rate[order], curve.bin_errors[order], weights, value)


def _longer(curve: CurveT, members: curve_bins.Members) -> CurveT:
    """Return a light curve with longer bins."""
    good_time = curve_bins.sums(curve.good_time, members)
    weights = curve_bins.sums(curve.weights, members)
    order, firsts = np.concatenate(members), curve_bins.firsts(members)
    begins, ends = curve.edges[order].T
    starts, stops = np.minimum.reduceat(begins, firsts), np.maximum.reduceat(ends, firsts)
    width = (stops - starts) * SECONDS_PER_DAY

    def mean(values: Floats) -> Floats:
        return curve_bins.sums(values * curve.weights, members) / weights

    def error(values: Floats) -> Floats:
        return np.sqrt(curve_bins.sums((values * curve.weights) ** 2, members)) / weights

    return replace(
        curve,
        time=starts[0] + mean(curve.time - starts[0]),
        width=width,
        rate=mean(curve.rate),
        **_error_columns(curve, members, weights),
        exposed_fraction=np.minimum(good_time / width, 1.0),
        total_counts=curve_bins.sums(curve.total_counts, members),
        background=mean(curve.background),
        background_error=error(curve.background_error),
        observation=_observation_of(curve, starts[0], stops[-1], float(good_time.sum())),
        starts=starts,
    )


def _error_columns(
    curve: CurveData, members: curve_bins.Members, weights: Floats
) -> dict[str, Any]:
    """Return the errors of longer bins by the names of their columns."""
    order, number = np.concatenate(members), len(members)
    place = np.repeat(np.arange(number), [len(chosen) for chosen in members])
    weight = curve.weights[order] / weights[place]
    errors = curve.bin_errors[order].of_sums(weight, place, number)
    if curve.common_error is None:
        return {"error": errors.error}
    return {"error": errors.error, "common_error": errors.common, "window": errors.window}


def _shared_errors(curves: Sequence[CurveData], windows: Sequence[str]) -> dict[str, Any]:
    """Return the common errors of all bins, with windows numbered by their place in `windows`."""
    if all(curve.common_error is None for curve in curves):
        return {"common_error": None, "window": None}
    errors = [curve.bin_errors for curve in curves]
    numbers = [
        np.append([windows.index(one) for one in curve.observation.science_windows], [ALONE])
        for curve in curves
    ]
    pairs = zip(errors, numbers, strict=True)
    return {
        "common_error": np.concatenate([one.common for one in errors]),
        "window": np.concatenate([number[one.window].astype(np.int64) for one, number in pairs]),
    }


def _observation_of(curve: CurveData, start: float, stop: float, good_time: float) -> Observation:
    """Return the observation of a part of a light curve, with times in proportion."""
    whole = float(curve.good_time.sum())
    part = good_time / whole if whole > 0 else 1.0
    seen = curve.observation
    return replace(
        seen,
        start=float(start),
        stop=float(stop),
        ontime=seen.ontime * part,
        live_time=seen.live_time * part,
    )


def _check_alike(first: CurveData, other: Any) -> None:
    """Check that two light curves show the same source in the same band and instrument."""
    if not isinstance(other, CurveData):
        advice = "Write curve.join(other), with LightCurve.read(...) for one in a file."
        raise BadParameter("others", other, "not a light curve", advice)
    for what, mine, theirs in (
        ("source", first.name, other.name),
        ("band", str(first.energy), str(other.energy)),
        ("instrument", first.observation.instrument, other.observation.instrument),
    ):
        if mine != theirs:
            limit = f"the {what} is not {one_line(mine)}"
            advice = "Draw them in one figure instead: plot(others=...)."
            raise BadParameter("others", one_line(theirs), limit, advice)


def _check_apart(edges: Floats) -> None:
    """Check that no two bins overlap."""
    overlap = edges[:-1, 1] - edges[1:, 0] > _OVERLAP
    if overlap.any():
        place = int(np.flatnonzero(overlap)[0]) + 1
        limit = f"bins {place} and {place + 1} in order of time overlap"
        raise BadParameter("others", len(edges), limit, "Leave out what is there twice, with cut.")
