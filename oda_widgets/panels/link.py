"""A page that is opened by a link begins with the question of the link."""

from __future__ import annotations

import os
from math import nan
from typing import TYPE_CHECKING

from oda_widgets.lookup.times import FIRST_REVOLUTION, LAST_REVOLUTION, revolution_start
from oda_widgets.panels.form import Form
from oda_widgets.protocol.links import query_from_link
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_BEHIND_THE_QUESTION_MARK = "QUERY_STRING"  # where Voila puts it
_ASKS = "product_type="


def link_of_kernel() -> str:
    """Return the link by which the page is opened, if the kernel was started for that page."""
    return os.environ.get(_BEHIND_THE_QUESTION_MARK, "")


def linked_question(site: Site, link: str) -> Query | None:
    """Return the question in a link, if it asks one.

    Parameters
    ----------
    site
        Who finds science windows, for links that name none.
    link
        The part of an address behind the question mark.

    Raises
    ------
    BadParameter
        If the link asks nothing that can be answered.
    """
    return query_from_link(link, site.science_windows) if _ASKS in link else None


def show_question(form: Form, query: Query) -> None:
    """Show a question in the panels, so that it can be changed and asked again."""
    if isinstance(query, ImageQuery | LightCurveQuery):
        form.energies.choose((query.energy.low, query.energy.high))
    if isinstance(query, ImageQuery):
        form.product.kind.value = "image"
        form.product.threshold.value = query.detection_threshold
        if query.source is not None:
            form.windows.source = query.source
            form.source.show(query.source)
    elif isinstance(query, LightCurveQuery):
        form.product.kind.value = "light_curves"
        form.product.time_bin.value = query.time_bin
    else:
        form.product.kind.value = "spectra"
    form.windows.show(_windows(query))
    form.use_times(query.intervals)
    form.use_catalog(query.catalog)


def _windows(query: Query) -> ScienceWindowList:
    """Return the windows of a question; a link knows their names, and so their revolutions."""
    windows = []
    for name in query.science_windows:
        revolution = min(max(int(name[:4]), FIRST_REVOLUTION), LAST_REVOLUTION)
        start = revolution_start(revolution)
        windows.append(ScienceWindow(name, start, start + 0.03, nan, nan, nan, nan, 0.0))
    return ScienceWindowList(tuple(windows), len(windows), "the link")
