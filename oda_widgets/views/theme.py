"""The look of figures: restrained, transparent, legible on light and on dark.

Colours of axes, grids and titles come from pane.css, which follows the theme; colours of
data are defined here and are legible on light and on dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.models import InlineStyleSheet, Legend, LegendItem, NoOverlap, Title, Tool
from bokeh.plotting import figure
from bokeh.themes import Theme

DATA = "#2f81c7"
ERROR = "#7fb2de"
CHOSEN = "#e8710a"
FIT = "#b13bdb"  # no colour of data, so that it is seen above all of them
TARGET = "#ff4f9a"
GUIDE = "#9aa4af"
MIDDLE_GREY = "#7d8590"

# Tags that frames.js reads. The first marks a figure that it makes as wide as its column; the
# second one of the sky, whose axes it keeps on one scale in a frame of any shape.
FILLS_COLUMN, EQUAL_SCALE = "fills-column", "equal-scale"
# Marks a figure that is lower in a low window: part of the window and usual height follow the tag.
PART_OF_WINDOW = "part-of-window"

FONT = "Inter, Helvetica Neue, Helvetica, Arial, sans-serif"

# Screen pixels between the numbers of an axis; where there is no room, some are left out.
_APART = 7
_SUBTITLE = {"text_font_size": "12px", "text_font_style": "normal", "standoff": 5}

FIGURE_THEME = Theme(
    json={
        "attrs": {
            "Plot": {
                # Transparent, but filled: else BokehJS also leaves the frame at its former place
                # after the figure is laid out anew.
                "background_fill_color": "#00000000",
                "border_fill_color": None,
                "min_border_right": 16,
            },
            "Axis": {
                "axis_label_text_font": FONT,
                "axis_label_text_font_style": "normal",
                "axis_label_text_font_size": "13px",
                "axis_label_standoff": 8,
                "major_label_text_font": FONT,
                "major_label_text_font_size": "12px",
                "major_tick_in": 5,
                "major_tick_out": 0,
                "minor_tick_in": 3,
                "minor_tick_out": 0,
            },
            "Grid": {"grid_line_color": GUIDE, "grid_line_alpha": 1.0},
            "Title": {
                "text_font": FONT,
                "text_font_size": "14px",
                "text_font_style": "bold",
                "standoff": 4,
            },
            "BaseColorBar": {
                "background_fill_color": None,
                "title_text_font": FONT,
                "title_text_font_style": "normal",
                "title_text_font_size": "12px",
                "major_label_text_font": FONT,
                "major_label_text_font_size": "11px",
                # Its axis does not inherit the style sheet.
                "major_label_text_color": MIDDLE_GREY,
            },
            "Legend": {
                "background_fill_alpha": 0.0,
                "border_line_color": None,
                "label_text_font": FONT,
                "label_text_font_size": "12px",
            },
        }
    }
)

_WARNING = ":host { --bk-title-text-color: var(--oda-warning); }"
_INK = ":host .bk-item .bk-label { color: var(--oda-ink); }"

# A figure takes the focus when it is dragged; it then needs no outline.
_NO_FRAME = ".bk-Canvas { --highlight-color: transparent; }"


def new_figure(
    tools: Sequence[Tool],
    title: str,
    subtitle: str = "",
    *,
    simulated: bool = False,
    **options: Any,
) -> Any:
    """Return an empty figure with tools, a title and a quieter line below it.

    Parameters
    ----------
    tools
        The first of each kind of gesture becomes the active one.
    title, subtitle
        The main line, and the observation it comes from.
    simulated
        Whether the subtitle is drawn as a warning.
    options
        Further properties of `bokeh.plotting.figure`.
    """
    plot = figure(tools=list(tools), **{"toolbar_location": "above", **options})
    plot.toolbar.logo = None
    for axis in plot.axis:
        axis.major_label_policy = NoOverlap(min_distance=_APART)
    plot.stylesheets = [InlineStyleSheet(css=_NO_FRAME)]
    lower = Title(text=subtitle, **_SUBTITLE)
    if simulated:
        lower.update(text_font_style="bold", stylesheets=[InlineStyleSheet(css=_WARNING)])
    plot.add_layout(lower, "above")
    plot.add_layout(Title(text=title), "above")
    return plot


def new_legend(items: Sequence[LegendItem], location: str = "top_right") -> Legend:
    """Return a legend whose labels follow the theme."""
    sheet = InlineStyleSheet(css=_INK)
    return Legend(items=list(items), location=location, stylesheets=[sheet])


def set_titles(plot: Any, title: str, subtitle: str) -> None:
    """Change the two lines above a figure made by `new_figure`."""
    lower, upper = (item for item in plot.above if isinstance(item, Title))
    lower.text, upper.text = subtitle, title
