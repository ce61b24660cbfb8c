"""Light curves on paper: one or several, with a fit, against elapsed time, MJD or the date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.arguments import truth
from oda_widgets.views.curve_series import Series, bins_of, fits_of, series_of
from oda_widgets.views.labels import common_observation, common_title
from oda_widgets.views.palette import on_paper
from oda_widgets.views.paper.curve_drawing import (
    draw_fit,
    draw_series,
    label_rates,
    set_curve_axes,
)
from oda_widgets.views.paper.curve_panels import panels_figure
from oda_widgets.views.paper.frame_grid import MOST_TOGETHER
from oda_widgets.views.paper.legend_below import legend_below
from oda_widgets.views.paper.style import (
    new_figure,
    set_heading,
    write_no_data,
)
from oda_widgets.views.paper.time_axis import clock_for
from oda_widgets.views.rate_range import rate_range

# As many as a column of text can show; more are joined.
_MOST_BINS = 1200


def light_curve_figure(  # noqa: PLR0913 - options that users name
    curve: LightCurve,
    *,
    columns: int | None = None,
    width: float | None = None,
    height: float | None = None,
    others: Any = (),
    norm: Any = None,
    labels: Sequence[str] | None = None,
    fit: Any = None,
    time: str = "auto",
    limit_below: float | None = None,
    panels: bool | None = None,
) -> Figure:
    """Return a figure of light curves.

    Parameters
    ----------
    curve
        Light curve to draw.
    columns
        Width in columns of text, 1 or 2; by default 2 for more than six light curves.
    width, height
        Inches, in place of those of `columns`.
    others
        Further light curves.
    norm
        Factor of the rates of the others: a number, one for each, or "mean" for equal means.
    labels
        Names for the legend; by default the differences between the light curves.
    fit
        "constant" or "linear", a result of `LightCurve.fit`, or a list of these: drawn as lines.
    time
        "elapsed", "mjd" or "date"; "auto" is MJD for 30 days and more.
    limit_below
        Bins below so many sigma are drawn as upper limits.
    panels
        True for a frame for each, one above the other, the brightest 30 at most; False for one
        frame. By default more than six light curves have a frame each, and those of several
        instruments, whose rates have other scales, unless `norm` scales them.

    Raises
    ------
    BadParameter
        If an option cannot be read.
    """
    drawn = series_of(curve, others, norm=norm, labels=labels, limit_below=limit_below)
    fitted = fits_of(curve, fit)
    clock = clock_for(drawn, time)
    if _in_panels(drawn, panels, scaled=norm is not None):
        return panels_figure(drawn, fitted, clock, columns, width, height)
    columns = columns or 1
    drawing = new_figure(columns, 0.68 if columns == 1 else 0.42, width, height)
    axes = drawing.add_subplot()
    bins = [bins_of(series, clock.origin, _MOST_BINS * columns) for series in drawn]
    frame = rate_range(bins)
    for number, (series, shown) in enumerate(zip(drawn, bins, strict=True)):
        label = series.label if len(drawn) > 1 else ""
        draw_series(axes, label, shown, clock, frame, on_paper(number))
    for number, one in enumerate(fitted):
        draw_fit(axes, one, drawn[0], clock, drawn[0].label if len(drawn) > 1 else "", number)
    set_curve_axes(axes, clock, frame)
    axes.set_xlabel(clock.label)
    label_rates(axes, frame[1])
    if not any(map(len, drawn)):
        write_no_data(axes)
    curves = [series.curve for series in drawn]
    observed = [one.observation for one in curves]
    set_heading(axes, common_title(curves), common_observation(observed), observed)
    legend_below(drawing, axes, grow=height is None)
    return drawing


def _in_panels(drawn: Sequence[Series], panels: Any, *, scaled: bool) -> bool:
    """Return whether each light curve has a frame of its own."""
    if panels is not None:
        return truth("panels", panels)
    instruments = {series.curve.observation.instrument for series in drawn}
    return len(drawn) > MOST_TOGETHER or (len(instruments) > 1 and not scaled)
