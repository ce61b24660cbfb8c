"""The form in the file of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isfinite
from typing import Any

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.panels.session import FormState
from oda_widgets.panels.session_values import (
    SAVED_BY_US,
    flag_in,
    list_in,
    mapping_in,
    number_of,
    text_in,
    whole_number_in,
)
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import MOST_WINDOWS
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList, parse_identifier
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import FARTHEST, OUTSIDE, TimeInterval, parse_intervals

MOST_AVAILABLE = 10_000_000
PRODUCTS = ("image", "spectra", "light_curves")
_MOST_INTERVALS, _MOST_SOURCES = 10_000, 5000
_FULL_TURN, _POLE = 360.0, 90.0  # degrees
_FACTS = ("start", "stop", "ra", "dec", "ra_z", "dec_z", "good_time")
_TEXTS = (
    "name", "start", "stop", "radius", "limit", "seed", "instrument", "low", "high", "threshold",
    "time_bin", "origin",
)  # fmt: skip


def form_content(state: FormState) -> dict[str, Any]:
    """Return the contents of a form as values of JSON."""
    windows = {"windows": windows_content(state.windows)}
    return fields_content(state) | windows | catalog_content(state.catalog)


def fields_content(state: FormState) -> dict[str, Any]:
    """Return the contents of a form but for its windows and its catalogue."""
    texts = {name: getattr(state, name) for name in _TEXTS}
    return texts | {
        "source": None if state.source is None else asdict(state.source),
        # Most forms use all windows that were found: null stands for these.
        "chosen": None if _all_chosen(state) else list(state.chosen),
        "intervals": [[interval.start, interval.stop] for interval in state.intervals],
        "zero": state.zero,
        "dates": state.dates,
        "product": state.product,
        "time_bin_chosen": state.time_bin_chosen,
    }


def catalog_content(catalog: SourceCatalog) -> dict[str, Any]:
    """Return a catalogue as values of JSON."""
    sources = [asdict(source) for source in catalog]
    return {"catalog": sources, "catalog_simulated": catalog.simulated}


def _all_chosen(state: FormState) -> bool:
    return state.windows is not None and state.chosen == state.windows.ids


def windows_content(found: ScienceWindowList | None) -> dict[str, Any] | None:
    """Return windows as values of JSON; None for more than a query takes: search them again."""
    if found is None or len(found) > MOST_WINDOWS:
        return None
    rows = [
        [w.id, *(getattr(w, fact) for fact in _FACTS), w.simulated, dict(w.others)] for w in found
    ]
    return {"rows": rows, "available": found.available, "answered_by": found.answered_by}


def read_form_content(content: Mapping[str, Any]) -> FormState:
    """Return the contents of a form.

    Raises
    ------
    DamagedFile, BadParameter
        If a value cannot be accepted.
    """
    return read_fields(content, read_windows(content), read_catalog(content))


def read_fields(
    content: Mapping[str, Any], found: ScienceWindowList | None, catalog: SourceCatalog
) -> FormState:
    """Return the contents of a form whose windows and catalogue are read already."""
    every = found.ids if found is not None else ()
    chosen = content.get("chosen")
    product = text_in(content, "product")
    if product not in PRODUCTS:
        raise DamagedFile(f"Its product is {shorten(product)}, which does not exist.", SAVED_BY_US)
    texts = {name: text_in(content, name) for name in _TEXTS}
    return FormState(
        **texts,
        source=_source(content),
        windows=found,
        chosen=tuple(every) if chosen is None else _chosen(content, every),
        intervals=parse_intervals(
            [_interval(pair) for pair in list_in(content, "intervals", _MOST_INTERVALS)]
        ),
        zero=_zero(content),
        dates=flag_in(content, "dates"),
        searching=False,
        product=product,
        time_bin_chosen=flag_in(content, "time_bin_chosen"),
        catalog=catalog,
    )


def _zero(content: Mapping[str, Any]) -> float | None:
    """Return the instant from which seconds count; files of older pages have none."""
    zero = number_of(content.get("zero"))
    if abs(zero) >= FARTHEST:
        raise DamagedFile(f"Its zero of time is {shorten(zero)}.", SAVED_BY_US)
    return zero if isfinite(zero) else None


def _chosen(content: Mapping[str, Any], every: tuple[str, ...]) -> tuple[str, ...]:
    named = set(map(str, list_in(content, "chosen", MOST_WINDOWS)))
    return tuple(name for name in every if name in named)


def read_windows(content: Mapping[str, Any]) -> ScienceWindowList | None:
    """Return the windows of a form; None if it has none."""
    if content.get("windows") is None:
        return None
    content = mapping_in(content, "windows")
    rows = [_window(row) for row in list_in(content, "rows", MOST_WINDOWS)]
    available = whole_number_in(content, "available", MOST_AVAILABLE)
    return ScienceWindowList(tuple(rows), available, text_in(content, "answered_by"))


def _window(row: Any) -> ScienceWindow:
    if not isinstance(row, list) or len(row) != len(_FACTS) + 3 or not isinstance(row[-1], dict):
        raise DamagedFile(f"A science window in it is {shorten(row)}.", SAVED_BY_US)
    start, stop, ra, dec, ra_z, dec_z, good_time = (number_of(value) for value in row[1:-2])
    if not all(abs(ijd) < FARTHEST for ijd in (start, stop)):
        raise DamagedFile(
            f"A science window in it is at the time {shorten(row[1:3])}.", SAVED_BY_US
        )
    turned = any(abs(angle) > _FULL_TURN for angle in (ra, ra_z))  # NaN: not known
    if turned or any(abs(angle) > _POLE for angle in (dec, dec_z)):
        raise DamagedFile(f"A science window in it points to {shorten(row[3:7])}.", SAVED_BY_US)
    return ScienceWindow(
        parse_identifier(row[0]),
        start,
        stop,
        ra,
        dec,
        ra_z,
        dec_z,
        good_time,
        simulated=row[-2] is True,
        others=tuple((str(name)[:40], number_of(value)) for name, value in row[-1].items())[:20],
    )


def _source(content: Mapping[str, Any]) -> Source | None:
    if content.get("source") is None:
        return None
    found = mapping_in(content, "source")
    ra, dec = (number_of(found.get(name)) for name in ("ra", "dec"))
    return Source(text_in(found, "name"), ra, dec, text_in(found, "resolved_by"))


def read_catalog(content: Mapping[str, Any]) -> SourceCatalog:
    """Return the catalogue of a form."""
    sources = [_catalog_source(item) for item in list_in(content, "catalog", _MOST_SOURCES)]
    return SourceCatalog(tuple(sources), simulated=flag_in(content, "catalog_simulated"))


def _catalog_source(item: Any) -> CatalogSource:
    if not isinstance(item, dict) or not item.keys() >= {"name", "ra", "dec"}:
        raise DamagedFile(f"A source in it is {shorten(item)}.", SAVED_BY_US)
    values: dict[str, Any] = {}
    for name in (f.name for f in fields(CatalogSource) if f.name in item):
        if name == "name":
            values[name] = item[name]
        else:
            flag = name in {"new", "selected"}
            values[name] = item[name] is True if flag else number_of(item[name])
    return CatalogSource(**values)


def _interval(pair: Any) -> TimeInterval:
    if not isinstance(pair, list) or len(pair) != 2:
        raise DamagedFile(f"A time selection in it is {shorten(pair)}.", SAVED_BY_US)
    start, stop = map(number_of, pair)
    if not all(abs(ijd) < FARTHEST for ijd in (start, stop)):
        raise DamagedFile(f"A time selection in it is {shorten(pair)}: {OUTSIDE}.", SAVED_BY_US)
    return TimeInterval(start, stop)
