"""Two parameters of a fit: lines of equal confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from bokeh.models import BoxZoomTool, LegendItem, PanTool, ResetTool, SaveTool
from ipywidgets import VBox

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.fitting.errors.contour import LEVELS, Contour
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.powers import power_of, quantity_label
from oda_widgets.views.theme import CHOSEN, DATA, new_figure, new_legend
from oda_widgets.views.without_kernel import Pictured

_DASHES = ("solid", "dashed", "dotted")


@dataclass(frozen=True)
class Lines(KeptArrays):
    """The lines of a contour, as they are drawn.

    Parameters
    ----------
    x, y, rise
        A fine grid and the delta statistic on it, shapes (n_y, n_x).
    best
        The two parameters at the minimum.
    labels
        Of the axes, with units and powers of ten.
    subtitle
        Names the levels of the lines, and those that are open.
    """

    x: Floats
    y: Floats
    rise: Floats
    best: tuple[float, float]
    labels: tuple[str, str]
    subtitle: str


class ContourView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Lines of 68, 90 and 99 % for two parameters.

    Parameters
    ----------
    contour
        Contour to show.
    size
        Of the figure, screen pixels.
    """

    def __init__(self, contour: Contour, size: int = 460) -> None:
        self._pictured = contour
        lines = smooth_lines(contour)
        first, second = lines.labels
        self.figure = new_figure(
            [PanTool(), BoxZoomTool(), ResetTool(), SaveTool()],
            title=contour.title or " and ".join(contour.names),
            subtitle=lines.subtitle,
            sizing_mode="stretch_width",
            max_width=size,
            height=size,
            x_axis_label=first,
            y_axis_label=second,
        )
        items = []
        for (label, rise), dash in zip(LEVELS.items(), _DASHES, strict=True):
            drawn = self.figure.contour(
                lines.x, lines.y, lines.rise, levels=[rise], line_color=DATA,
                line_width=2, line_dash=dash,
            )  # fmt: skip
            items.append(LegendItem(label=label, renderers=[drawn.line_renderer]))
        mark = self.figure.scatter(*np.atleast_2d(lines.best).T, marker="cross", size=12,
                                   color=CHOSEN)  # fmt: skip
        items.append(LegendItem(label="best", renderers=[mark]))
        legend = new_legend(items)
        legend.update(orientation="horizontal", padding=0, margin=4, spacing=12)
        self.figure.add_layout(legend, "below")  # inside the frame it would cover the lines
        self.pane = BokehPane(self.figure)
        super().__init__([self.pane])


def smooth_lines(contour: Contour) -> Lines:
    """Return a contour with enough points for smooth lines, in units of powers of ten."""
    fine = contour.finer()
    powers = [power_of(values) for values in (contour.x, contour.y)]
    first, second = (10.0**power for power in powers)
    labels = [
        quantity_label(*parts).replace("\n", " ")
        for parts in zip(contour.names, contour.units, powers, strict=True)
    ]
    best = contour.best[0] / first, contour.best[1] / second
    closure = contour.closure
    subtitle = "68, 90 and 99 % for two parameters"
    subtitle += f"; {closure}" if contour.open_at else ""
    return Lines(fine.x / first, fine.y / second, fine.rise, best, (labels[0], labels[1]), subtitle)
