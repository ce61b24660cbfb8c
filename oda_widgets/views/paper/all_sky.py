"""The whole sky on paper: Galactic coordinates in Mollweide's projection, seen from inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import AsinhNorm, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.patheffects import withStroke

from oda_widgets.arrays import Floats
from oda_widgets.lookup.healpix import galactic
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.numbers import whole_number
from oda_widgets.views.mollweide import (
    MERIDIANS,
    PARALLELS,
    meridian,
    mollweide,
    parallel,
    projected,
    with_peaks,
)
from oda_widgets.views.paper.style import SMALL_TEXT, new_figure, set_heading, trim_height
from oda_widgets.views.peak_stretch import FAINTEST_PEAK, LINEAR_WIDTH, LOWEST

_UNSEEN = "#E3EAF2"  # where no window points: light, and none of the greys of the map
_KNOWN, _CANDIDATE = "#0072B2", "#D55E00"  # from the palette of Okabe and Ito
_LABELS = {
    "significance": r"Significance ($\sigma$)",
    "intensity": r"Intensity (counts s$^{-1}$)",
    "variance": r"Variance (counts$^{2}$ s$^{-2}$)",
    "exposure": "Exposure (s)",
}
_ROWS = 900  # of the picture: finer than the pixels of a survey
_BESIDE = 4.0  # points between a source and its name
_Box = Any  # left, bottom, right and top in dots
_LETTER, _LINE = 0.55, 1.5  # width and height of letters, in sizes of the font


def all_sky_figure(
    sky: AllSky,
    *,
    columns: int = 2,
    width: float | None = None,
    map_name: str = "significance",
    cuts: tuple[float, float] | None = None,
    names: int = 25,
) -> Figure:
    """Return a figure of an all-sky map with the sources of its catalogue.

    Parameters
    ----------
    sky
        Map to draw.
    columns
        Width in columns of text, 1 or 2.
    width
        Inches, in place of that of `columns`.
    map_name
        "significance", "intensity", "variance" or "exposure".
    cuts
        Values of the first and the last colour.
    names
        Largest number of named sources, the most significant ones; 0 for none.

    Raises
    ------
    BadParameter
        If there is no such map, or a number cannot be drawn.
    """
    named = whole_number("names", names, least=0)
    drawing = new_figure(columns, 0.75, width)
    axes = drawing.add_subplot()
    values = getattr(sky, map_name)
    if map_name == "exposure":
        values = np.where(values > 0, values, np.nan)
    colours = colormaps["Greys"].with_extremes(bad=_UNSEEN)
    norm = _norm(map_name, values[np.isfinite(values)], cuts)
    picture = projected(sky.grid, values, _ROWS)
    if map_name == "significance":
        picture = with_peaks(sky.grid, values, picture)
    shown = axes.imshow(
        np.ma.masked_invalid(picture),
        extent=(-2, 2, -1, 1),
        origin="lower",
        cmap=colours,
        norm=norm,
    )
    edge = Ellipse((0, 0), 4, 2, fill=False, linewidth=0.8)
    axes.add_patch(edge)
    shown.set_clip_path(edge)
    _draw_graticule(axes)
    axes.set(xlim=(-2.02, 2.02), ylim=(-1.01, 1.01), aspect="equal")
    axes.axis("off")
    _draw_colour_bar(drawing, axes, shown, map_name)
    heading = f"INTEGRAL/ISGRI survey, {sky.energy}"
    set_heading(
        axes, heading, f"{sky.observation.label} · {sky.observation.span}", [sky.observation]
    )
    trim_height(drawing, axes)
    _draw_sources(drawing, axes, sky, named)
    return drawing


def _norm(map_name: str, values: Any, cuts: tuple[float, float] | None) -> Normalize:
    if cuts is not None:
        return Normalize(*cuts)
    if not len(values):
        return Normalize(0, 1)
    if map_name == "significance":
        return AsinhNorm(LINEAR_WIDTH, LOWEST, max(float(values.max()), FAINTEST_PEAK))
    if map_name == "intensity":
        noise = float(np.median(np.abs(values))) or 1.0
        return AsinhNorm(LINEAR_WIDTH * noise, LOWEST * noise, float(values.max()) or noise)
    low, high = np.percentile(values[values > 0], (1, 99.9))
    return LogNorm(float(low), float(high))


def _draw_graticule(axes: Any) -> None:
    style = {"color": "black", "alpha": 0.3, "linewidth": 0.5, "linestyle": (0, (1, 2))}
    for longitude in MERIDIANS:
        axes.plot(*meridian(longitude), **style)
    halo = [withStroke(linewidth=1.5, foreground="white")]
    text = {"fontsize": SMALL_TEXT, "color": "#333333", "path_effects": halo}
    for latitude in PARALLELS:
        x, y = parallel(latitude)
        axes.plot(x, y, **style)
        if latitude:
            place = {"ha": "right", "va": "bottom" if latitude > 0 else "top"}
            axes.text(x.min(), y[0], f"{latitude:+d}°", **text, **place)
    for longitude in filter(None, MERIDIANS):
        x, y = mollweide(longitude, -12.0)
        axes.text(float(x), float(y), f"{longitude % 360}°", ha="center", va="top", **text)


def _draw_colour_bar(drawing: Figure, axes: Any, shown: Any, map_name: str) -> None:
    place = axes.inset_axes((0.25, -0.1, 0.5, 0.035))
    bar = drawing.colorbar(shown, cax=place, orientation="horizontal")
    bar.set_label(_LABELS[map_name])
    bar.outline.set_linewidth(0.6)
    if map_name == "significance" and isinstance(shown.norm, AsinhNorm):
        high = shown.norm.vmax or 0
        ticks = [-3, 0, 3, 10, 30, *(10.0**power for power in range(2, 6))]
        ticks = [tick for tick in ticks if tick <= high]
        bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        bar.ax.minorticks_off()


def _draw_sources(drawing: Figure, axes: Any, sky: AllSky, names: int) -> None:
    """Mark sources and name the most significant whose names have room."""
    for new, colour, mark in ((False, _KNOWN, "o"), (True, _CANDIDATE, "s")):
        chosen = [source for source in sky.catalog if source.new == new]
        if chosen:
            x, y = _places(chosen)
            style = {"edgecolors": colour, "facecolors": "none", "linewidths": 0.6}
            axes.scatter(x, y, s=14, marker=mark, **style)
    dots = drawing.dpi / 72
    taken: list[_Box] = [text.get_window_extent().extents for text in axes.texts]
    room, right = len(taken) + names, axes.get_window_extent().x1
    for source in sorted(sky.catalog, key=lambda source: -source.significance):
        if len(taken) >= room:
            return
        place = np.concatenate(_places([source]))
        across, up = axes.transData.transform(place)
        wide = (len(source.name) * _LETTER * SMALL_TEXT + _BESIDE) * dots
        high = _LINE * SMALL_TEXT * dots / 2
        to_left = across + wide > right
        box = (across - wide * to_left, up - high, across + wide * (not to_left), up + high)
        if any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        axes.annotate(
            source.name,
            place,
            xytext=(-_BESIDE if to_left else _BESIDE, 0),
            textcoords="offset points",
            ha="right" if to_left else "left",
            va="center",
            fontsize=SMALL_TEXT,
            color=_CANDIDATE if source.new else _KNOWN,
            path_effects=[withStroke(linewidth=1.5, foreground="white")],
        )


def _overlap(first: _Box, second: _Box) -> bool:
    beside = first[2] < second[0] or second[2] < first[0]
    return not (beside or first[3] < second[1] or second[3] < first[1])


def _places(sources: list[CatalogSource]) -> tuple[Floats, Floats]:
    return mollweide(
        *galactic([source.ra for source in sources], [source.dec for source in sources])
    )
