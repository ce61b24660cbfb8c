"""Circles and boxes on a sky image on paper, as on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.patheffects import withStroke

from oda_widgets.errors import BadParameter
from oda_widgets.products.image import SkyImage
from oda_widgets.request.sky_region import SkyRegion
from oda_widgets.views.paper.style import SMALL_TEXT
from oda_widgets.views.sky.region_outline import REGION_COLOUR, REGION_HALO, highest, outline

_WIDTH, _HALO = 0.9, 2.0  # points
# Names stay text in a file; with an outline they would not.
_BEHIND = {"facecolor": REGION_HALO, "alpha": 0.6, "edgecolor": "none", "pad": 0.6}


def draw_regions(axes: Any, image: SkyImage, regions: Iterable[SkyRegion]) -> None:
    """Draw outlines with their names; those of excluded regions are dashed.

    Raises
    ------
    BadParameter
        If one of them is not a region.
    """
    halo = [withStroke(linewidth=_HALO, foreground=REGION_HALO)]
    for region in _checked(regions):
        x, y = (np.asarray(one) for one in image.wcs.wcs_world2pix(*outline(region), 0))
        axes.plot(
            x,
            y,
            color=REGION_COLOUR,
            linewidth=_WIDTH,
            linestyle="--" if region.excluded else "-",
            path_effects=halo,
            scalex=False,
            scaley=False,
        )
        top = highest(y)
        axes.annotate(
            region.name,
            (float(x[top]), float(y[top])),
            xytext=(0, 2),
            textcoords="offset points",
            color=REGION_COLOUR,
            fontsize=SMALL_TEXT,
            fontweight="bold",
            ha="center",
            va="bottom",
            bbox=_BEHIND,
            annotation_clip=True,
            in_layout=False,
        )


def _checked(regions: Any) -> tuple[SkyRegion, ...]:
    found = tuple(regions) if isinstance(regions, Iterable) else (regions,)
    if not all(isinstance(region, SkyRegion) for region in found):
        advice = "Give a list of those that a DS9 file holds, or that were drawn on the page."
        raise BadParameter("regions", regions, "not regions of the sky", advice)
    return found
