"""Spectra on paper: counts per second and keV, as the detector saw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.arguments import truth
from oda_widgets.views.curve_series import checked_others
from oda_widgets.views.grouping import group_spectrum, holes
from oda_widgets.views.labels import common_observation, common_title, distinct_labels
from oda_widgets.views.palette import on_paper
from oda_widgets.views.paper.frame_grid import MOST_TOGETHER
from oda_widgets.views.paper.legend_below import legend_below
from oda_widgets.views.paper.spectrum_drawing import (
    RATE_LABEL,
    arrow_words,
    draw_holes,
    draw_spectrum,
    set_spectrum_axes,
)
from oda_widgets.views.paper.spectrum_panels import spectrum_panels
from oda_widgets.views.paper.style import new_figure, set_heading, write_no_data


def spectrum_figure(
    spectrum: Spectrum,
    *,
    columns: int | None = None,
    width: float | None = None,
    height: float | None = None,
    min_significance: float = 3.0,
    others: Any = (),
    labels: Sequence[str] | None = None,
    panels: bool | None = None,
) -> Figure:
    """Return a figure of spectra.

    Parameters
    ----------
    spectrum
        Spectrum to draw.
    columns
        Width in columns of text, 1 or 2; by default 2 for more than six spectra.
    width, height
        Inches, in place of those of `columns`.
    min_significance
        Neighbouring channels are joined, for display only, until a point reaches it. Points that
        never exceed 2 sigma are drawn as upper limits of 2 sigma above the rate, or above zero.
        Ranges without data between good channels are grey.
    others
        Further spectra.
    labels
        Names for the legend; by default the differences between the spectra.
    panels
        True for a frame for each, side by side with the same axes, the brightest 30 at most; False
        for one frame. By default more than six spectra have a frame each.

    Raises
    ------
    BadParameter
        If an option cannot be read.
    """
    spectra = [spectrum, *checked_others(others, Spectrum)]
    names = distinct_labels(spectra, labels)
    grouped = [group_spectrum(one, min_significance) for one in spectra]
    if len(spectra) > MOST_TOGETHER if panels is None else truth("panels", panels):
        return spectrum_panels(spectra, names, grouped, columns, width, height)
    drawing = new_figure(columns or 1, 0.55 if columns == 2 else 0.75, width, height)
    axes = drawing.add_subplot()
    filled = [one for one in grouped if len(one.rate)]
    observed = [one.observation for one in spectra]
    words = [common_observation(observed), *arrow_words(filled)]
    set_heading(axes, common_title(spectra), " · ".join(words), observed)
    axes.set_xlabel("Energy (keV)")
    axes.set_ylabel(RATE_LABEL)
    if not filled:
        write_no_data(axes)
        return drawing
    several = len(spectra) > 1
    for number, (one, name) in enumerate(zip(grouped, names, strict=True)):
        draw_spectrum(axes, one, on_paper(number), name if several else None)
    set_spectrum_axes(axes, filled)
    draw_holes(axes, holes(*spectra))
    legend_below(drawing, axes, grow=height is None)
    return drawing
