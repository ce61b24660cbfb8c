"""A fit on paper: data and folded model, with residuals below."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oda_widgets.arrays import Floats
from oda_widgets.fitting.result import Fit
from oda_widgets.views.fit_curves import Curve, curves, holes_between
from oda_widgets.views.labels import common_observation, common_title, distinct_labels
from oda_widgets.views.log_range import log_range
from oda_widgets.views.palette import FitColours, fit_colours
from oda_widgets.views.paper.legend_below import legend_below
from oda_widgets.views.paper.log_axis import set_energy_ticks, set_rate_ticks
from oda_widgets.views.paper.spectrum_drawing import draw_holes, draw_limits, limit_words
from oda_widgets.views.paper.style import new_figure, set_heading

_FAINTEST = 1e-4  # lowest end of the axis of rates, part of its top
_MOST_INSIDE = 5  # entries of a legend that a frame has room for beside the data
_OVER = 3.0  # z-order of data: above the model, which would hide well-measured points


def fit_figure(
    fit: Fit,
    *,
    columns: int = 1,
    width: float | None = None,
    height: float | None = None,
    min_significance: float = 3.0,
    unfolded: bool = False,
    ratio: bool = False,
) -> Figure:
    """Return a figure of a fit.

    Parameters
    ----------
    fit
        Fit to draw.
    columns
        Width in columns of text, 1 or 2.
    width, height
        Inches, in place of those of `columns`.
    min_significance
        Channels are joined, for display only, until a point reaches it.
    unfolded
        Draw E F(E) in place of counts.
    ratio
        Draw data / model below, in place of deviations in units of their errors.
    """
    drawing = new_figure(columns, 0.95 if columns == 1 else 0.7, width, height)
    upper, lower = drawing.subplots(2, sharex=True, gridspec_kw={"height_ratios": (3, 1)})
    drawn = curves(fit.problem, fit.minimum.values, min_significance, unfolded=unfolded)
    spectra = [data.spectrum for data in fit.datasets]
    names = distinct_labels(spectra) if len(spectra) > 1 else ["data"]
    colours = fit_colours(len(drawn), len(drawn[0].terms), paper=True)
    for number, (curve, name) in enumerate(zip(drawn, names, strict=True)):
        _draw_data(upper, curve, colours.data[number], name)
        _draw_model(upper, curve, colours, named=number == 0)
        _draw_residuals(lower, curve, colours.data[number], ratio=ratio)
    _set_axes(upper, lower, drawn, ratio=ratio, unfolded=unfolded)
    if len(upper.get_legend_handles_labels()[1]) > _MOST_INSIDE:
        legend_below(drawing, upper, grow=height is None)
    else:
        upper.legend(frameon=False, fontsize="small", loc="best")
    observed = [spectrum.observation for spectrum in spectra]
    heading = f"{common_title(spectra)}: {fit.model}"
    limited = any(curve.limited.any() for curve in drawn)
    words = [common_observation(observed), *limit_words(limited=bool(limited))]
    set_heading(upper, heading, " · ".join(words), observed)
    return drawing


def _set_axes(upper: Any, lower: Any, drawn: list[Curve], *, ratio: bool, unfolded: bool) -> None:
    upper.set_xscale("log")
    upper.set_yscale("log")
    upper.set_ylim(*_range(drawn))
    set_rate_ticks(upper)
    for axes in (upper, lower):
        draw_holes(axes, holes_between(drawn), words=axes is upper)
    lower.axhline(1.0 if ratio else 0.0, color="0.6", lw=0.6)
    lower.set_xlabel("Energy (keV)")
    lower.set_ylabel("data / model" if ratio else r"$\Delta/\sigma$")
    counts, emitted = r"Rate (counts s$^{-1}$ keV$^{-1}$)", r"$E\,F(E)$ (keV cm$^{-2}$ s$^{-1}$)"
    upper.set_ylabel(emitted if unfolded else counts)
    low, high = min(curve.low[0] for curve in drawn), max(curve.high[-1] for curve in drawn)
    lower.set_xlim(low * 0.93, high * 1.07)
    set_energy_ticks(lower, low * 0.93, high * 1.07)


def _draw_data(axes: Any, curve: Curve, colour: str, name: str) -> None:
    points, widths = ~curve.limited, _widths(curve)
    style = {"color": colour, "fmt": "o", "markersize": 1.6, "elinewidth": 0.8, "zorder": _OVER}
    axes.errorbar(
        curve.middle[points],
        curve.rate[points],
        xerr=widths[:, points],
        yerr=curve.error[points],
        label=name,
        **style,
    )
    draw_limits(axes, curve.low, curve.high, curve.limit, curve.limited, colour)


def _draw_model(axes: Any, curve: Curve, colours: FitColours, *, named: bool) -> None:
    parts = [
        *((name, values, colour, "--", 0.8)
          for (name, values), colour in zip(curve.terms.items(), colours.terms, strict=True)),
        ("model", curve.model, colours.model, "-", 1.0),
    ]  # fmt: skip
    for name, values, colour, dashes, width in parts:
        x, y = _steps(curve, values)
        label = name if named else None
        axes.plot(x, y, color=colour, ls=dashes, lw=width, label=label)


def _draw_residuals(axes: Any, curve: Curve, colour: str, *, ratio: bool) -> None:
    residual = curve.ratio if ratio else curve.deviation
    size = curve.ratio_error if ratio else np.ones(len(residual))
    style = {"fmt": "none", "ecolor": colour, "elinewidth": 0.8}
    axes.errorbar(curve.middle, residual, xerr=_widths(curve), yerr=size, **style)


def _widths(curve: Curve) -> Floats:
    widths: Floats = np.stack([curve.middle - curve.low, curve.high - curve.middle])
    return widths


def _steps(curve: Curve, values: Floats) -> tuple[Floats, Floats]:
    """Return a line with a step at each edge, broken where channels are missing."""
    broken = np.append(curve.low[1:] > curve.high[:-1] * (1 + 1e-6), True)
    x = np.column_stack([curve.low, curve.high, np.where(broken, np.nan, curve.high)])
    y = np.column_stack([values, values, np.where(broken, np.nan, values)])
    return x.ravel(), y.ravel()


def _range(drawn: list[Curve]) -> tuple[float, float]:
    low, top = log_range(
        np.concatenate([part for curve in drawn for part in (curve.drawn, curve.model)])
    )
    return max(low, top * _FAINTEST), top
