"""A chain: histograms of each parameter and of each pair, with the verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from bokeh.layouts import gridplot
from bokeh.models import HoverTool, Span
from ipywidgets import HTML, VBox

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.powers import power_of, quantity_label
from oda_widgets.views.theme import CHOSEN, DATA, new_figure
from oda_widgets.views.without_kernel import Pictured

_MOST_BINS, _FEWEST_BINS = 40, 15
_SIZE, _LEAST_SIZE = 190, 96  # of a panel, screen pixels
_COLUMN = 820  # screen pixels of the results on a page of 1280
_BORDER = 60
_TRIM = 0.002  # of the samples on each side, beyond the axes


class ChainView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The corner plot of a chain.

    Parameters
    ----------
    chain
        Chain to show.
    size
        Of one panel, screen pixels; None for one with which all fit into the column of a page.
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
        self.pane = BokehPane(gridplot(panels, toolbar_location=None, merge_tools=False))
        self.pane.add_class("oda-scrolls")
        self.summary = HTML(_summary(chain))
        super().__init__([self.summary, self.pane])


def size_of_panels(number: int) -> int:
    """Return the size of a panel, screen pixels, of so many parameters."""
    room = (_COLUMN - _BORDER) // max(number, 1)
    return max(min(_SIZE, room), _LEAST_SIZE)


def _summary(chain: Chain) -> str:
    lines = "".join(f"<li>{name}: {chain.interval(name)}</li>" for name in chain.names)
    return f"<p>{chain.verdict}</p><ul>{lines}</ul>"


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
    """

    values: Floats
    lines: Floats
    labels: tuple[str, ...]

    @classmethod
    def of(cls, chain: Chain) -> Self:
        """Return the samples of a chain."""
        powers = [power_of(values) for values in chain.values.T]
        scales = np.array([10.0**power for power in powers])
        lines = np.array([chain.quantiles(name) for name in chain.names])
        labels = (
            quantity_label(name, chain.parameters[name].unit, power)
            for name, power in zip(chain.names, powers, strict=True)
        )
        return cls(chain.values / scales, lines / scales[:, None], tuple(labels))


def _panel(chain: Scaled, row: int, column: int, size: int) -> Any:
    x = chain.values[:, column]
    width = size + _BORDER * (column == 0)
    plot = new_figure([], title="", width=width, height=size + _BORDER)
    plot.above = []
    plot.min_border_left = 10 + _BORDER * (column == 0)
    plot.xaxis.ticker.desired_num_ticks = plot.yaxis.ticker.desired_num_ticks = 3
    plot.xaxis.axis_label = chain.labels[column].replace("\n", " ")
    if row == column:
        _histogram(plot, x, chain.lines[column])
        plot.yaxis.visible = False
        return plot
    if column == 0:
        plot.yaxis.axis_label = chain.labels[row]
    else:
        plot.yaxis.visible = False
    _cloud(plot, x, chain.values[:, row])
    return plot


def _histogram(plot: Any, values: Any, quantiles: Any) -> None:
    counts, edges = np.histogram(values, bins=bins(values), range=trimmed(values))
    bars = plot.quad(
        left=edges[:-1], right=edges[1:], bottom=0, top=counts, fill_color=DATA, fill_alpha=0.5,
        line_color=None,
    )  # fmt: skip
    for value, dash in zip(quantiles, ("dashed", "solid", "dashed"), strict=True):
        span = Span(location=float(value), dimension="height", line_color=CHOSEN, line_dash=dash)
        plot.add_layout(span)
    tips = [("", "@left{0.000[0]} to @right{0.000[0]}"), ("samples", "@top")]
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tips, visible=False))
    plot.y_range.start = 0


def _cloud(plot: Any, x: Any, y: Any) -> None:
    ranges = [trimmed(x), trimmed(y)]
    counts, x_edges, y_edges = np.histogram2d(x, y, bins=bins(x), range=ranges)
    density = counts.T / max(counts.max(), 1.0)
    plot.image(
        image=[density], x=x_edges[0], y=y_edges[0], dw=np.ptp(x_edges), dh=np.ptp(y_edges),
        palette=_blues(),
    )  # fmt: skip
    plot.x_range.range_padding = plot.y_range.range_padding = 0


def bins(values: Any) -> int:
    """Return how many bins so many samples fill without looking like a comb."""
    return int(np.clip(np.sqrt(len(values)) / 2, _FEWEST_BINS, _MOST_BINS))


def trimmed(values: Any) -> tuple[float, float]:
    """Return a range that holds all samples but the outermost few."""
    low, high = np.quantile(values, [_TRIM, 1 - _TRIM])
    return (float(low), float(high)) if high > low else (float(low) - 1.0, float(high) + 1.0)


def _blues() -> list[str]:
    """Return colours from transparent to that of data, legible on any page."""
    return [f"{DATA}{alpha:02x}" for alpha in range(0, 256, 4)]
