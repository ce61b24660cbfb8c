"""Sources on a sky image: rings, and names that do not hide each other."""

from __future__ import annotations

from math import isfinite
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.views.paper.style import LINE, SMALL_TEXT
from oda_widgets.views.sky.labels import Placed, place_labels

_RING = "#0072B2"
_TARGET_RING = "black"
_RING_SIZE = 9.0  # points
_BOTTOM = 0.05  # inches below the line under a figure
# Names are legible on dark maps, too, and stay text in a file; with an outline they would not.
_PAPER_BEHIND = {"facecolor": "white", "alpha": 0.55, "edgecolor": "none", "pad": 0.4}
_LINE_TO_RING = {
    "arrowstyle": "-", "linewidth": 0.5, "shrinkA": 0, "shrinkB": _RING_SIZE / 2, "color": _RING,
}  # fmt: skip
_END = {"left": 0.0, "center": 0.5, "right": 1.0}  # start of the line, part of the name's width
_HALO = withStroke(linewidth=1.6, foreground="white")
# `place_labels` assumes letters of this width, screen pixels; those on paper are smaller.
_PLACED_LETTER = 6.8
_LETTER = 0.5 * SMALL_TEXT


def draw_sources(drawing: Figure, axes: Any, image: SkyImage) -> None:
    """Mark the sources that are inside the frame; new ones with a broken ring.

    The target is labelled first, then the others from the most significant: where there is no
    room for all names, those of the faint ones stand apart, with a line; below the frame stands
    how many have none.
    """
    sources = [source for source in _ranked(image) if _inside(axes, image, source)]
    for source in sources:
        _draw_ring(axes, image, source)
    # Names are placed in units of the figure, which follow from the shape of the pixels.
    axes.apply_aspect()
    _draw_names(drawing, axes, image, sources)


def _ranked(image: SkyImage) -> list[CatalogSource]:
    def rank(source: CatalogSource) -> tuple[bool, float]:
        strength = source.significance if isfinite(source.significance) else 0.0
        return not _is_target(image, source), -strength

    return sorted(_with_target(image), key=rank)


def _with_target(image: SkyImage) -> list[CatalogSource]:
    """Return the selected sources, and the target if the catalogue lacks it."""
    sources = list(image.catalog.selected)
    if image.target is not None and image.target.name not in image.catalog.names:
        sources.append(CatalogSource(image.target.name, image.target.ra, image.target.dec))
    return sources


def _is_target(image: SkyImage, source: CatalogSource) -> bool:
    return image.target is not None and image.target.name == source.name


def _pixel(image: SkyImage, source: CatalogSource) -> tuple[float, float]:
    x, y = image.wcs.wcs_world2pix(source.ra, source.dec, 0)
    return float(x), float(y)


def _inside(axes: Any, image: SkyImage, source: CatalogSource) -> bool:
    x, y = _pixel(image, source)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return bool(left <= x <= right and bottom <= y <= top)


def _draw_ring(axes: Any, image: SkyImage, source: CatalogSource) -> None:
    x, y = _pixel(image, source)
    axes.scatter(
        x,
        y,
        s=_RING_SIZE**2,
        facecolors="none",
        edgecolors=_TARGET_RING if _is_target(image, source) else _RING,
        linewidths=0.7,
        path_effects=[_HALO],
        linestyles=(0, (1.5, 1.5)) if source.new else "solid",
    )


def _draw_names(drawing: Figure, axes: Any, image: SkyImage, sources: list[CatalogSource]) -> None:
    # To the units of `place_labels`: its letters over ours, and points over dots.
    scale = _PLACED_LETTER / _LETTER * 72 / drawing.dpi
    frame = axes.get_window_extent()
    dots = [axes.transData.transform(_pixel(image, source)) for source in sources]
    points = [((x - frame.x0) * scale, (y - frame.y0) * scale) for x, y in dots]
    names = [source.name for source in sources]
    places = place_labels(
        points, names, (frame.width * scale, frame.height * scale), far=len(names)
    )
    for source, place in zip(sources, places, strict=True):
        if place is not None:
            _draw_name(axes, image, source, place)
    unnamed = sum(place is None for place in places)
    if unnamed:
        words = f"without a name for want of room: {unnamed} of {len(places)} sources"
        _write_below(drawing, axes, words)


def _write_below(drawing: Figure, axes: Any, words: str) -> None:
    """Write a line below everything, where it covers no name; the figure becomes higher by it."""
    height, room = drawing.get_figheight(), LINE * SMALL_TEXT / 72
    place = axes.get_position()
    drawing.set_figheight(height + room)
    higher = (place.y0 * height + room) / (height + room)
    axes.set_position((place.x0, higher, place.width, place.height * height / (height + room)))
    drawing.text(place.x0, _BOTTOM / (height + room), words, fontsize=SMALL_TEXT, color=_RING)


def _draw_name(axes: Any, image: SkyImage, source: CatalogSource, place: Placed) -> None:
    alignment, dx = _anchor(place, source.name)
    is_target = _is_target(image, source)
    axes.annotate(
        source.name,
        _pixel(image, source),
        xytext=(dx * _LETTER / _PLACED_LETTER, place.dy * _LETTER / _PLACED_LETTER),
        textcoords="offset points",
        color=_TARGET_RING if is_target else _RING,
        fontsize=SMALL_TEXT,
        fontweight="bold" if is_target else "normal",
        bbox=_PAPER_BEHIND,
        arrowprops=_LINE_TO_RING | {"relpos": (_END[alignment], 0.5)} if place.far else None,
        ha=alignment,
        va="center",
        in_layout=False,
    )


def _anchor(place: Placed, name: str) -> tuple[str, float]:
    """Return which end of a name is fixed, and where: the end that points at the source.

    The width of a name is only estimated; anchored so, an error of it opens no gap.
    """
    width = len(name) * _PLACED_LETTER
    if place.dx > 0:
        return "left", place.dx
    if place.dx + width < 0:
        return "right", place.dx + width
    return "center", place.dx + width / 2
