"""Spectra in frames on paper: crosses, upper limits, ranges without data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.views.fit_curves import ARROW, LIMIT_BELOW
from oda_widgets.views.grouping import GroupedSpectrum
from oda_widgets.views.palette import Look
from oda_widgets.views.paper.log_axis import set_energy_ticks, set_rate_ticks
from oda_widgets.views.paper.style import QUIET_COLOUR, SMALL_TEXT

RATE_LABEL = r"Rate (counts s$^{-1}$ keV$^{-1}$)"
_HOLE_COLOUR = "0.92"
_ROOM_FOR_WORDS = 1.18  # ratio of the energies at the ends of a hole


def draw_spectrum(axes: Any, grouped: GroupedSpectrum, look: Look, label: str | None) -> None:
    """Draw the points and upper limits of a spectrum; one with a label has markers."""
    _draw_points(axes, grouped, look, label)
    limits, limited = _limits(grouped), ~_measured(grouped)
    draw_limits(axes, grouped.low, grouped.high, limits, limited, look.colour)


def arrow_words(drawn: Sequence[GroupedSpectrum]) -> list[str]:
    """Return the meaning of arrows if any of the spectra has upper limits."""
    return limit_words(limited=any(not _measured(one).all() for one in drawn))


def limit_words(*, limited: bool) -> list[str]:
    """Return the meaning of arrows for the line below a title, if there are any."""
    return [f"arrows: upper limits, {LIMIT_BELOW:.0f}σ"] if limited else []


def draw_holes(axes: Any, ranges: list[tuple[float, float]], *, words: bool = True) -> None:
    """Draw ranges of energy without data as grey bands, with words where there is room."""
    for low, high in ranges:
        axes.axvspan(low, high, color=_HOLE_COLOUR, linewidth=0, zorder=0)
        if words and high > _ROOM_FOR_WORDS * low:
            style = {"color": QUIET_COLOUR, "fontsize": SMALL_TEXT, "ha": "center", "va": "center"}
            place = (float(np.sqrt(low * high)), 0.5)
            transform = axes.get_xaxis_transform()
            axes.text(*place, "no data", transform=transform, rotation=90, **style)


def _measured(grouped: GroupedSpectrum) -> NDArray[np.bool_]:
    measured: NDArray[np.bool_] = grouped.rate >= LIMIT_BELOW * grouped.error
    return measured


def _draw_points(axes: Any, grouped: GroupedSpectrum, look: Look, label: str | None) -> None:
    chosen = _measured(grouped)
    middle, widths = _bins(grouped, chosen)
    axes.errorbar(
        middle,
        grouped.rate[chosen],
        xerr=widths,
        yerr=grouped.error[chosen],
        fmt="none" if label is None else look.marker,
        markersize=3.2,
        markerfacecolor="none",  # open markers at one place can all be seen
        markeredgewidth=0.7,
        color=look.colour,
        ecolor=look.colour,
        elinewidth=0.8,
        label=label,
    )


def draw_limits(
    axes: Any, low: Floats, high: Floats, limit: Floats, chosen: NDArray[np.bool_], colour: str
) -> None:
    """Draw the upper limits of the chosen bins with arrows."""
    low, high, limit = low[chosen], high[chosen], limit[chosen]
    axes.hlines(limit, low, high, colors=colour, lw=0.6)
    axes.errorbar(
        np.sqrt(low * high),
        limit,
        yerr=limit * (1 - ARROW),
        uplims=True,
        fmt="none",
        ecolor=colour,
        elinewidth=0.6,
        capsize=1.8,
    )


def _bins(
    grouped: GroupedSpectrum, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middles of bins on a logarithmic axis, and the distances to their edges."""
    low, high = grouped.low[chosen], grouped.high[chosen]
    middle = np.sqrt(low * high)
    return middle, np.stack([middle - low, high - middle])


def _limits(grouped: GroupedSpectrum) -> Floats:
    limits: Floats = np.maximum(grouped.rate, 0) + LIMIT_BELOW * grouped.error
    return limits


def set_spectrum_axes(axes: Any, drawn: Sequence[GroupedSpectrum], *, beside: int = 1) -> None:
    """Set logarithmic axes that hold all spectra, with ticks for so many frames side by side."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    lows, tops = [], []
    for grouped in drawn:
        measured = _measured(grouped)
        limits = _limits(grouped)[~measured]
        lows += [grouped.rate[measured], limits * ARROW]
        tops += [(grouped.rate + grouped.error)[measured], limits]
    low, high = np.concatenate(lows).min(), np.concatenate(tops).max()
    axes.set_ylim(low * 0.5, high * 1.6)
    first = min(float(grouped.low[0]) for grouped in drawn) * 0.92
    last = max(float(grouped.high[-1]) for grouped in drawn) * 1.08
    axes.set_xlim(first, last)
    set_energy_ticks(axes, first, last, beside)
    set_rate_ticks(axes)
