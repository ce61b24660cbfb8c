"""A burst on the page: the light curve around it, with T90 marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from oda_widgets.products.burst import Burst
from oda_widgets.products.curve_rebinning import cut_out
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval
from oda_widgets.views.light_curve import LightCurveView

_BEFORE, _AFTER = 0.5, 1.0  # parts of T90 shown around it at first
_SHORTEST = 0.5  # seconds
_AROUND = 1.0  # how much is loaded on each side, in times of the span over which counts were summed


def burst_view(
    burst: Burst,
    *,
    on_select: Callable[[Any], None] | None = None,
    height: int = 340,
    time: str = "elapsed",
) -> LightCurveView:
    """Return an interactive figure of a burst: its T90 is selected, and fills half of the width.

    Parameters
    ----------
    burst
        Burst to draw.
    on_select
        Called with the intervals that are brushed.
    height
        Screen pixels.
    time
        "elapsed", "mjd" or "date".
    """
    span = burst.interval
    margin = max(_AROUND * span.seconds, 1.0) / SECONDS_PER_DAY
    around = cut_out(cast("LightCurve", burst.curve), span.start - margin, span.stop + margin)
    view = LightCurveView(around, on_select=on_select, height=height, time=time)
    if burst.t90_interval is not None:
        view.select([burst.t90_interval])
        view.zoom(*_room_around(burst.t90_interval))
    return view


def _room_around(t90: TimeInterval) -> tuple[float, float]:
    """Return two instants with T90 between them (IJD), and room for the rise and the tail."""
    length = max(t90.seconds, _SHORTEST) / SECONDS_PER_DAY
    return t90.start - _BEFORE * length, t90.stop + _AFTER * length
