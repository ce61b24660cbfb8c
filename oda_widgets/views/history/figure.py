"""The figure of a provenance graph: data on the left, the product on the right."""

from __future__ import annotations

from math import pi
from typing import Any

from bokeh.models import ColumnDataSource, HoverTool, Range1d, SaveTool, TapTool

from oda_widgets.views.history.graph import Graph, Stack, State
from oda_widgets.views.theme import CHOSEN, FONT, MIDDLE_GREY, new_figure

# White text is legible on all of them, and they are legible on a light and on a dark page.
STATE_COLOURS = {
    State.GIVEN: "#57606a",
    State.STORED: "#2468a2",
    State.COMPUTED: "#a84c0a",
    State.NOT_YET: "#7d6f9a",
}

_HALF_WIDTH = 0.42
_HALF_HEIGHT = 0.31
_CARD_OFFSET = 0.035  # offset of the cards of a stack behind each other
_ROW = 84  # screen pixels
_LAYER = 144, 240  # widths, screen pixels: least and most
_PADDING = 6  # screen pixels, left and right of a text together
_LETTER = 0.48  # mean width of a letter, in sizes of the font
_HOVER = [("", "@title"), ("", "@account")]


def history_figure(graph: Graph, boxes: ColumnDataSource) -> Any:
    """Return the figure of a graph.

    Parameters
    ----------
    graph
        Graph to draw.
    boxes
        Filled with one row per stack, in order; clicking a box selects its row.
    """
    layers = 1 + max(stack.layer for stack in graph)
    rows = [stack.row for stack in graph]
    span = max(rows) - min(rows)
    plot = new_figure(
        [TapTool(), SaveTool()],
        title="",
        height=round((span + 1.15) * _ROW) + 30,
        min_width=layers * _LAYER[0],
        max_width=layers * _LAYER[1],
        sizing_mode="stretch_width",
        x_range=Range1d(0.5 - layers, 0.5),
        y_range=Range1d(-max(rows) - 0.6, -min(rows) + 0.6),
    )
    plot.outline_line_alpha = 0  # its colour follows the theme
    plot.axis.visible = False
    plot.grid.visible = False
    boxes.data = _boxes(graph)
    _draw_edges(plot, graph)
    _draw_boxes(plot, graph, boxes)
    return plot


def _draw_edges(plot: Any, graph: Graph) -> None:
    ends = [_edge(graph[i], stack) for stack in graph for i in stack.inputs]
    columns = ("x0", "y0", "x1", "y1", "cx0", "cx1")
    values = zip(*ends, strict=True) if ends else [()] * len(columns)
    edges = ColumnDataSource(dict(zip(columns, map(list, values), strict=True)))
    plot.bezier(
        "x0",
        "y0",
        "x1",
        "y1",
        "cx0",
        "y0",
        "cx1",
        "y1",
        source=edges,
        line_color=MIDDLE_GREY,
        line_width=1.5,
    )
    heads = {"marker": "triangle", "size": 8, "angle": -pi / 2, "color": MIDDLE_GREY}
    plot.scatter("x1", "y1", source=edges, **heads)


def _edge(source: Stack, user: Stack) -> tuple[float, float, float, float, float, float]:
    start = -source.layer + _HALF_WIDTH + (2 * _CARD_OFFSET if len(source.steps) > 1 else 0)
    stop = -user.layer - _HALF_WIDTH - 0.03
    bend = min(0.5 * (stop - start), 0.4)
    return start, -source.row, stop, -user.row, start + bend, stop - bend


def _draw_boxes(plot: Any, graph: Graph, boxes: ColumnDataSource) -> None:
    stacked = [stack for stack in graph if len(stack.steps) > 1]
    for depth in (2, 1):
        cards = _rectangles(
            [(s, 0.0, 1.0, next(iter(s.counts))) for s in stacked], depth * _CARD_OFFSET
        )
        plot.quad(source=ColumnDataSource(cards), fill_alpha=0.45, **_LOOK)
    parts = [part for stack in graph for part in _parts(stack)]
    plot.quad(source=ColumnDataSource(_rectangles(parts)), line_width=0, **_LOOK)
    frames = plot.quad(
        "left",
        "right",
        "bottom",
        "top",
        source=boxes,
        fill_alpha=0.0,
        nonselection_fill_alpha=0.0,
        selection_fill_alpha=0.0,
        line_alpha=0.0,
        selection_line_color=CHOSEN,
        selection_line_alpha=1.0,
        selection_line_width=3,
        nonselection_line_alpha=0.0,
    )
    written = {
        "source": boxes,
        "text_align": "center",
        "text_color": "white",
        "text_font": {"value": FONT},
    }
    written |= {"nonselection_text_alpha": 1.0}
    plot.text(
        "x", "y", "title", y_offset=-1, text_font_size="title_size", text_font_style="bold",
        **written,
    )  # fmt: skip
    plot.text("x", "y", "account", y_offset=15, text_font_size="account_size", **written)
    plot.tools[0].renderers = [frames]
    plot.add_tools(
        HoverTool(renderers=[frames], tooltips=_HOVER, attachment="below", visible=False)
    )


_LOOK: dict[str, Any] = {
    "left": "left",
    "right": "right",
    "bottom": "bottom",
    "top": "top",
    "fill_color": "colour",
    "line_color": "colour",
}


def _parts(stack: Stack) -> list[tuple[Stack, float, float, State]]:
    """Return one rectangle for each state, as wide as its share of the steps."""
    parts, start = [], 0.0
    for state, count in stack.counts.items():
        stop = start + count / len(stack.steps)
        parts.append((stack, start, stop, state))
        start = stop
    return parts


def _rectangles(
    parts: list[tuple[Stack, float, float, State]], behind: float = 0.0
) -> dict[str, list[Any]]:
    left = [-stack.layer - _HALF_WIDTH for stack, *_ in parts]
    return {
        "left": [x + 2 * _HALF_WIDTH * p[1] + behind for x, p in zip(left, parts, strict=True)],
        "right": [x + 2 * _HALF_WIDTH * p[2] + behind for x, p in zip(left, parts, strict=True)],
        "bottom": [-stack.row - _HALF_HEIGHT + 2 * behind for stack, *_ in parts],
        "top": [-stack.row + _HALF_HEIGHT + 2 * behind for stack, *_ in parts],
        "colour": [STATE_COLOURS[state] for *_, state in parts],
    }


def _boxes(graph: Graph) -> dict[str, list[Any]]:
    rectangles = _rectangles([(stack, 0.0, 1.0, stack.states[0]) for stack in graph])
    return rectangles | {
        "x": [-stack.layer for stack in graph],
        "y": [-stack.row for stack in graph],
        "title": [stack.title for stack in graph],
        "account": [stack.account for stack in graph],
        "title_size": [_size(stack.title, 12) for stack in graph],
        "account_size": [_size(stack.account, 11) for stack in graph],
    }


def _size(text: str, largest: int) -> str:
    """Return the size of a font, at most `largest`, with which a text fits a box of any layer."""
    room = 2 * _HALF_WIDTH * _LAYER[0] - _PADDING
    return f"{min(float(largest), room / (_LETTER * max(len(text), 1))):.3g}px"
