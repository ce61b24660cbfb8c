"""A fit on paper: data and folded model, with residuals below."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullFormatter

from oda_widgets.fitting.result import Fit
from oda_widgets.views.fit_curves import Curve, curves
from oda_widgets.views.paper.style import DATA_COLOUR, new_figure, set_heading

_COLOURS = (DATA_COLOUR, "#009e73", "#cc79a7", "#d55e00")
_TERMS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7")
_MODEL = "#d55e00"
_TICKS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)


def fit_figure(
    fit: Fit,
    *,
    columns: int = 1,
    min_significance: float = 3.0,
    unfolded: bool = False,
    ratio: bool = False,
) -> Figure:
    """Return a figure of a fit.

    Parameters
    ----------
    fit
        What to draw.
    columns
        Width in columns of text, 1 or 2.
    min_significance
        Channels are joined, for display only, until a point reaches it.
    unfolded
        Draw E F(E) in place of counts.
    ratio
        Draw data / model below, in place of deviations in units of their errors.
    """
    drawing = new_figure(columns, 0.95 if columns == 1 else 0.7)
    upper, lower = drawing.subplots(2, sharex=True, gridspec_kw={"height_ratios": (3, 1)})
    drawn = curves(fit.problem, fit.minimum.values, min_significance, unfolded=unfolded)
    for number, curve in enumerate(drawn):
        _draw(upper, lower, curve, number, ratio=ratio, named=len(drawn) > 1)
    upper.set_xscale("log")
    upper.set_yscale("log")
    upper.set_ylim(*_range(drawn))
    upper.legend(frameon=False, fontsize="small", loc="lower left")
    lower.axhline(1.0 if ratio else 0.0, color="0.6", lw=0.6)
    lower.set_xlabel("Energy (keV)")
    lower.set_ylabel("data / model" if ratio else r"$\Delta/\sigma$")
    counts, emitted = r"Rate (counts s$^{-1}$ keV$^{-1}$)", r"$E\,F(E)$ (keV cm$^{-2}$ s$^{-1}$)"
    upper.set_ylabel(emitted if unfolded else counts)
    lower.xaxis.set_major_locator(FixedLocator(_TICKS))
    lower.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    lower.xaxis.set_minor_formatter(NullFormatter())
    first = fit.datasets[0].spectrum
    set_heading(upper, f"{first.name}: {fit.model}", first.observation)
    return drawing


def _draw(upper: Any, lower: Any, curve: Curve, number: int, *, ratio: bool, named: bool) -> None:
    colour = _COLOURS[number % len(_COLOURS)]
    name = curve.name if named else None
    style = {"fmt": "none", "ecolor": colour, "elinewidth": 0.8}
    widths = np.stack([curve.middle - curve.low, curve.high - curve.middle])
    upper.errorbar(curve.middle, curve.rate, xerr=widths, yerr=curve.error, label=name, **style)
    for index, (term_name, values) in enumerate(curve.terms.items()):
        label = term_name if number == 0 else None
        term = _TERMS[index % len(_TERMS)]
        upper.stairs(values, _edges(curve), color=term, ls="--", lw=0.8, label=label, baseline=None)
    label = "model" if number == 0 else None
    upper.stairs(curve.model, _edges(curve), color=_MODEL, lw=1.0, label=label, baseline=None)
    residual = curve.ratio if ratio else curve.deviation
    size = curve.ratio_error if ratio else np.ones(len(residual))
    lower.errorbar(curve.middle, residual, xerr=widths, yerr=size, **style)


def _edges(curve: Curve) -> Any:
    return np.append(curve.low, curve.high[-1])


def _range(drawn: list[Curve]) -> tuple[float, float]:
    values = np.concatenate([part for curve in drawn for part in (curve.rate, curve.model)])
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return 1e-4, 1.0
    return float(max(values.min() * 0.5, values.max() * 1e-4)), float(values.max() * 2)
