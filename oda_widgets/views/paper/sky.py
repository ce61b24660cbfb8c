"""A sky image on paper: a map with its grid, its colour bar and its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import AsinhNorm, FuncNorm, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.sky_region import SkyRegion
from oda_widgets.views.paper.sky_regions import draw_regions
from oda_widgets.views.paper.sky_sources import draw_sources
from oda_widgets.views.paper.style import new_figure, set_heading, trim_height
from oda_widgets.views.peak_stretch import FAINTEST_PEAK, LINEAR_WIDTH, LOWEST
from oda_widgets.views.sky.north_up import turned_upright
from oda_widgets.views.sky.stretch import Stretch, number_text

# Dark on white: faint sources stand out, names can be read on it, and it prints well.
_COLOURS = "Greys"
_OUTSIDE = "white"
# Where the variance is below this times its lowest, an image is well exposed.
_DEEP = 10.0
_TICK_ROOM = 0.08  # least distance of numbers along the colour bar, part of its length
# The width decides the size of the map; the height left over is trimmed.
_TALL_ENOUGH = 1.25


# The maps that can be drawn, each with the label of its colour bar.
_MAPS = {
    "significance": r"Significance ($\sigma$)",
    "intensity": r"Intensity (counts s$^{-1}$)",
    "variance": r"Variance (counts$^{2}$ s$^{-2}$)",
    "exposure": "Exposure (s)",
}


def sky_figure(  # noqa: PLR0913 - options that users name
    image: SkyImage,
    *,
    columns: int = 1,
    width: float | None = None,
    map_name: str = "significance",
    radius: float | None = None,
    cuts: tuple[float, float] | None = None,
    scale: str | None = None,
    colours: str | None = None,
    catalog: SourceCatalog | None = None,
    regions: Iterable[SkyRegion] = (),
) -> Figure:
    """Return a figure of a sky image, north up, with the selected sources of its catalogue.

    Parameters
    ----------
    image
        Image to draw.
    columns
        Width in columns of text, 1 or 2.
    width
        Inches, in place of that of `columns`; the height follows from the map.
    map_name
        "significance", "intensity", "variance" or "exposure".
    radius
        Show only so many degrees around the target; by default all.
    cuts
        Values of the first and the last colour; by default -3 sigma to the peak for significance
        and intensity (there of its noise, and without the edges, where the noise is high), 95 % of
        the values for the variance, all for the exposure.
    scale
        "linear", "sqrt" or "asinh" between the cuts, as on the screen; by default linear up to
        a few sigma and compressed above for significance and intensity, else linear.
    colours
        "inferno", "viridis", "cividis", "gray" or "gray inverted"; by default dark on white.
    catalog
        Sources to mark in place of those of the image.
    regions
        Circles and boxes to draw, from `regions_of` a file of DS9 or drawn on the page.

    Raises
    ------
    BadParameter
        If there is no such map, scale or colour map, the lower cut is not below the upper one,
        or a radius is given for an image without a target.
    """
    image = turned_upright(image if catalog is None else replace(image, catalog=catalog))
    pixels = _pixels(image, map_name)
    drawing = new_figure(columns, _TALL_ENOUGH * _height_over_width(image, radius), width)
    axes = drawing.add_subplot(projection=image.wcs)
    _zoom(axes, image, radius)
    visible = _visible(axes, pixels)
    norm = _norm(image, map_name, visible, cuts, scale)
    shown = axes.imshow(pixels, origin="lower", cmap=_colour_map(colours), norm=norm)
    _zoom(axes, image, radius)
    _draw_grid(axes)
    above = map_name == "variance" and cuts is None
    _draw_colour_bar(drawing, axes, shown, _MAPS[map_name], scale or "linear", above=above)
    heading = f"{image.target.name}, {image.energy}" if image.target else str(image.energy)
    set_heading(axes, heading, image.observation.label, [image.observation])
    trim_height(drawing, axes)
    draw_sources(drawing, axes, image)
    draw_regions(axes, image, regions)
    return drawing


def _pixels(image: SkyImage, map_name: str) -> NDArray[np.float32]:
    if map_name not in _MAPS:
        advice = f"Choose one of: {', '.join(_MAPS)}."
        raise BadParameter("map_name", map_name, "not a map of an image", advice)
    pixels: NDArray[np.float32] = getattr(image, map_name)
    return pixels


def _colour_map(name: str | None) -> Any:
    if name is not None:
        Stretch(0, 1, colours=name)  # raises for a name that the screen does not know
    inverted = name is not None and name.endswith("inverted")
    known = _COLOURS if name is None else name.split(maxsplit=1)[0]
    return colormaps[f"{known}_r" if inverted else known].with_extremes(bad=_OUTSIDE)


def _zoom(axes: Any, image: SkyImage, radius: float | None) -> None:
    rows, columns = image.shape
    centre_x, centre_y = (columns - 1) / 2, (rows - 1) / 2
    half_x, half_y = columns / 2, rows / 2
    if radius is not None:
        centre_x, centre_y = _target_pixel(image)
        half_x = half_y = radius / image.pixel_size
    axes.set_xlim(max(centre_x - half_x, -0.5), min(centre_x + half_x, columns - 0.5))
    axes.set_ylim(max(centre_y - half_y, -0.5), min(centre_y + half_y, rows - 0.5))


def _height_over_width(image: SkyImage, radius: float | None) -> float:
    rows, columns = image.shape
    return rows / columns if radius is None else 1.0


def _target_pixel(image: SkyImage) -> tuple[float, float]:
    if image.target is None:
        limit = "the image is about no source in particular"
        raise BadParameter("radius", None, limit, "Leave radius out.")
    x, y = image.wcs.world_to_pixel(image.target.position)
    return float(x), float(y)


def _visible(axes: Any, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    window = pixels[
        max(round(bottom), 0) : max(round(top), 0) + 1, max(round(left), 0) : round(right) + 1
    ]
    return window[np.isfinite(window)]


def _norm(
    image: SkyImage,
    map_name: str,
    values: NDArray[np.float32],
    cuts: tuple[float, float] | None,
    scale: str | None,
) -> Normalize:
    if cuts is None and scale is None and values.size:
        noise, peak = 1.0, float(values.max())
        if map_name == "intensity":
            noise, peak = _noise_and_peak(image)
        if map_name in ("significance", "intensity"):
            peak = max(peak, FAINTEST_PEAK * noise)
            return AsinhNorm(LINEAR_WIDTH * noise, LOWEST * noise, peak)
    low, high = cuts or _extremes(values, 95.0 if map_name == "variance" else 100.0)
    stretch = Stretch(low, high, scale or "linear")
    if stretch.scale == "linear":
        return Normalize(stretch.low, stretch.high)
    return FuncNorm((stretch.place, stretch.value), stretch.low, stretch.high)


def _noise_and_peak(image: SkyImage) -> tuple[float, float]:
    """Return the noise of an intensity map and its highest value, both where it is well exposed."""
    variance = image.variance
    known = np.isfinite(variance) & (variance > 0) & np.isfinite(image.intensity)
    if not known.any():
        return 1.0, 1.0
    deep = known & (variance <= _DEEP * np.percentile(variance[known], 5))
    noise = float(np.sqrt(np.median(variance[deep])))
    bright = known & (image.significance > FAINTEST_PEAK)
    return noise, float(image.intensity[deep | bright].max())


def _extremes(values: NDArray[np.float32], part: float) -> tuple[float, float]:
    """Return the lowest value, and that below which a part (%) of them lies."""
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(np.percentile(values, part))
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def _draw_grid(axes: Any) -> None:
    longitude, latitude = axes.coords
    for coordinate, side, label in (
        (longitude, "b", "Right ascension"),
        (latitude, "l", "Declination"),
    ):
        coordinate.set_ticks_position("all")
        coordinate.set_ticklabel_position(side)
        coordinate.set_axislabel_position(side)
        coordinate.set_axislabel(label, minpad=0.6)
        coordinate.display_minor_ticks(display_minor_ticks=True)
        coordinate.set_ticks(number=5)
        coordinate.tick_params(direction="in")
        # Write each label in full: "19h00m", not "00m" after "19h30m". Setting ticks would undo it.
        coordinate.set_ticklabel(simplify=False)
    axes.coords.grid(color="black", alpha=0.25, linestyle=(0, (1, 2)), linewidth=0.5)


def _draw_colour_bar(
    drawing: Figure, axes: Any, shown: Any, label: str, scale: str, *, above: bool
) -> None:
    place = axes.inset_axes((1.025, 0, 0.04, 1))
    bar = drawing.colorbar(shown, cax=place, extend="max" if above else "neither")
    bar.set_label(label)
    bar.ax.tick_params(direction="in")
    bar.outline.set_linewidth(0.6)
    highest = shown.norm.vmax
    if isinstance(shown.norm, AsinhNorm) and highest is not None:
        ticks = _compressed_ticks(shown.norm, highest)
        bar.set_ticks(ticks, labels=[number_text(tick) for tick in ticks])
        bar.ax.minorticks_off()
    elif isinstance(shown.norm, FuncNorm):
        low, high = shown.get_clim()
        ticks = Stretch(low, high, scale).round_values()
        bar.set_ticks(ticks, labels=[number_text(tick) for tick in ticks])
        bar.ax.minorticks_off()


def _compressed_ticks(norm: AsinhNorm, peak: float) -> list[float]:
    """Return round numbers with room between them on a scale that is compressed above noise."""
    noise = norm.linear_width / LINEAR_WIDTH
    if noise == 1.0:  # significance
        candidates = [-3.0, 0.0, 3.0, 6.0]
        candidates += [step * 10.0**power for power in range(1, 5) for step in (1, 2, 5)]
        return [value for value in candidates if value <= peak]
    first = int(np.floor(np.log10(noise)))
    powers = range(first, int(np.log10(peak)) + 1)
    candidates = [0.0, *(step * 10.0**power for power in powers for step in (1, 2, 5))]
    chosen: list[float] = []
    for value in candidates:
        place = float(norm(value))
        if value <= peak and (not chosen or place - float(norm(chosen[-1])) > _TICK_ROOM):
            chosen.append(value)
    return chosen
