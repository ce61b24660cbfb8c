"""Sizes, fonts and colours of figures on paper.

The settings of matplotlib change only inside `applied`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from oda_widgets.errors import BadParameter
from oda_widgets.products.observation import Observation
from oda_widgets.request.numbers import number_within

# Widths of one and of two columns of text in A&A and ApJ, inches.
_WIDTHS = {1: 3.46, 2: 7.09}
SMALL_TEXT = 6.5
_BETWEEN = " · "  # separates the facts of a label
LETTER, LINE = 0.46, 1.45  # mean width of a letter and height of a line, in sizes of the font
_LEFT = 48.0  # points to the left of a frame, for the labels of its axis
_SIZES = (1.0, 40.0)  # of a figure, inches
_MARGIN = 0.06  # above and below a figure together, inches

# From the palette of Okabe and Ito, distinct for every kind of colour vision and in grey.
DATA_COLOUR = "#0072B2"
FAINT_COLOUR = "#9DC3DF"
WARNING_COLOUR = "#D55E00"
QUIET_COLOUR = "#555555"

_SETTINGS: dict[Any, Any] = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 8.5,
    "axes.linewidth": 0.6,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "lines.linewidth": 0.8,
    "savefig.dpi": 300,
    # Text stays text in the file: it can be searched, and edited by the journal.
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    # Identifiers inside an SVG follow from its content, so that equal figures are equal files.
    "svg.hashsalt": "oda_widgets",
}


def applied() -> AbstractContextManager[Any]:
    """Return a context in which matplotlib has the settings for figures on paper."""
    context: AbstractContextManager[Any] = mpl.rc_context(_SETTINGS)
    return context


def new_figure(
    columns: int,
    height_over_width: float,
    width: float | None = None,
    height: float | None = None,
) -> Figure:
    """Return an empty figure.

    Parameters
    ----------
    columns
        Its width in columns of text, 1 or 2.
    height_over_width
        Its shape.
    width, height
        Inches, in place of those that follow from `columns` and `height_over_width`.

    Raises
    ------
    BadParameter
        If the number of columns is neither 1 nor 2, or a size does not fit a page.
    """
    if columns not in _WIDTHS:
        limit = "a page has one or two columns of text"
        raise BadParameter("columns", columns, limit, "Choose 1 or 2.")
    wide = _WIDTHS[columns] if width is None else number_within("width", width, *_SIZES, "inch")
    high = wide * height_over_width
    if height is not None:
        high = number_within("height", height, *_SIZES, "inch")
    return Figure(figsize=(wide, high), layout="constrained")


def write_no_data(axes: Any) -> None:
    """Write in an empty frame that there are no data."""
    style = {"color": QUIET_COLOUR, "ha": "center", "va": "center"}
    axes.text(0.5, 0.5, "no data", transform=axes.transAxes, **style)
    axes.set_xticks([])
    axes.set_yticks([])


def set_heading(axes: Any, heading: str, label: str, seen: Sequence[Observation]) -> None:
    """Write the title of a figure and, below it, the observations.

    A product of simulated data says so here, in the colour of a warning.
    """
    simulated = any(one.simulated for one in seen)
    lines = _wrapped(label, axes.figure.get_figwidth())
    pad = 3 + len(lines) * LINE * SMALL_TEXT
    axes.set_title(heading, loc="left", fontsize=SMALL_TEXT + 1.5, pad=pad)
    axes.annotate(
        "\n".join(lines),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        va="bottom",
        fontsize=SMALL_TEXT,
        linespacing=1.1,
        color=WARNING_COLOUR if simulated else QUIET_COLOUR,
    )


def set_figure_heading(
    drawing: Figure, heading: str, label: str, seen: Sequence[Observation]
) -> None:
    """Write the title of a figure of several frames and the observations above all of them."""
    simulated = any(one.simulated for one in seen)
    lines = _wrapped(label, drawing.get_figwidth())
    below = "\n".join(lines)
    style = {"ha": "left", "va": "top", "x": 0.01}
    drawing.suptitle(heading + "\n" * len(lines), fontsize=SMALL_TEXT + 1.5, **style)
    drop = 1 - 1.7 * (SMALL_TEXT + 1.5) / 72 / drawing.get_figheight()
    colour = WARNING_COLOUR if simulated else QUIET_COLOUR
    drawing.text(0.01, drop, below, va="top", fontsize=SMALL_TEXT, color=colour, linespacing=1.1)


def _wrapped(label: str, width: float) -> list[str]:
    """Return a label in lines that fit into a figure of so many inches, broken between facts."""
    room = (72 * width - _LEFT) / (LETTER * SMALL_TEXT)
    lines = [""]
    for fact in label.split(_BETWEEN):
        joined = f"{lines[-1]}{_BETWEEN}{fact}" if lines[-1] else fact
        if lines[-1] and len(joined) > room:
            lines.append(fact)
        else:
            lines[-1] = joined
    return lines


def trim_height(drawing: Figure, axes: Any) -> None:
    """Trim the height of a figure that its only axes, with square pixels, leave unused."""
    drawing.draw_without_rendering()
    used, before = drawing.get_tightbbox(), drawing.get_figheight()
    height = used.height + _MARGIN
    place = axes.get_position()
    # The layout is switched off: it would not count the lines of the heading.
    drawing.set_layout_engine("none")
    drawing.set_figheight(height)
    bottom = (place.y0 * before - used.y0 + _MARGIN / 2) / height
    axes.set_position((place.x0, bottom, place.width, place.height * before / height))
