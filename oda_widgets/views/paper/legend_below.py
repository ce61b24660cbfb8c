"""The legend of a figure on paper, below its frames, where it covers no data."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from oda_widgets.views.paper.style import LETTER, LINE, SMALL_TEXT

_SIGN = 3.5  # width of the sign of an entry and the spaces beside it, in sizes of the font


def legend_below(drawing: Figure, axes: Any, *, grow: bool = True) -> None:
    """Add a legend below the axes, in as many columns as fit.

    Parameters
    ----------
    drawing
        Figure with constrained layout.
    axes
        Frame whose labelled elements are named; without any there is no legend.
    grow
        Whether the figure becomes higher by the rows of the legend.
    """
    handles, names = axes.get_legend_handles_labels()
    if not names:
        return
    columns = _columns(names, drawing.get_figwidth())
    rows = -(-len(names) // columns) + sum(name.count("\n") for name in names)
    if grow:
        drawing.set_figheight(drawing.get_figheight() + rows * LINE * SMALL_TEXT / 72)
    drawing.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        fontsize=SMALL_TEXT,
        handlelength=1.6,
        columnspacing=1.2,
        borderaxespad=0.1,
    )


def _columns(names: list[str], width: float) -> int:
    """Return how many columns of names fit into so many inches."""
    longest = max(len(line) for name in names for line in name.split("\n"))
    room = 72 * width / SMALL_TEXT
    return max(1, min(len(names), int(room / (LETTER * longest + _SIGN))))
