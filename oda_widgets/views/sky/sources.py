"""Sources on a sky image: rings, and names that do not overlap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Label

from oda_widgets.request.catalog import SAME_PLACE, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.views.sky.labels import Placed, place_labels
from oda_widgets.views.sky.maps import DrawnImage
from oda_widgets.views.sky.window import Frame, Window
from oda_widgets.views.theme import CHOSEN, FONT

_HALO = "#10131a"
_RING = "#ffffff"
_TARGET_RING = "#5fe3ff"
_RING_SIZE = 17
MOST_APART = 8  # names that stand apart, with a line; the search for places takes time
UNNAMED = "unnamed"  # name of the label that counts sources without a name
_REACH = 14  # screen pixels: a finger is wider than a ring


class SourceLayer:
    """Rings and names of the sources of a catalogue on the figure of an image.

    Parameters
    ----------
    drawn
        The image, for its coordinates and target.
    frame
        Returns the width and the height of the frame, screen pixels.
    """

    def __init__(self, drawn: DrawnImage, frame: Callable[[], Frame]) -> None:
        self._wcs = drawn.display.wcs
        self._target = drawn.image.target
        self._frame = frame
        self.catalog = SourceCatalog()
        self.rings = ColumnDataSource(data=_no_rings())
        self.names = ColumnDataSource(data=_no_names())
        self.unnamed = Label(
            x=5, y=4, x_units="screen", y_units="screen", name=UNNAMED, text="", text_color=_RING,
            text_font_size="11px", background_fill_color=_HALO, background_fill_alpha=0.6,
        )  # fmt: skip

    def draw(self, plot: Any) -> None:
        """Add the layer to a figure."""
        ring = {"source": self.rings, "marker": "circle", "size": _RING_SIZE, "fill_alpha": 0.0}
        unchanged = {"nonselection_line_alpha": 1.0}
        plot.scatter(
            "x",
            "y",
            line_color=_HALO,
            line_width=4,
            line_alpha=0.75,
            **ring,
            nonselection_line_alpha=0.75,
        )
        plot.scatter(
            "x",
            "y",
            line_color="color",
            line_dash={"field": "dash"},
            line_width=1.8,
            **ring,
            **unchanged,
            selection_line_color=CHOSEN,
            selection_line_width=3.5,
        )
        ends = {"x0": "x0", "y0": "y0", "x1": "x1", "y1": "y1", "source": self.names}
        plot.segment(**ends, line_color=_HALO, line_width=3, line_alpha=0.75)
        plot.segment(**ends, line_color="color")
        self._write(plot, text_color=_HALO, text_outline_color=_HALO, text_outline_width=3)
        self._write(plot, text_color="color")
        plot.add_layout(self.unnamed)

    def _write(self, plot: Any, **colours: Any) -> None:
        plot.text(
            "x",
            "y",
            "name",
            source=self.names,
            x_offset="dx",
            y_offset="dy",
            text_baseline="middle",
            text_font={"value": FONT},
            text_font_size="12.5px",
            text_font_style="bold",
            **colours,
        )

    def show(self, catalog: SourceCatalog, window: Window) -> None:
        """Draw the sources of a catalogue, and the target if it is not among them."""
        self.catalog = catalog
        sources = self._visible(catalog)
        x, y = self._pixels(sources)
        self.rings.data = {
            "x": x,
            "y": y,
            "name": [source.name for source in sources],
            "significance": [source.significance for source in sources],
            "flux": [source.flux for source in sources],
            "color": [self._color(source) for source in sources],
            "dash": ["dashed" if source.new else "solid" for source in sources],
        }
        self.place(window)

    def place(self, window: Window) -> None:
        """Place the names for the part of the image on screen, brightest source first."""
        self.names.data = placed = placed_names(
            self.rings.data, window, self._frame(), apart=MOST_APART
        )
        self.unnamed.text = unnamed_words(self.rings.data, placed, window)

    def index_of(self, name: str) -> list[int]:
        """Return the index of a source among the rings, as a list; empty if it is not there."""
        return [i for i, known in enumerate(self.rings.data["name"]) if known == name]

    def name_at(self, x: float, y: float, window: Window) -> str | None:
        """Return the name of the source whose ring is at, or nearest to, a clicked pixel."""
        data = self.rings.data
        if not len(data["name"]):
            return None
        across, upward = _scales(window, self._frame())
        distance = np.hypot((data["x"] - x) * across, (data["y"] - y) * upward)
        nearest = int(np.argmin(distance))
        return str(data["name"][nearest]) if distance[nearest] <= _REACH else None

    def _visible(self, catalog: SourceCatalog) -> list[CatalogSource]:
        target = self._target
        sources = list(catalog.selected)
        if target is not None and not any(_same_place(s, target) for s in catalog):
            sources.append(CatalogSource(target.name, target.ra, target.dec))
        return sources

    def _pixels(self, sources: list[CatalogSource]) -> tuple[Any, Any]:
        if not sources:
            return [], []
        ra, dec = [s.ra for s in sources], [s.dec for s in sources]
        x, y = self._wcs.wcs_world2pix(ra, dec, 0)
        return np.asarray(x, float), np.asarray(y, float)

    def _color(self, source: CatalogSource) -> str:
        target = self._target
        is_target = target is not None and _same_place(source, target)
        return _TARGET_RING if is_target else _RING


def unnamed_words(rings: Any, placed: Any, window: Window) -> str:
    """Return how many of the sources on screen have no name for want of room, in words."""
    x, y = np.asarray(rings["x"], float), np.asarray(rings["y"], float)
    across = (x >= window.left) & (x <= window.right)
    number = int((across & (y >= window.bottom) & (y <= window.top)).sum())
    missing = number - len(placed["name"])
    return f"without a name for want of room: {missing} of {number} sources" if missing else ""


def placed_names(
    rings: Any, window: Window, frame: Frame, *, apart: int = 0, nearest: bool = True
) -> dict[str, Any]:
    """Return the columns of those names of sources that have room, the brightest first.

    Parameters
    ----------
    rings
        Columns of the sources, in pixels of the image.
    window
        The part on screen.
    frame
        Width and height in which it is shown, screen pixels.
    apart
        How many names without room beside their rings may stand apart, with a line.
    nearest
        Whether a name without a line must be nearer to its ring than to any other.
    """
    order = np.argsort(-np.nan_to_num(np.asarray(rings["significance"], float), nan=1e9))
    across, upward = _scales(window, frame)
    points = [
        ((rings["x"][i] - window.left) * across, (rings["y"][i] - window.bottom) * upward)
        for i in order
    ]
    placed = place_labels(
        points, [rings["name"][i] for i in order], frame, far=apart, nearest=nearest
    )
    rows = [(i, place) for i, place in zip(order, placed, strict=True) if place is not None]
    return {
        **{key: [rings[key][i] for i, _ in rows] for key in ("x", "y", "name", "color")},
        "dx": [place.dx for _, place in rows],
        "dy": [-place.dy for _, place in rows],  # screen rows count downwards
        **_lines(rings, rows, across, upward),
    }


def _lines(
    rings: Any, rows: list[tuple[Any, Placed]], across: float, upward: float
) -> dict[str, list[float]]:
    """Return the ends of the lines from rings to names that stand apart, in pixels of the image."""
    found: dict[str, list[float]] = {"x0": [], "y0": [], "x1": [], "y1": []}
    for i, place in rows:
        dx, dy = place.line_end(rings["name"][i]) if place.far else (float("nan"),) * 2
        first = _RING_SIZE / 2 / np.hypot(dx, dy)  # where the ring ends, part of the line
        for end, part in (("0", first), ("1", 1.0)):
            found[f"x{end}"].append(float(rings["x"][i] + part * dx / across))
            found[f"y{end}"].append(float(rings["y"][i] + part * dy / upward))
    return found


def _scales(window: Window, frame: Frame) -> tuple[float, float]:
    """Return screen pixels per image pixel along both axes."""
    width, height = frame
    return width / (window.right - window.left), height / (window.top - window.bottom)


def _same_place(source: CatalogSource, target: Any) -> bool:
    """Return whether a source is the target, by name or by place."""
    if source.name.casefold() == target.name.casefold():
        return True
    return source.separation(CatalogSource(target.name, target.ra, target.dec)) < SAME_PLACE


def _no_rings() -> dict[str, list[Any]]:
    return {key: [] for key in ("x", "y", "name", "significance", "flux", "color", "dash")}


def _no_names() -> dict[str, list[Any]]:
    return {key: [] for key in ("x", "y", "name", "color", "dx", "dy", "x0", "y0", "x1", "y1")}
