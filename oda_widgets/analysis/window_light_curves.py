"""The light curves of all sources in one science window, as the node ``ii_lc_extract``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import lit, sources_to_fit
from oda_widgets.analysis.group_fits import group_fits_task, sums_in
from oda_widgets.engine.light_curves import (
    WindowLightCurves,
    has_short_bins,
    light_curves_of,
    short_bin,
)
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import LightCurveQuery

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def light_curves_task(
    query: LightCurveQuery, analysis: Analysis, window: QueryWindow, sources: Sources
) -> Task:
    """Return the task to extract the light curves of the sources that one science window sees.

    Sources at the edge of the field are fitted with them but not extracted. Bins of whole seconds
    are sums over the bins of the stored fits; others are made from the events each time.
    """
    seen, beside = sources_to_fit(window.pointing, sources)
    step = short_bin(query.time_bin)
    fits = group_fits_task(analysis, window, query.energy, step, (*seen, *beside))
    parameters: dict[str, Any] = {"time_bin": query.time_bin}
    if has_short_bins(query.time_bin):
        node = Node("ii_lc_extract", code_version(__name__), parameters, (fits.node,))
        return Task(node, partial(_from_stored, query, seen, fits), (fits,))
    parameters |= fits.node.parameters
    inputs, if_needed = fits.node.inputs, fits.node.if_needed
    node = Node("ii_lc_extract", code_version(__name__), parameters, inputs, if_needed)
    return Task(node, partial(_from_events, query, seen, fits), fits.needs, fits.may_need)


def _from_stored(query: LightCurveQuery, seen: Sources, fits: Task, session: Session) -> Payload:
    """Return the light curves of one window from fits in the store."""
    return _light_curves(query, seen, session.result(fits))


def _from_events(query: LightCurveQuery, seen: Sources, fits: Task, session: Session) -> Payload:
    """Return the light curves of one window from fits that are not stored: their bins are short."""
    return _light_curves(query, seen, fits.compute(session))


def _light_curves(query: LightCurveQuery, seen: Sources, fits: Payload) -> Payload:
    """Return the light curves of one window."""
    (account,) = accounts_of(fits.facts)
    curves = light_curves_of(sums_in(fits), query.time_bin, account.intervals)
    rows = lit(seen, curves.rates.error)
    facts = {"accounts": fits.facts["accounts"], "seen": [seen[row].name for row in rows]}
    return Payload(facts, arrays_of(curves, rows))


def arrays_of(curves: WindowLightCurves, rows: Sequence[int]) -> dict[str, Array]:
    """Return the light curves of some sources as part of a result."""
    return {
        "starts": curves.start,
        "time": curves.time,
        "width": curves.width,
        "exposed_fraction": curves.exposed_fraction,
        "total_counts": curves.total_counts,
        "background": curves.rates.background,
        "background_error": curves.rates.background_error,
        "rate": curves.rates.rate[rows],
        "error": curves.rates.error[rows],
        "common_error": curves.common_error[rows],
    }
