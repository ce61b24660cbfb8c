"""The figure of a sky image: square pixels, a coordinate grid, a colour bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.events import MouseLeave, MouseMove
from bokeh.models import (
    BoxZoomTool,
    ColorBar,
    ColumnDataSource,
    CustomJS,
    FixedTicker,
    InlineStyleSheet,
    LinearColorMapper,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    Title,
    WheelZoomTool,
)

from oda_widgets.arrays import Singles
from oda_widgets.products.image import SkyImage
from oda_widgets.views.sky.frame import SkyFrame
from oda_widgets.views.sky.hover import sky_hover
from oda_widgets.views.sky.maps import DrawnImage
from oda_widgets.views.sky.stretch import NO_VALUE, Stretch
from oda_widgets.views.theme import GUIDE, new_figure

_SIZE = 540  # of the frame, screen pixels, until the width of the column is known
# The mark of the active tool goes below its icon: above, it would underline the name of the axis.
_MARK_BELOW = """
.bk-below { border-top: none; border-bottom: 2px solid transparent; }
.bk-below.bk-active { border-bottom-color: var(--oda-accent); }
"""

# Values are read from the maps themselves, in the kernel: the browser has their colours only.
_TELL_POINTER = """
const inside = cb_obj.event_name === "mousemove"
pointer.wanted = inside ? {x: [cb_obj.x], y: [cb_obj.y]} : {x: [], y: []}
if (pointer.waiting) return
pointer.waiting = true
setTimeout(() => { pointer.waiting = false; pointer.data = pointer.wanted }, 80)
"""


@dataclass(frozen=True)
class SkyFigure:
    """The models of the figure that change after it is made.

    Parameters
    ----------
    plot
        The figure.
    frame
        The part of the sky on screen, and the grid over it.
    maps
        One column of one two-dimensional array: the level of each pixel in the palette.
    image_colours
        Mapper of the image.
    bar, bar_title
        The colour bar, and its title.
    pointer
        The pixel under the pointer, as the browser last reported it; empty outside.
    """

    plot: Any
    frame: SkyFrame
    maps: ColumnDataSource
    image_colours: LinearColorMapper
    bar: ColorBar
    bar_title: Title
    pointer: ColumnDataSource


def sky_figure(drawn: DrawnImage, size: int | None) -> SkyFigure:
    """Return the figure of an image, without sources.

    Parameters
    ----------
    drawn
        The image, north up.
    size
        Longer side of the frame, screen pixels; None fills the column, at any width.
    """
    plot = _empty_plot(drawn, size)
    lines = ColumnDataSource(data={"x": [], "y": []})
    figure = SkyFigure(
        plot=plot,
        frame=SkyFrame(plot, drawn.display.wcs, lines, fills=size is None),
        maps=ColumnDataSource(data={"drawn": [np.full(drawn.display.shape, NO_VALUE, np.uint8)]}),
        # Each level has the middle of its colour.
        image_colours=LinearColorMapper(low=-0.5, high=NO_VALUE + 0.5),
        bar=ColorBar(
            color_mapper=LinearColorMapper(low=0, high=1),
            width=14,
            padding=6,
            label_standoff=6,
            margin=0,
        ),
        bar_title=Title(align="center", text_font_size="12px", text_font_style="normal"),
        pointer=ColumnDataSource(data={"x": [], "y": []}),
    )
    _draw(figure, drawn, lines)
    return figure


def colour(figure: SkyFigure, stretch: Stretch, meaning: str, values: Singles | None) -> None:
    """Apply a stretch.

    Parameters
    ----------
    figure
        Of the image.
    stretch
        The new one.
    meaning
        Title of the colour bar.
    values
        The map, if its levels change; None if only the colours change, which sends palettes only.
    """
    ticks = stretch.bar_ticks()
    if values is not None:
        figure.maps.data = {"drawn": [stretch.levels(values)]}
    figure.image_colours.palette = stretch.image_palette
    figure.bar_title.text = meaning
    figure.bar.update(ticker=FixedTicker(ticks=list(ticks)), major_label_overrides=ticks)
    # Bokeh redraws a colour bar with its numbers only for another mapper, so this comes last.
    figure.bar.color_mapper = LinearColorMapper(stretch.bar_palette, low=0, high=1)


def _empty_plot(drawn: DrawnImage, size: int | None) -> Any:
    rows, columns = drawn.display.shape
    scale = (size or _SIZE) / max(rows, columns)
    plot = new_figure(
        _tools(),
        title=_title(drawn.image),
        subtitle=drawn.image.observation.label,
        simulated=drawn.image.observation.simulated,
        # Until the browser adapts it to its column it has the shape of the image.
        frame_width=round(columns * scale),
        frame_height=round(rows * scale),
        x_range=Range1d(-0.5, columns - 0.5),
        y_range=Range1d(-0.5, rows - 0.5),
        toolbar_location="below",  # above it would meet the titles of a narrow image
        x_axis_label="Right ascension (J2000)",
        y_axis_label="Declination (J2000)",
    )
    plot.toolbar.stylesheets = [InlineStyleSheet(css=_MARK_BELOW)]
    plot.grid.visible = False
    plot.axis.minor_tick_line_color = None
    plot.axis.major_tick_line_color = None
    return plot


def _title(image: SkyImage) -> str:
    name = image.target.name if image.target is not None else "Sky image"
    return f"{name} · {image.energy}"


def _tools() -> list[Any]:
    return [
        PanTool(),
        BoxZoomTool(match_aspect=True),
        WheelZoomTool(zoom_on_axis=False),
        ResetTool(),
        SaveTool(),
    ]


def _draw(figure: SkyFigure, drawn: DrawnImage, lines: ColumnDataSource) -> None:
    plot = figure.plot
    rows, columns = drawn.display.shape
    pixels = plot.image(
        "drawn",
        x=-0.5,
        y=-0.5,
        dw=columns,
        dh=rows,
        source=figure.maps,
        color_mapper=figure.image_colours,
    )
    plot.multi_line("x", "y", source=lines, line_color=GUIDE, line_alpha=0.5, line_width=1)
    plot.add_layout(figure.bar, "right")
    plot.add_layout(figure.bar_title, "right")
    plot.add_tools(sky_hover(drawn.display.wcs, pixels))
    tell = CustomJS(args={"pointer": figure.pointer}, code=_TELL_POINTER)
    plot.js_on_event(MouseMove, tell)
    plot.js_on_event(MouseLeave, tell)
    plot.toolbar.active_scroll = None
