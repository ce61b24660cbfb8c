"""Sessions as JSON, and back: the file of a session is foreign data like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from math import isfinite, nan
from typing import Any

from oda_widgets.backend.job import JobStatus
from oda_widgets.errors import BadParameter, DamagedFile, OdaError, shorten
from oda_widgets.panels.session import Fields, FormState, JobRecord, Session, ToolsState
from oda_widgets.protocol.links import link_parameters, query_from_link
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import MOST_WINDOWS
from oda_widgets.request.science_windows import (
    Identifiers,
    ScienceWindow,
    ScienceWindowList,
    parse_identifier,
)
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import FARTHEST, OUTSIDE, TimeInterval, parse_intervals

SUFFIX = ".oda-session.json"
LARGEST = 8 << 20  # bytes
_FORMAT, _VERSION = "oda-widgets session", 1
_MOST_JOBS, _MOST_INTERVALS, _MOST_SOURCES = 500, 10_000, 5000
_LONGEST_TEXT = 1000
_MOST_AVAILABLE, _MOST_FIELDS = 10_000_000, 20
_PRODUCTS = ("image", "spectra", "light_curves")
_VIEWS = (*_PRODUCTS, "fit", "windows")
_MOST_VALUES, _LONGEST_KEPT = 1000, 40_000
_TURN = 360.0  # degrees
_AGAIN = "Give a file that the page saved, unchanged."
_FACTS = ("start", "stop", "ra", "dec", "ra_z", "dec_z", "good_time")
_TEXTS = (
    "name", "start", "stop", "radius", "limit", "seed", "instrument", "low", "high", "threshold",
    "time_bin", "origin",
)  # fmt: skip


def session_text(session: Session) -> str:
    """Return a session as JSON.

    Queries are written as links; numbers that are not known as null.
    """
    jobs = [_job(record) for record in session.jobs[-_MOST_JOBS:]]
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "form": _form(session.form),
        "jobs": jobs,
        "shown": {kind: number for kind, number in session.shown if number < len(jobs)},
        "tools": {
            kind: {"beside": list(map(list, tools.beside)), "fields": dict(tools.fields)}
            for kind, tools in session.tools
        },
        "views": {kind: _short(values) for kind, values in session.views},
        "tab": session.tab,
    }
    return json.dumps(_without_nan(content), allow_nan=False, separators=(",", ":"))


def read_session(text: Any) -> Session:
    """Return the session in a file.

    Parameters
    ----------
    text
        Content of the file, JSON: text or bytes.

    Raises
    ------
    BadParameter
        If it is no content of a file.
    DamagedFile
        If it is too large, no session, of another version, or a value in it cannot be accepted.
    """
    if not isinstance(text, str | bytes | bytearray):
        limit = "not the content of a session file"
        raise BadParameter("content", text, limit, 'Write Path("x.oda-session.json").read_bytes().')
    if len(text) > LARGEST:
        raise DamagedFile(f"It has more than {LARGEST >> 20} MB.", _AGAIN)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedFile("It is not JSON.", _AGAIN) from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise DamagedFile("It is not the session of a page.", _AGAIN)
    version = content.get("version")
    if type(version) is not int or version != _VERSION:  # true and 1.0 are equal to 1
        problem = f"It is of version {shorten(version)}; this page reads {_VERSION}."
        raise DamagedFile(problem, "Open it with the version of oda-widgets that saved it.")
    try:
        return _session(content)
    except DamagedFile:
        raise
    except OdaError as error:
        raise DamagedFile(f"A value in it cannot be accepted: {error.problem}", _AGAIN) from error


def _short(values: Fields) -> dict[str, str]:
    """Return what a file takes: a long text, such as a list of windows, is left behind."""
    return {name: text for name, text in values[:_MOST_VALUES] if len(text) <= _LONGEST_KEPT}


def _form(state: FormState) -> dict[str, Any]:
    texts = {name: getattr(state, name) for name in _TEXTS}
    return texts | {
        "source": None if state.source is None else asdict(state.source),
        "windows": _windows(state.windows),
        # Most forms use all that was found: that is said without naming each.
        "chosen": None if _all_chosen(state) else list(state.chosen),
        "intervals": [[interval.start, interval.stop] for interval in state.intervals],
        "zero": state.zero,
        "dates": state.dates,
        "product": state.product,
        "time_bin_chosen": state.time_bin_chosen,
        "catalog": [asdict(source) for source in state.catalog],
        "catalog_simulated": state.catalog.simulated,
    }


def _all_chosen(state: FormState) -> bool:
    return state.windows is not None and state.chosen == state.windows.ids


def _windows(found: ScienceWindowList | None) -> dict[str, Any] | None:
    """Return windows; more than a query takes are searched again."""
    if found is None or len(found) > MOST_WINDOWS:
        return None
    rows = [
        [w.id, *(getattr(w, fact) for fact in _FACTS), w.simulated, dict(w.others)] for w in found
    ]
    return {"rows": rows, "available": found.available, "answered_by": found.answered_by}


def _job(record: JobRecord) -> dict[str, Any]:
    content = {
        "query": link_parameters(record.query),
        "target": record.target,
        "status": record.status,
        "seconds": record.seconds,
    }
    windows = record.query.science_windows
    if isinstance(windows, Identifiers):
        content["available"] = windows.available  # a link does not say it
    return content


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _session(content: dict[str, Any]) -> Session:
    jobs = tuple(_read_job(item) for item in _list(content, "jobs", _MOST_JOBS))
    shown = _mapping(content, "shown")
    numbers = tuple(
        (kind, _whole(shown, kind, len(jobs) - 1)) for kind in shown if kind in _PRODUCTS
    )
    form, tab = _read_form(_mapping(content, "form")), _whole(content, "tab", 20)
    return Session(form, jobs, numbers, tab, _tools(content), _views(content))


def _views(content: Mapping[str, Any]) -> tuple[tuple[str, Fields], ...]:
    """Return what was on screen; files of older pages do not say it."""
    if "views" not in content:
        return ()
    found = _mapping(content, "views")
    return tuple((kind, _values(_mapping(found, kind))) for kind in found if kind in _VIEWS)


def _values(content: Mapping[str, Any]) -> Fields:
    names = list(content)[:_MOST_VALUES]
    return tuple((name, _text(content, name, _LONGEST_KEPT)) for name in names)


def _tools(content: Mapping[str, Any]) -> tuple[tuple[str, ToolsState], ...]:
    """Return the controls below the products; files of older pages have none."""
    if "tools" not in content:
        return ()
    found = _mapping(content, "tools")
    return tuple((kind, _tools_of(_mapping(found, kind))) for kind in found if kind in _PRODUCTS)


def _tools_of(content: Mapping[str, Any]) -> ToolsState:
    beside = [_pair(item) for item in _list(content, "beside", _MOST_JOBS)]
    controls = _mapping(content, "fields")
    return ToolsState(
        tuple(beside),
        tuple((name, _text(controls, name)) for name in list(controls)[:_MOST_FIELDS]),
    )


def _pair(item: Any) -> tuple[str, str]:
    """Return what is drawn beside a product: the identity of its query, and a source."""
    if not isinstance(item, list) or len(item) != 2:
        raise DamagedFile(f"What is drawn beside others is {shorten(item)} in it.", _AGAIN)
    identity, name = (str(part)[:_LONGEST_TEXT] for part in item)
    return identity, name


def _read_form(content: Mapping[str, Any]) -> FormState:
    windows = content.get("windows")
    found = None if windows is None else _read_windows(_mapping(content, "windows"))
    every = found.ids if found is not None else ()
    chosen = content.get("chosen")
    product = _text(content, "product")
    if product not in _PRODUCTS:
        raise DamagedFile(f"Its product is {shorten(product)}, which there is not.", _AGAIN)
    texts = {name: _text(content, name) for name in _TEXTS}
    return FormState(
        **texts,
        source=_source(content),
        windows=found,
        chosen=tuple(every) if chosen is None else _chosen(content, every),
        intervals=parse_intervals(
            [_interval(pair) for pair in _list(content, "intervals", _MOST_INTERVALS)]
        ),
        zero=_zero(content),
        dates=_flag(content, "dates"),
        searching=False,
        product=product,
        time_bin_chosen=_flag(content, "time_bin_chosen"),
        catalog=_catalog(content),
    )


def _zero(content: Mapping[str, Any]) -> float | None:
    """Return the instant from which seconds count; files of older pages have none."""
    zero = _number(content.get("zero"))
    if abs(zero) >= FARTHEST:
        raise DamagedFile(f"Its zero of time is {shorten(zero)}.", _AGAIN)
    return zero if isfinite(zero) else None


def _chosen(content: Mapping[str, Any], every: tuple[str, ...]) -> tuple[str, ...]:
    named = set(map(str, _list(content, "chosen", MOST_WINDOWS)))
    return tuple(name for name in every if name in named)


def _read_windows(content: Mapping[str, Any]) -> ScienceWindowList:
    rows = [_window(row) for row in _list(content, "rows", MOST_WINDOWS)]
    available = _whole(content, "available", _MOST_AVAILABLE)
    return ScienceWindowList(tuple(rows), available, _text(content, "answered_by"))


def _window(row: Any) -> ScienceWindow:
    if not isinstance(row, list) or len(row) != len(_FACTS) + 3 or not isinstance(row[-1], dict):
        raise DamagedFile(f"A science window in it is {shorten(row)}.", _AGAIN)
    start, stop, ra, dec, ra_z, dec_z, good_time = (_number(value) for value in row[1:-2])
    if not all(abs(ijd) < FARTHEST for ijd in (start, stop)):
        raise DamagedFile(f"A science window in it is at the time {shorten(row[1:3])}.", _AGAIN)
    if any(abs(angle) > _TURN for angle in (ra, dec, ra_z, dec_z)):  # NaN is not known
        raise DamagedFile(f"A science window in it points to {shorten(row[3:7])}.", _AGAIN)
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
        others=tuple((str(name)[:40], _number(value)) for name, value in row[-1].items())[:20],
    )


def _source(content: Mapping[str, Any]) -> Source | None:
    if content.get("source") is None:
        return None
    found = _mapping(content, "source")
    ra, dec = (_number(found.get(name)) for name in ("ra", "dec"))
    return Source(_text(found, "name"), ra, dec, _text(found, "resolved_by"))


def _catalog(content: Mapping[str, Any]) -> SourceCatalog:
    sources = [_catalog_source(item) for item in _list(content, "catalog", _MOST_SOURCES)]
    return SourceCatalog(tuple(sources), simulated=_flag(content, "catalog_simulated"))


def _catalog_source(item: Any) -> CatalogSource:
    if not isinstance(item, dict) or not item.keys() >= {"name", "ra", "dec"}:
        raise DamagedFile(f"A source in it is {shorten(item)}.", _AGAIN)
    values: dict[str, Any] = {}
    for name in (f.name for f in fields(CatalogSource) if f.name in item):
        if name == "name":
            values[name] = item[name]
        else:
            flag = name in {"new", "selected"}
            values[name] = item[name] is True if flag else _number(item[name])
    return CatalogSource(**values)


def _interval(pair: Any) -> TimeInterval:
    if not isinstance(pair, list) or len(pair) != 2:
        raise DamagedFile(f"A time selection in it is {shorten(pair)}.", _AGAIN)
    start, stop = map(_number, pair)
    if not all(abs(ijd) < FARTHEST for ijd in (start, stop)):
        raise DamagedFile(f"A time selection in it is {shorten(pair)}: {OUTSIDE}.", _AGAIN)
    return TimeInterval(start, stop)


def _read_job(item: Any) -> JobRecord:
    if not isinstance(item, dict):
        raise DamagedFile(f"A job in it is {shorten(item)}.", _AGAIN)
    status = _text(item, "status")
    if status not in set(JobStatus):
        raise DamagedFile(f"A job in it is {shorten(status)}, which no job is.", _AGAIN)
    query = query_from_link(_text(item, "query", LARGEST))
    if item.get("available") is not None:
        chosen = Identifiers(query.science_windows, _whole(item, "available", _MOST_AVAILABLE))
        query = replace(query, science_windows=chosen)
    return JobRecord(query, _text(item, "target"), status, _number(item.get("seconds")))


def _text(content: Mapping[str, Any], name: str, longest: int = _LONGEST_TEXT) -> str:
    value = content.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise DamagedFile(f"Its {name} is {shorten(value)}, not a text.", _AGAIN)
    return value


def _number(value: Any) -> float:
    """Return a number; null stands for one that is not known."""
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        raise DamagedFile(f"It has {shorten(value)} in place of a number.", _AGAIN)
    return float(value)


def _whole(content: Mapping[str, Any], name: str, most: int) -> int:
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise DamagedFile(f"Its {name} is {shorten(value)}, not a number up to {most}.", _AGAIN)
    return value


def _flag(content: Mapping[str, Any], name: str) -> bool:
    return content.get(name) is True


def _list(content: Mapping[str, Any], name: str, most: int) -> list[Any]:
    value = content.get(name)
    if not isinstance(value, list) or len(value) > most:
        problem = f"Its {name} is {shorten(value)}, not a list of at most {most:,}."
        raise DamagedFile(problem, _AGAIN)
    return value


def _mapping(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    if not isinstance(value, dict):
        raise DamagedFile(f"Its {name} is {shorten(value)}, not a group of values.", _AGAIN)
    return value
