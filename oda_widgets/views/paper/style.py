"""Sizes, fonts and colours of figures on paper.

The settings of matplotlib change inside `applied` only.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from oda_widgets.errors import BadParameter
from oda_widgets.products.observation import Observation

# Widths of one and of two columns of text in A&A and ApJ, inches.
_WIDTHS = {1: 3.46, 2: 7.09}
SMALL_TEXT = 6.5
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
    """Return a context in which the settings of a paper hold."""
    context: AbstractContextManager[Any] = mpl.rc_context(_SETTINGS)
    return context


def new_figure(columns: int, height_over_width: float) -> Figure:
    """Return an empty figure.

    Parameters
    ----------
    columns
        Its width in columns of text, 1 or 2.
    height_over_width
        Its shape.

    Raises
    ------
    BadParameter
        If the number of columns is another.
    """
    if columns not in _WIDTHS:
        limit = "a page has one or two columns of text"
        raise BadParameter("columns", columns, limit, "Choose 1 or 2.")
    width = _WIDTHS[columns]
    return Figure(figsize=(width, width * height_over_width), layout="constrained")


def set_heading(axes: Any, heading: str, observation: Observation) -> None:
    """Write what is shown above the frame, and below that from which observation.

    A product of simulated data says so here, in the colour of a warning.
    """
    axes.set_title(heading, loc="left", fontsize=SMALL_TEXT + 1.5, pad=12)
    axes.annotate(
        observation.label,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        va="bottom",
        fontsize=SMALL_TEXT,
        color=WARNING_COLOUR if observation.simulated else QUIET_COLOUR,
    )


def trim_height(drawing: Figure) -> None:
    """Take off the height that a figure with square pixels leaves unused."""
    drawing.draw_without_rendering()
    used = drawing.get_tightbbox().height
    drawing.set_figheight(used + _MARGIN)
