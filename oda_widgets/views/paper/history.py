"""The provenance graph of a product on paper."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from oda_widgets.provenance.record import Provenance
from oda_widgets.views.history.graph import Stack, history_graph
from oda_widgets.views.paper.style import (
    DATA_COLOUR,
    QUIET_COLOUR,
    SMALL_TEXT,
    WARNING_COLOUR,
    new_figure,
)

_HALF_WIDTH, _HALF_HEIGHT = 0.41, 0.24
_ROW = 0.62  # inches
_BEHIND = 0.03
_PAPER = "white"


def history_drawing(
    provenance: Provenance, *, columns: int = 2, width: float | None = None
) -> Figure:
    """Return a figure of the history of a product, data on the left, the product on the right.

    Parameters
    ----------
    provenance
        Provenance to draw.
    columns
        Width in columns of text, 1 or 2.
    width
        Inches, in place of that of `columns`; the height follows from the graph.
    """
    graph = history_graph(provenance.nodes)
    rows = [stack.row for stack in graph]
    layers = 1 + max(stack.layer for stack in graph)
    drawing = new_figure(columns, 0.3, width)
    drawing.set_figheight((max(rows) - min(rows) + 1.2) * _ROW)
    axes = drawing.add_subplot()
    axes.set_xlim(0.5 - layers, 0.5)
    axes.set_ylim(-max(rows) - 0.55, -min(rows) + 0.65)
    axes.axis("off")
    for stack in graph:
        for place in stack.inputs:
            axes.add_patch(_arrow(graph[place], stack))
        # Seven layers in one column of text leave less room for letters than two layers in two.
        _draw_box(axes, stack, SMALL_TEXT * min(1.0, 5 * columns / (2 * layers)))
    if provenance.simulated:
        label: dict[str, Any] = {"fontsize": SMALL_TEXT, "color": WARNING_COLOUR, "va": "top"}
        axes.text(0, 1, "SIMULATED", transform=axes.transAxes, **label)
    return drawing


def _draw_box(axes: Any, stack: Stack, size: float) -> None:
    for depth in (2, 1, 0) if len(stack.steps) > 1 else (0,):
        corner = (
            -stack.layer - _HALF_WIDTH + depth * _BEHIND,
            -stack.row - _HALF_HEIGHT + 2 * depth * _BEHIND,
        )
        style: dict[str, Any] = {"facecolor": _PAPER, "edgecolor": DATA_COLOUR, "linewidth": 0.7}
        shape = "round,pad=0,rounding_size=0.05"
        axes.add_patch(
            FancyBboxPatch(corner, 2 * _HALF_WIDTH, 2 * _HALF_HEIGHT, boxstyle=shape, **style)
        )
    place = (-stack.layer, -stack.row)
    axes.annotate(
        stack.title, place, (0, 1), textcoords="offset points", ha="center", fontsize=size
    )
    below = {"va": "top", "ha": "center", "fontsize": 0.85 * size, "color": QUIET_COLOUR}
    axes.annotate(stack.account, place, (0, -1), textcoords="offset points", **below)


def _arrow(source: Stack, user: Stack) -> FancyArrowPatch:
    start = (-source.layer + _HALF_WIDTH, -source.row)
    stop = (-user.layer - _HALF_WIDTH, -user.row)
    style: dict[str, Any] = {
        "arrowstyle": "-|>",
        "mutation_scale": 6,
        "color": QUIET_COLOUR,
        "linewidth": 0.7,
    }
    return FancyArrowPatch(start, stop, shrinkA=0, shrinkB=0, zorder=0, **style)
