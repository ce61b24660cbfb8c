"""A page that is opened by a link begins with the question of the link."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from oda_widgets.backend.share import question_of
from oda_widgets.panels.form import Form
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site

_BEHIND_THE_QUESTION_MARK = "QUERY_STRING"  # where Voila puts it
_ASKS = "product_type="


def linked_question(site: Site) -> Query | None:
    """Return the question with which the page was opened, if it was opened by a link.

    Parameters
    ----------
    site
        Who finds science windows, for links that name none.

    Raises
    ------
    BadParameter
        If the link asks nothing that can be answered.
    """
    link = os.environ.get(_BEHIND_THE_QUESTION_MARK, "")
    return question_of(link, site.science_windows) if _ASKS in link else None


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
    windows = form.windows.list
    windows.options = [(window, window) for window in query.science_windows]
    windows.value = tuple(query.science_windows)
    form.use_times(query.intervals)
    form.use_catalog(query.catalog)
