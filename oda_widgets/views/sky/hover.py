"""The position under the pointer, which the browser computes itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bokeh.models import CustomJSHover, HoverTool, Plot

if TYPE_CHECKING:
    from astropy.wcs import WCS

_CODE = (Path(__file__).parent / "hover.js").read_text(encoding="utf-8")
_PLACE = "$x"


def sky_hover(wcs: WCS, pixels: Any) -> HoverTool:
    """Return the readout of a position under the pointer.

    Parameters
    ----------
    wcs
        Coordinates of the pixels, a gnomonic projection.
    pixels
        Renderer of the image.
    """
    projection = {
        "crpix": [float(value) for value in wcs.wcs.crpix],
        "crval": [float(value) for value in wcs.wcs.crval],
        "cd": [float(value) for value in wcs.pixel_scale_matrix.ravel()],
    }
    return HoverTool(
        renderers=[pixels],
        tooltips=[("RA, Dec", f"{_PLACE}{{sexagesimal}}"), ("", f"{_PLACE}{{degrees}}")],
        formatters={_PLACE: CustomJSHover(code=_CODE, args=projection)},
        point_policy="follow_mouse",
        visible=False,
    )


def hovered_wcs(plot: Plot) -> WCS | None:
    """Return the coordinates of the readout of a figure; None if it has no readout."""
    for tool in plot.select({"type": HoverTool}):
        formatter = tool.formatters.get(_PLACE)
        if isinstance(formatter, CustomJSHover) and "crval" in formatter.args:
            return _gnomonic(formatter.args)
    return None


def _gnomonic(projection: dict[str, Any]) -> WCS:
    from astropy.wcs import WCS  # noqa: PLC0415 - heavy import

    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crpix, wcs.wcs.crval = projection["crpix"], projection["crval"]
    xx, xy, yx, yy = projection["cd"]
    wcs.wcs.cd = [[xx, xy], [yx, yy]]
    wcs.wcs.set()
    return wcs
