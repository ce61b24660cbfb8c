"""The whole sky on the page: a map of significance that grows, and the sources in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.events import RangesUpdate
from bokeh.models import (
    BoxZoomTool,
    ColorBar,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    LinearColorMapper,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    WheelZoomTool,
)
from ipywidgets import VBox
from numpy.typing import NDArray

from oda_widgets.arrays import Singles
from oda_widgets.lookup.healpix import galactic
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.words import significance_text, typeset, with_error
from oda_widgets.views.mollweide import (
    MERIDIANS,
    PARALLELS,
    meridian,
    mollweide,
    parallel,
    projected,
    with_peaks,
)
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.peak_stretch import FAINTEST_PEAK, LINEAR_WIDTH, LOWEST
from oda_widgets.views.sky.sources import placed_names
from oda_widgets.views.sky.stretch import NO_VALUE, Stretch, number_text
from oda_widgets.views.sky.window import Window
from oda_widgets.views.theme import (
    FILLS_COLUMN,
    FONT,
    GUIDE,
    MIDDLE_GREY,
    new_figure,
    set_titles,
)
from oda_widgets.views.without_kernel import Pictured

_ROWS = 640  # of the picture, which is twice as wide: 820 kB for a page
_WIDTH, _HIGHEST = 900, 760  # of the frame, screen pixels
_ACROSS, _UP = 2.04, 1.02  # ends of the axes
_MINUS = "\N{MINUS SIGN}"
_TICKS = (-3, 0, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
_NUMBERS_AT = -60.0  # Galactic latitude at which longitudes are written: few sources are there
_HALO = "#10131a"
_KNOWN, _CANDIDATE = "#ffffff", "#ffb454"
_HOVER = [
    ("source", "@name"),
    ("significance", "@sigma σ"),
    ("flux", "@flux counts/s"),
    ("l, b", "@l{0.00}°, @b{+0.00}°"),
]


class AllSkyView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The map of a survey in Galactic coordinates (Mollweide), with its sources.

    Parameters
    ----------
    sky
        The map so far; `show` draws later states.
    """

    def __init__(self, sky: AllSky) -> None:
        self.sky = sky
        self._maps = ColumnDataSource(data={"levels": []})
        self._colours = LinearColorMapper(
            Stretch(0, 1).image_palette, low=-0.5, high=NO_VALUE + 0.5
        )
        self._rings = ColumnDataSource(data=_rings_of(SourceCatalog()))
        self._names = ColumnDataSource(data={key: [] for key in ("x", "y", "name", "dx", "dy")})
        self.plot = self._drawn_plot()
        self._bar = ColorBar(
            color_mapper=LinearColorMapper(Stretch(0, 1).bar_palette, low=0, high=1),
            height=12,
            padding=2,
            label_standoff=6,
            title="Significance (σ)",
            title_text_color=MIDDLE_GREY,
            orientation="horizontal",
        )
        self.plot.add_layout(self._bar, "below")
        # Bokeh sends only events registered before the figure joins its document.
        self.plot.on_event(RangesUpdate, lambda _event: self._place_names())
        for side in ("frame_width", "frame_height"):  # the browser sends them one by one
            self.plot.on_change(side, lambda _attr, _old, _new: self._place_names())
        self.pane = BokehPane(self.plot)
        super().__init__([self.pane])
        self.show(sky)

    @property
    def drawn_names(self) -> tuple[str, ...]:
        """The names that have room, the most significant first."""
        return tuple(self._names.data["name"])

    def show(self, sky: AllSky) -> None:
        """Draw a map in place of the one on show."""
        self.sky = self._pictured = sky
        picture = projected(sky.grid, sky.significance, _ROWS)
        picture = with_peaks(sky.grid, sky.significance, picture)
        seen = picture[np.isfinite(picture)]
        high = max(float(seen.max()) if seen.size else 0.0, FAINTEST_PEAK)
        with self.pane.rebuilt():
            set_titles(self.plot, f"Survey · {sky.energy}", sky.observation.label)
            self._maps.data = {"levels": [_levels(picture, high)]}
            shown = [tick for tick in _TICKS if tick <= high]
            places = _places(np.array(shown, float), high).tolist()
            ticks = {place: number_text(tick) for place, tick in zip(places, shown, strict=True)}
            self._bar.update(ticker=FixedTicker(ticks=list(ticks)), major_label_overrides=ticks)
            # Bokeh draws a colour bar anew, with its numbers, only for another mapper.
            self._bar.color_mapper = LinearColorMapper(Stretch(0, 1).bar_palette, low=0, high=1)
            self._rings.data = _rings_of(sky.catalog)
            self._place_names()

    def _place_names(self) -> None:
        """Write the names of sources that have room in the part of the sky on screen."""
        frame = self.plot.frame_width, self.plot.frame_height
        placed = placed_names(self._rings.data, Window.of(self.plot), frame)
        self._names.data = placed

    def _drawn_plot(self) -> Any:
        plot = new_figure(
            [PanTool(), BoxZoomTool(match_aspect=True), WheelZoomTool(), ResetTool(), SaveTool()],
            title="Survey",
            simulated=self.sky.observation.simulated,
            tags=[f"{FILLS_COLUMN}:{_HIGHEST}"],
            frame_width=_WIDTH,
            frame_height=round(_WIDTH * _UP / _ACROSS),
            x_range=Range1d(-_ACROSS, _ACROSS),
            y_range=Range1d(-_UP, _UP),
        )
        plot.toolbar.active_scroll = None
        plot.grid.visible = plot.axis.visible = False
        plot.outline_line_alpha = 0  # its colour is that of the theme
        plot.ellipse(
            [0], [0], width=4, height=2, fill_color=MIDDLE_GREY, fill_alpha=0.12, line_color=None
        )
        plot.image("levels", x=-2, y=-1, dw=4, dh=2, source=self._maps, color_mapper=self._colours)
        _draw_graticule(plot)
        self._draw_sources(plot)
        return plot

    def _draw_sources(self, plot: Any) -> None:
        ring = {"source": self._rings, "marker": "circle", "size": "size", "fill_alpha": 0.0}
        plot.scatter("x", "y", line_color=_HALO, line_width=3.5, line_alpha=0.7, **ring)
        rings = plot.scatter(
            "x", "y", line_color="color", line_dash={"field": "dash"}, line_width=1.4, **ring
        )
        halo = {"text_color": _HALO, "text_outline_color": _HALO, "text_outline_width": 3}
        for colours in (halo, {"text_color": "color"}):
            plot.text(
                "x",
                "y",
                "name",
                source=self._names,
                x_offset="dx",
                y_offset="dy",
                text_baseline="middle",
                text_font={"value": FONT},
                text_font_size="12px",
                text_font_style="bold",
                **colours,
            )
        plot.add_tools(HoverTool(renderers=[rings], tooltips=_HOVER, visible=False))


def _draw_graticule(plot: Any) -> None:
    """Draw Galactic meridians and parallels every 60 and 30 degrees, with their numbers."""
    curves = [*map(meridian, MERIDIANS), *map(parallel, PARALLELS)]
    lines = {"line_color": GUIDE, "line_alpha": 0.55, "line_width": 1, "line_dash": "dotted"}
    plot.multi_line([x for x, _ in curves], [y for _, y in curves], **lines)
    plot.ellipse([0], [0], width=4, height=2, fill_color=None, line_color=GUIDE, line_width=1.2)
    words = {"text_font": {"value": FONT}, "text_font_size": "11px", "text_color": MIDDLE_GREY}
    x, y = mollweide(179.999, np.array(PARALLELS, float))
    text = [
        f"{latitude:+d}°".replace("-", _MINUS) if latitude else "b = 0°" for latitude in PARALLELS
    ]
    # Inside the ellipse they have room on frames of any width, on the side where it widens.
    for side, north in (("top", y > 0), ("bottom", y <= 0)):
        down = 3 if side == "top" else -3
        some = [one for one, chosen in zip(text, north, strict=True) if chosen]
        plot.text(x[north], y[north], some, text_baseline=side, x_offset=8, y_offset=down, **words)
    x, y = mollweide(np.array(MERIDIANS, float), _NUMBERS_AT)
    text = [f"{longitude % 360}°" if longitude else "l = 0°" for longitude in MERIDIANS]
    plot.text(x, np.full(len(x), float(y)), text, text_align="center",
        text_baseline="top", y_offset=3, text_outline_width=0, **words)  # fmt: skip


def _rings_of(catalog: SourceCatalog) -> dict[str, Any]:
    """Return the columns of sources, the most significant first."""
    sources = sorted(catalog, key=lambda source: -source.significance)
    longitude, latitude = galactic([s.ra for s in sources], [s.dec for s in sources])
    x, y = mollweide(longitude, latitude)
    return {
        "x": x,
        "y": y,
        "l": longitude,
        "b": latitude,
        "name": [source.name for source in sources],
        "significance": [source.significance for source in sources],  # orders the names
        "sigma": [typeset(significance_text(source.significance)) for source in sources],
        "flux": [typeset(with_error(source.flux, source.flux_error)) for source in sources],
        "color": [_CANDIDATE if source.new else _KNOWN for source in sources],
        "dash": ["dashed" if source.new else "solid" for source in sources],
        "size": [9 if source.new else 8 for source in sources],
    }


def _places(significance: NDArray[Any], high: float) -> NDArray[Any]:
    """Return the places of significances along the colours, 0 to 1; any shape."""
    low, top = np.arcsinh(np.array([LOWEST, high]) / LINEAR_WIDTH)
    along = (np.arcsinh(significance / LINEAR_WIDTH) - low) / (top - low)
    return np.asarray(np.clip(along, 0, 1))


def _levels(picture: Singles, high: float) -> Any:
    """Return the index of the colour of each point, and `NO_VALUE` where there are no data."""
    seen = np.isfinite(picture)
    levels = np.rint(_places(np.where(seen, picture, 0.0), high) * (NO_VALUE - 1))
    return np.where(seen, levels, NO_VALUE).astype(np.uint8)
