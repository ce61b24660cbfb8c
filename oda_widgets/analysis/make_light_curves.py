"""From the windows of a question to the light curves of all its sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import asked_sources, placed, pointing_of
from oda_widgets.analysis.graph import (
    analysis_version,
    catalog_node,
    in_canonical_order,
    interval_parameter,
)
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.question import AskedWindow, Opened
from oda_widgets.analysis.work import Work
from oda_widgets.engine.light_curves import WindowLightCurves, window_light_curves
from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import SkippedWindow
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import LightCurveQuery
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY

Floats = NDArray[np.float64]
Sources = tuple[CatalogSource, ...]

_MOST_BINS = 10_000_000  # some 0.6 GB
_OF_SOURCE = ("rate", "error")
_OF_WINDOW = (
    "time",
    "width",
    "exposed_fraction",
    "total_counts",
    "background",
    "background_error",
)


def light_curve_work(query: LightCurveQuery, opened: Opened) -> Work:
    """Return the tasks of a light-curve query.

    Raises
    ------
    BadParameter
        If a window sees none of the sources, or there would be too many bins.
    """
    sources = in_canonical_order(query.catalog.selected)
    _check_number_of_bins(query, opened, len(sources))
    parts = tuple(_window_task(query, opened, asked, sources) for asked in opened.windows)
    node = Node(
        "ISGRILCSum",
        analysis_version("make_light_curves"),
        {"sources": [source.name for source in sources]},
        tuple(part.node for part in parts),
    )
    return Work(parts, Task(node, partial(_sum, opened, parts, sources)))


def _check_number_of_bins(query: LightCurveQuery, opened: Opened, sources: int) -> None:
    """Refuse light curves that no memory would hold."""
    days = [(i.start, i.stop) for asked in opened.windows for i in asked.asked_time]
    seconds = SECONDS_PER_DAY * sum(stop - start for start, stop in days)
    bins = int(sources * seconds / query.time_bin)
    if bins > _MOST_BINS:
        limit = f"{bins:,} bins over {sources} sources, more than {_MOST_BINS:,}"
        advice = "Choose longer bins, or fewer sources or science windows."
        raise BadParameter("time_bin", query.time_bin, limit, advice)


def make_light_curves(
    query: LightCurveQuery, opened: Opened, result: Payload, provenance: Provenance
) -> BySource[LightCurve]:
    """Return the answer to a light-curve query from the result of its work."""
    seen = {name: number for number, name in enumerate(result.facts["seen"])}
    opened.tell_unseen(name for name in query.catalog.selected.names if name not in seen)
    observation = opened.observation(result)
    return BySource(
        tuple(
            LightCurve(
                source=Source(source.name, source.ra, source.dec, "catalogue"),
                energy=query.energy,
                **_columns(result, seen[source.name]),
                observation=observation,
                provenance=provenance.then(f"curve = curves[{source.name!r}]"),
            )
            for source in query.catalog.selected
            if source.name in seen
        )
    )


def _columns(result: Payload, number: int) -> dict[str, Array]:
    names = (*_OF_WINDOW, *_OF_SOURCE)
    return {name: result.arrays[f"{name}_{number}"] for name in names}


def _window_task(
    query: LightCurveQuery, opened: Opened, asked: AskedWindow, sources: Sources
) -> Task:
    seen = asked_sources(pointing_of(asked.window), sources)
    parameters = {
        "energy": [query.energy.low, query.energy.high],
        "time_bin": query.time_bin,
        "intervals": interval_parameter(asked.restriction),
    }
    inputs = asked.events, catalog_node("CatForLC", seen)
    template = group_template(opened, asked)
    version = analysis_version("make_light_curves")
    node = Node("ii_lc_extract", version, parameters, inputs, template.nodes)
    return Task(
        node,
        partial(_window, query, opened, asked, seen, template),
        may_need=template.tasks,
    )


def _window(
    query: LightCurveQuery,
    opened: Opened,
    asked: AskedWindow,
    seen: Sources,
    template: PixelTemplate,
) -> Payload:
    """Return the light curves of one window."""
    events, intervals = opened.read(asked)
    curves = window_light_curves(
        events,
        query.energy,
        query.time_bin,
        intervals,
        placed(pointing_of(events.window), seen),
        lambda step: opened.tell(step, asked.place, 0.5),
        partial(template.told, opened.run),
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [source.name for source in seen],
    }
    return Payload(facts, _arrays(curves))


def _arrays(curves: WindowLightCurves) -> dict[str, Array]:
    return {
        "time": curves.time,
        "width": curves.width,
        "exposed_fraction": curves.exposed_fraction,
        "total_counts": curves.total_counts,
        "background": curves.rates.background,
        "background_error": curves.rates.background_error,
        "rate": curves.rates.rate,
        "error": curves.rates.error,
    }


def _sum(opened: Opened, parts: Sequence[Task], sources: Sources) -> Payload:
    """Return the light curves of the sources that any window sees, windows in order of time."""
    pieces: dict[str, list[dict[str, Array]]] = {source.name: [] for source in sources}
    accounts: list[dict[str, Any]] = []
    skipped: list[SkippedWindow] = []
    for part in opened.parts(parts, skipped):
        for row, name in enumerate(part.facts["seen"]):
            pieces[name].append(_of_one(part, row))
        accounts += part.facts["accounts"]
    seen = {name: found for name, found in pieces.items() if found}
    facts = {
        "accounts": accounts,
        "skipped": [asdict(window) for window in skipped],
        "seen": list(seen),
    }
    arrays = {
        f"{column}_{number}": np.concatenate([piece[column] for piece in found])
        for number, found in enumerate(seen.values())
        for column in (*_OF_WINDOW, *_OF_SOURCE)
    }
    return Payload(facts, arrays)


def _of_one(part: Payload, row: int) -> dict[str, Array]:
    """Return the columns of one source in one window."""
    own = {name: part.arrays[name][row] for name in _OF_SOURCE}
    return {name: part.arrays[name] for name in _OF_WINDOW} | own
