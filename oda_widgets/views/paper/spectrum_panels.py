"""Many spectra on paper: a small frame for each, all with the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from matplotlib.figure import Figure

from oda_widgets.products.spectrum import Spectrum
from oda_widgets.views.grouping import GroupedSpectrum, holes
from oda_widgets.views.palette import on_paper
from oda_widgets.views.paper.frame_grid import brightest, frame_grid, name_frame, set_grid_heading
from oda_widgets.views.paper.spectrum_drawing import (
    RATE_LABEL,
    arrow_words,
    draw_holes,
    draw_spectrum,
    set_spectrum_axes,
)
from oda_widgets.views.paper.style import new_figure, write_no_data

_PANEL = 0.95  # height of a frame with its name, inches
_AROUND = 0.75  # height of heading and axis of energy, inches


def spectrum_panels(
    spectra: Sequence[Spectrum],
    names: Sequence[str],
    grouped: Sequence[GroupedSpectrum],
    columns: int | None,
    width: float | None,
    height: float | None,
) -> Figure:
    """Return a figure with a frame for each spectrum, or for the brightest of too many.

    Parameters
    ----------
    spectra, names, grouped
        The spectra, their names, and their channels joined for display.
    columns
        Width in columns of text; None is 2. One more frame stands side by side.
    width, height
        Inches, in place of those that follow from `columns` and the number of frames.
    """
    columns = columns or 2
    chosen = brightest(spectra)
    beside = min(columns + 1, len(chosen))
    tall = height or ceil(len(chosen) / beside) * _PANEL + _AROUND
    drawing = new_figure(columns, 1.0, width, tall)
    frames = frame_grid(drawing, len(chosen), beside, sharey=True)
    filled = [grouped[number] for number in chosen if len(grouped[number].rate)]
    for axes, number in zip(frames, chosen, strict=True):
        name_frame(axes, names[number])
        if not len(grouped[number].rate):
            write_no_data(axes)
            continue
        draw_spectrum(axes, grouped[number], on_paper(0), None)
        draw_holes(axes, holes(spectra[number]), words=False)
    if filled:
        set_spectrum_axes(frames[0], filled, beside=beside)
    drawing.supxlabel("Energy (keV)", fontsize="medium")
    drawing.supylabel(RATE_LABEL, fontsize="medium")
    set_grid_heading(drawing, spectra, len(chosen), "spectra", arrow_words(filled))
    return drawing
