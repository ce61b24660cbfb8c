"""A chain: histograms of each parameter and of each pair, with a sentence on convergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from bokeh.layouts import column, gridplot
from bokeh.models import HoverTool, Range1d, Span
from ipywidgets import HTML, VBox

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.views.labels import common_observation, common_title
from oda_widgets.views.log_ticks import label_log_axis
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.powers import power_of, quantity_label
from oda_widgets.views.theme import CHOSEN, DATA, new_figure
from oda_widgets.views.without_kernel import Pictured

_MOST_BINS, _FEWEST_BINS = 40, 15
_SIZE, _LEAST_SIZE = 300, 96  # side of a panel, screen pixels
_COLUMN = 880  # screen pixels of the results on a page of 1280
_LEFT, _BELOW, _HEADING = 80, 68, 56  # screen pixels of numbers and names, and of the title
_TRIM = 0.005  # of the samples on each side, beyond the axes
_WIDE = 20.0  # highest over lowest value, beyond which an axis is logarithmic


class ChainView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The corner plot of a chain.

    Parameters
    ----------
    chain
        Chain to show.
    size
        Side of one panel, screen pixels; None lets the panels fill the column of a page.
    """

    def __init__(self, chain: Chain, size: int | None = None) -> None:
        self._pictured = chain
        self.chain = chain
        n = len(chain.names)
        size = size_of_panels(n) if size is None else size
        shown = Scaled.of(chain)
        panels = [
            [_panel(shown, row, column, size) if column <= row else None for column in range(n)]
            for row in range(n)
        ]
        options = {"toolbar_location": None, "merge_tools": False}
        self.pane = BokehPane(
            column(_heading(chain, n * size + _LEFT), gridplot(panels, **options))
        )
        self.summary = HTML(_summary(chain))
        super().__init__([self.summary, self.pane])


def size_of_panels(number: int) -> int:
    """Return the side of a panel, screen pixels, in a plot of so many parameters."""
    room = (_COLUMN - _LEFT) // max(number, 1)
    return max(min(_SIZE, room), _LEAST_SIZE)


def _summary(chain: Chain) -> str:
    lines = "".join(f"<li>{name}: {chain.interval(name)}</li>" for name in chain.names)
    return f"<p>{chain.verdict}</p><ul>{lines}</ul>"


def _heading(chain: Chain, width: int) -> Any:
    """Return the title and the observations as a figure without a frame."""
    spectra = [data.spectrum for data in chain.recipe.datasets]
    observed = [spectrum.observation for spectrum in spectra]
    plot = new_figure(
        [],
        title=f"{common_title(spectra)}: {chain.recipe.model}",
        subtitle=" · ".join([common_observation(observed), "dashed: 68 % interval"]),
        simulated=any(one.simulated for one in observed),
        width=width,
        height=_HEADING,
        toolbar_location=None,
        outline_line_alpha=0,  # its colour is that of the theme
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 1),
    )
    plot.axis.visible = plot.grid.visible = False
    plot.scatter([], [])  # Bokeh warns of empty figures
    return plot


@dataclass(frozen=True, repr=False)
class Scaled(KeptArrays):
    """The samples of a chain in units of powers of ten.

    Parameters
    ----------
    values
        Shape (n_samples, n_free).
    lines
        Median and ends of the central interval of each parameter, shape (n_free, 3).
    labels
        Name, power of ten and unit of each.
    kinds
        "log" for each whose samples spread over so many powers that its axis is logarithmic, else
        "linear".
    """

    values: Floats
    lines: Floats
    labels: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, chain: Chain) -> Self:
        """Return the samples of a chain."""
        kinds = tuple(map(_kind, chain.values.T))
        powers = [
            power_of(values) if kind == "linear" else 0
            for values, kind in zip(chain.values.T, kinds, strict=True)
        ]
        scales = np.array([10.0**power for power in powers])
        lines = np.array([chain.quantiles(name) for name in chain.names])
        labels = (
            quantity_label(name, chain.parameters[name].unit, power)
            for name, power in zip(chain.names, powers, strict=True)
        )
        return cls(chain.values / scales, lines / scales[:, None], tuple(labels), kinds)

    def edges(self, number: int) -> Floats:
        """Return the edges of the bins of a parameter, equal steps on its axis."""
        values = self.values[:, number]
        low, high = trimmed(values)
        steps = bins(values) + 1
        even = np.geomspace if self.kinds[number] == "log" else np.linspace
        edges: Floats = even(low, high, steps)
        return edges


def _kind(values: Floats) -> str:
    low, high = trimmed(values)
    return "log" if low > 0 and high > _WIDE * low else "linear"


def _panel(chain: Scaled, row: int, column: int, size: int) -> Any:
    last, first = row == len(chain.labels) - 1, column == 0
    vertical = "linear" if row == column else chain.kinds[row]
    plot = new_figure(
        [], title="", width=size + _LEFT * first, height=size + _BELOW * last,
        x_axis_type=chain.kinds[column], y_axis_type=vertical,
    )  # fmt: skip
    plot.above = []
    plot.min_border = 4
    plot.min_border_left = _LEFT if first else 4
    plot.min_border_bottom = _BELOW if last else 4
    axes = (plot.xaxis[0], plot.xgrid[0]), (plot.yaxis[0], plot.ygrid[0])
    for (axis, grid), kind in zip(axes, (chain.kinds[column], vertical), strict=True):
        if kind == "log":
            label_log_axis(axis, grid)
        else:
            axis.ticker.desired_num_ticks = 3
    plot.xaxis.axis_label = _in_lines(chain.labels[column])
    plot.xaxis.visible = last
    plot.yaxis.visible = first and row > 0
    if row == column:
        _histogram(plot, chain, row)
    else:
        plot.yaxis.axis_label = _in_lines(chain.labels[row])
        _cloud(plot, chain, column, row)
    return plot


def _in_lines(label: str) -> str:
    """Return a label with component, parameter and unit below each other: panels are narrow."""
    return label.replace(".", "\n", 1)


def _histogram(plot: Any, chain: Scaled, number: int) -> None:
    counts, edges = np.histogram(chain.values[:, number], bins=chain.edges(number))
    bars = plot.quad(
        left=edges[:-1], right=edges[1:], bottom=0, top=counts, fill_color=DATA, fill_alpha=0.5,
        line_color=None,
    )  # fmt: skip
    for value, dash in zip(chain.lines[number], ("dashed", "solid", "dashed"), strict=True):
        span = Span(location=float(value), dimension="height", line_color=CHOSEN, line_dash=dash)
        plot.add_layout(span)
    tips = [("", "@left{0.000[0]} to @right{0.000[0]}"), ("samples", "@top")]
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tips, visible=False))
    plot.y_range.start = 0
    plot.x_range = Range1d(*edges[[0, -1]].tolist())


def _cloud(plot: Any, chain: Scaled, column: int, row: int) -> None:
    x, y = chain.values[:, column], chain.values[:, row]
    counts, x_edges, y_edges = np.histogram2d(x, y, bins=[chain.edges(column), chain.edges(row)])
    density = counts.T / max(counts.max(), 1.0)
    plot.image(
        image=[density], x=x_edges[0], y=y_edges[0], dw=np.ptp(x_edges), dh=np.ptp(y_edges),
        palette=_blues(),
    )  # fmt: skip
    plot.x_range = Range1d(*x_edges[[0, -1]].tolist())
    plot.y_range = Range1d(*y_edges[[0, -1]].tolist())


def bins(values: Any) -> int:
    """Return a number of bins for which a histogram of these samples is smooth."""
    return int(np.clip(np.sqrt(len(values)) / 2, _FEWEST_BINS, _MOST_BINS))


def trimmed(values: Any) -> tuple[float, float]:
    """Return a range that holds all samples but the outermost few."""
    low, high = np.quantile(values, [_TRIM, 1 - _TRIM])
    return (float(low), float(high)) if high > low else (float(low) - 1.0, float(high) + 1.0)


def _blues() -> list[str]:
    """Return colours from transparent to the colour of data, legible on any page."""
    return [f"{DATA}{alpha:02x}" for alpha in range(0, 256, 4)]
