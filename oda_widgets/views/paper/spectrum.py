"""A spectrum on paper: counts per second and keV, as the detector saw them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullFormatter
from numpy.typing import NDArray

from oda_widgets.products.spectrum import Spectrum
from oda_widgets.views.grouping import GroupedSpectrum, group_spectrum
from oda_widgets.views.paper.style import DATA_COLOUR, new_figure, set_heading

_MEASURED_ABOVE = 2.0  # sigma; below it a point is an upper limit, set so far above the rate
_ARROW = 0.55  # where its arrow ends, as a fraction of the limit
_ENERGY_TICKS = (15, 20, 30, 50, 100, 200, 300, 500, 1000)


def spectrum_figure(
    spectrum: Spectrum, *, columns: int = 1, min_significance: float = 3.0
) -> Figure:
    """Return a figure of a spectrum.

    Parameters
    ----------
    spectrum
        What to draw.
    columns
        Width in columns of text, 1 or 2.
    min_significance
        Neighbouring channels are joined, for display only, until a point reaches it. Points that
        never exceed 2 sigma are drawn as upper limits of 2 sigma above the rate, or above zero.
    """
    drawing = new_figure(columns, 0.75 if columns == 1 else 0.55)
    axes = drawing.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    grouped = group_spectrum(spectrum, min_significance)
    measured = grouped.rate >= _MEASURED_ABOVE * grouped.error
    _draw_points(axes, grouped, measured)
    _draw_limits(axes, grouped, ~measured)
    _set_ranges(axes, grouped, measured)
    axes.set_xlabel("Energy (keV)")
    axes.set_ylabel(r"Rate (counts s$^{-1}$ keV$^{-1}$)")
    set_heading(axes, spectrum.name, spectrum.observation)
    return drawing


def _draw_points(axes: Any, grouped: GroupedSpectrum, chosen: NDArray[np.bool_]) -> None:
    middle, widths = _bins(grouped, chosen)
    axes.errorbar(
        middle,
        grouped.rate[chosen],
        xerr=widths,
        yerr=grouped.error[chosen],
        fmt="none",
        ecolor=DATA_COLOUR,
        elinewidth=0.8,
    )


def _draw_limits(axes: Any, grouped: GroupedSpectrum, chosen: NDArray[np.bool_]) -> None:
    middle, _ = _bins(grouped, chosen)
    limit = _limits(grouped, chosen)
    axes.hlines(limit, grouped.low[chosen], grouped.high[chosen], colors=DATA_COLOUR, lw=0.6)
    axes.errorbar(
        middle,
        limit,
        yerr=limit * (1 - _ARROW),
        uplims=True,
        fmt="none",
        ecolor=DATA_COLOUR,
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


def _limits(grouped: GroupedSpectrum, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    limits: NDArray[np.float64] = (
        np.maximum(grouped.rate[chosen], 0) + _MEASURED_ABOVE * grouped.error[chosen]
    )
    return limits


def _set_ranges(axes: Any, grouped: GroupedSpectrum, measured: NDArray[np.bool_]) -> None:
    if not len(grouped.rate):
        return
    limits = _limits(grouped, ~measured)
    values = np.concatenate([grouped.rate[measured], limits, limits * _ARROW])
    tops = np.concatenate([(grouped.rate + grouped.error)[measured], limits])
    axes.set_ylim(values.min() * 0.5, tops.max() * 1.6)
    axes.set_xlim(grouped.low[0] * 0.92, grouped.high[-1] * 1.08)
    axes.xaxis.set_major_locator(FixedLocator(_ENERGY_TICKS))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.xaxis.set_minor_formatter(NullFormatter())
