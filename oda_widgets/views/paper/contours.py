"""Lines of equal confidence of two parameters on paper."""

from __future__ import annotations

from matplotlib.figure import Figure

from oda_widgets.fitting.errors.contour import LEVELS, Contour
from oda_widgets.views.contours import smooth_lines
from oda_widgets.views.labels import common_observation
from oda_widgets.views.paper.legend_below import legend_below
from oda_widgets.views.paper.style import (
    DATA_COLOUR,
    WARNING_COLOUR,
    new_figure,
    set_figure_heading,
)

_DASHES = ("solid", "dashed", "dotted")
_SHAPE = 0.9  # height over width


def contour_figure(contour: Contour, *, columns: int = 1, width: float | None = None) -> Figure:
    """Return the lines of 68, 90 and 99 % for two parameters.

    Parameters
    ----------
    contour
        Contour to draw.
    columns
        Width in columns of text, 1 or 2.
    width
        Inches, in place of that of `columns`.
    """
    lines = smooth_lines(contour)
    drawing = new_figure(columns, _SHAPE, width)
    axes = drawing.subplots()
    axes.contour(
        lines.x, lines.y, lines.rise, levels=list(LEVELS.values()), colors=DATA_COLOUR,
        linestyles=list(_DASHES), linewidths=0.9,
    )  # fmt: skip
    axes.plot(*lines.best, "+", color=WARNING_COLOUR, markersize=6)
    for label, dash in zip(LEVELS, _DASHES, strict=True):
        axes.plot([], [], color=DATA_COLOUR, ls=dash, lw=0.9, label=label)
    axes.set_xlabel(lines.labels[0])
    axes.set_ylabel(lines.labels[1])
    observed = list(contour.observations)
    words = [common_observation(observed) if observed else "", lines.subtitle]
    set_figure_heading(drawing, contour.title, " · ".join(filter(None, words)), observed)
    legend_below(drawing, axes)
    return drawing
