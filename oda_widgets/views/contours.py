"""Two parameters of a fit: lines of equal confidence."""

from __future__ import annotations

import numpy as np
from bokeh.models import BoxZoomTool, LegendItem, PanTool, ResetTool, SaveTool
from ipywidgets import VBox

from oda_widgets.arrays import Floats
from oda_widgets.fitting.errors.contour import LEVELS, Contour
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.theme import CHOSEN, DATA, new_figure, new_legend

_DEGREE, _FINER = 3, 8  # of the splines; steps for each step of the grid
_DASHES = ("solid", "dashed", "dotted")


class ContourView(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Lines of 68, 90 and 99 % for two parameters.

    Parameters
    ----------
    contour
        Contour to show.
    size
        Of the figure, screen pixels.
    """

    def __init__(self, contour: Contour, size: int = 460) -> None:
        first, second = contour.names
        self.figure = new_figure(
            [PanTool(), BoxZoomTool(), ResetTool(), SaveTool()],
            title=f"{first} and {second}",
            subtitle=_words(contour),
            sizing_mode="stretch_width",
            max_width=size,
            height=size,
            x_axis_label=first,
            y_axis_label=second,
        )
        items = []
        x, y, rises = finer(contour)
        for (label, rise), dash in zip(LEVELS.items(), _DASHES, strict=True):
            lines = self.figure.contour(
                x, y, rises, levels=[rise], line_color=DATA,
                line_width=2, line_dash=dash,
            )  # fmt: skip
            items.append(LegendItem(label=label, renderers=[lines.line_renderer]))
        mark = self.figure.scatter(*np.atleast_2d(contour.best).T, marker="cross", size=12,
                                   color=CHOSEN)  # fmt: skip
        items.append(LegendItem(label="best", renderers=[mark]))
        legend = new_legend(items)
        legend.update(orientation="horizontal", padding=0, margin=4, spacing=12)
        self.figure.add_layout(legend, "below")  # it would lie on the lines
        self.pane = BokehPane(self.figure)
        super().__init__([self.pane])


def finer(contour: Contour) -> tuple[Floats, Floats, Floats]:
    """Return axes and delta statistic on a grid of so many more points that lines do not break.

    The valley of correlated parameters is narrower than a step of the grid; the statistic along it
    is nearly a polynomial, which splines follow, and straight lines do not.
    """
    x, y, rise = contour.x, contour.y, contour.rise
    if min(rise.shape) <= _DEGREE or not np.isfinite(rise).all():
        return x, y, rise
    from scipy.interpolate import RectBivariateSpline  # noqa: PLC0415 - heavy; few draw contours

    between = [np.linspace(axis[0], axis[-1], _FINER * (len(axis) - 1) + 1) for axis in (x, y)]
    drawn = RectBivariateSpline(y, x, rise, kx=_DEGREE, ky=_DEGREE)(between[1], between[0])
    return between[0], between[1], drawn


def _words(contour: Contour) -> str:
    """Return what the lines are, and which of them leave the axes."""
    rise = contour.rise
    edge = min(float(side.min()) for side in (rise[0], rise[-1], rise[:, 0], rise[:, -1]))
    opened = [label for label, level in LEVELS.items() if edge < level]
    words = "68, 90 and 99 % for two parameters"
    return f"{words}; open at limits: {', '.join(opened)}" if opened else words
