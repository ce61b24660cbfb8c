"""Check that the science windows of an image see its source."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite

from oda_widgets.analysis.analysis import aperture_of
from oda_widgets.analysis.field_of_view import pointing_of, sees
from oda_widgets.analysis.out_of_view import out_of_view
from oda_widgets.backend.dispatcher.window_services import WindowServices
from oda_widgets.errors import EmptySelection, ServiceError
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import ImageQuery
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery


def check_in_view(query: ImageQuery, source: Source, services: WindowServices) -> None:
    """Refuse a source that no science window of a query sees.

    Parameters
    ----------
    query
        The query.
    source
        Its source.
    services
        Services that tell where windows point; if they do not, nothing is checked.

    Raises
    ------
    BadParameter
        If none sees the source, as with the embedded engine.
    """
    try:
        windows = services.named(query.science_windows)
    except (EmptySelection, ServiceError):
        return
    if not all(isfinite(window.ra_z) for window in windows):
        return  # their roll is unknown
    aperture = aperture_of(query)
    if any(sees(pointing_of(window), source.ra, source.dec, aperture) for window in windows):
        return
    near = _windows_near(source, query.instrument, services)
    raise out_of_view("source", [source], windows, near, query.instrument)


def _windows_near(
    source: Source, instrument: str, services: WindowServices
) -> tuple[ScienceWindow, ...]:
    """Return the windows of a server near a source, with the instrument on."""
    radius = described(instrument).radius
    try:
        asked = WindowQuery(source=source, radius=radius, limit=None, instrument=instrument)
        found = services.select(asked)
    except (EmptySelection, ServiceError):
        return ()
    # It was on in all listed windows, for an unknown time.
    return tuple(replace(window, others=((instrument, inf),)) for window in found)
