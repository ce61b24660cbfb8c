"""Sessions as JSON, and back: a session file is untrusted input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from oda_widgets.backend.job import JobStatus
from oda_widgets.errors import BadParameter, DamagedFile, OdaError, shorten
from oda_widgets.panels.form_file import MOST_AVAILABLE, PRODUCTS, form_content, read_form_content
from oda_widgets.panels.past_file import MOST_STEPS, past_content, read_past
from oda_widgets.panels.session import Fields, JobRecord, Session, ToolsState
from oda_widgets.panels.session_values import (
    LONGEST_TEXT,
    SAVED_BY_US,
    check_texts,
    list_in,
    mapping_in,
    number_of,
    plain,
    text_in,
    whole_number_in,
)
from oda_widgets.protocol.links import link_parameters, query_from_link
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import ImageQuery
from oda_widgets.request.science_windows import Identifiers, parse_identifiers
from oda_widgets.request.survey_query import SurveyQuery

SUFFIX = ".oda-session.json"
LARGEST = 8 << 20  # bytes
_FORMAT, _VERSION = "oda-widgets session", 1
_MOST_JOBS, _MOST_FIELDS = 500, 20
_SHOWN = (*PRODUCTS, "survey")
_VIEWS = (*PRODUCTS, "fit", "bursts", "windows")
_MOST_VALUES, _LONGEST_KEPT = 1000, 40_000
_LONGEST_WITH_STEPS = 1 << 20  # characters: a tab keeps little more


def session_text(session: Session) -> str:
    """Return a session as JSON.

    Queries are written as links, unknown numbers as null, and as many steps of undo as there is
    room for.
    """
    content = _content(session)
    for most in (MOST_STEPS, MOST_STEPS // 4):
        text = _json(content | {"past": past_content(session.past, most)})
        if len(text) <= _LONGEST_WITH_STEPS:
            return text
    return _json(content)


def _content(session: Session) -> dict[str, Any]:
    jobs = [_job(record) for record in session.jobs[-_MOST_JOBS:]]
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "form": form_content(session.form),
        "jobs": jobs,
        "shown": {kind: number for kind, number in session.shown if number < len(jobs)},
        "tools": {
            kind: {"beside": list(map(list, tools.beside)), "fields": dict(tools.fields)}
            for kind, tools in session.tools
        },
        "views": {kind: _without_long_texts(values) for kind, values in session.views},
        "tab": session.tab,
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(_writable(content), allow_nan=False, separators=(",", ":"))


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
        raise DamagedFile(f"It has more than {LARGEST >> 20} MB.", SAVED_BY_US)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedFile("It is not JSON.", SAVED_BY_US) from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise DamagedFile("It is not the session of a page.", SAVED_BY_US)
    version = content.get("version")
    if type(version) is not int or version != _VERSION:  # true and 1.0 are equal to 1
        problem = f"It is of version {shorten(version)}; this page reads {_VERSION}."
        raise DamagedFile(problem, "Open it with the version of oda-widgets that saved it.")
    check_texts(content)
    try:
        return _session(content)
    except DamagedFile:
        raise
    except OdaError as error:
        raise DamagedFile(
            f"A value in it cannot be accepted: {error.problem}", SAVED_BY_US
        ) from error


def _without_long_texts(values: Fields) -> dict[str, str]:
    """Return the values that a file holds; long texts, such as lists of windows, are left out."""
    return {name: text for name, text in values[:_MOST_VALUES] if len(text) <= _LONGEST_KEPT}


def _job(record: JobRecord) -> dict[str, Any]:
    content: dict[str, Any] = {
        "target": record.target,
        "status": record.status,
        "seconds": record.seconds,
    }
    if isinstance(record.query, SurveyQuery):
        return content | {"survey": _survey_content(record.query)}
    content["query"] = link_parameters(record.query)
    windows = record.query.science_windows
    if isinstance(windows, Identifiers):
        content["available"] = windows.available  # a link does not hold it
    if isinstance(record.query, ImageQuery) and record.query.source is not None:
        content["resolved_by"] = record.query.source.resolved_by  # nor this
    return content


def _survey_content(query: SurveyQuery) -> dict[str, Any]:
    return {
        "windows": ",".join(query.science_windows),
        "energy": [query.energy.low, query.energy.high],
        "nside": query.nside,
    }


def _read_survey(content: Mapping[str, Any]) -> SurveyQuery:
    """Return the survey of a job.

    Raises
    ------
    DamagedFile, BadParameter
        If a value cannot be accepted.
    """
    energy = [number_of(value) for value in list_in(content, "energy", 2)]
    return SurveyQuery(
        science_windows=parse_identifiers(text_in(content, "windows", LARGEST)),
        energy=EnergyBand.parse(tuple(energy)),
        nside=whole_number_in(content, "nside", 1 << 20),
    )


def _writable(value: Any) -> Any:
    """Return a value whose texts and numbers JSON can hold, whatever was typed or pasted."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(key): _writable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _session(content: dict[str, Any]) -> Session:
    jobs = tuple(_read_job(item) for item in list_in(content, "jobs", _MOST_JOBS))
    shown = mapping_in(content, "shown")
    numbers = tuple(
        (kind, whole_number_in(shown, kind, len(jobs) - 1)) for kind in shown if kind in _SHOWN
    )
    form, tab = read_form_content(mapping_in(content, "form")), whole_number_in(content, "tab", 20)
    past = read_past(content)
    if past.forms and _json(form_content(form)) == _json(form_content(past.present)):
        form = past.present  # one object: a form with NaN is equal to no other
    return Session(form, jobs, numbers, tab, _tools(content), _views(content), past)


def _views(content: Mapping[str, Any]) -> tuple[tuple[str, Fields], ...]:
    """Return the contents of the views; files of older pages have none."""
    if "views" not in content:
        return ()
    found = mapping_in(content, "views")
    return tuple((kind, _values(mapping_in(found, kind))) for kind in found if kind in _VIEWS)


def _values(content: Mapping[str, Any]) -> Fields:
    names = list(content)[:_MOST_VALUES]
    return tuple((name, text_in(content, name, _LONGEST_KEPT)) for name in names)


def _tools(content: Mapping[str, Any]) -> tuple[tuple[str, ToolsState], ...]:
    """Return the controls below the products; files of older pages have none."""
    if "tools" not in content:
        return ()
    found = mapping_in(content, "tools")
    return tuple((kind, _tools_of(mapping_in(found, kind))) for kind in found if kind in PRODUCTS)


def _tools_of(content: Mapping[str, Any]) -> ToolsState:
    beside = [_pair(item) for item in list_in(content, "beside", _MOST_JOBS)]
    controls = mapping_in(content, "fields")
    return ToolsState(
        tuple(beside),
        tuple((name, text_in(controls, name)) for name in list(controls)[:_MOST_FIELDS]),
    )


def _pair(item: Any) -> tuple[str, str]:
    """Return a product that is drawn beside another: identity of its query, name of its source."""
    texts = isinstance(item, list) and all(isinstance(part, str) for part in item)
    if not texts or len(item) != 2:
        raise DamagedFile(f"What is drawn beside others is {shorten(item)} in it.", SAVED_BY_US)
    identity, name = (part[:LONGEST_TEXT] for part in item)
    return identity, name


def _read_job(item: Any) -> JobRecord:
    if not isinstance(item, dict):
        raise DamagedFile(f"A job in it is {shorten(item)}.", SAVED_BY_US)
    status = text_in(item, "status")
    if status not in set(JobStatus):
        raise DamagedFile(
            f"The status of a job in it is {shorten(status)}, which does not exist.", SAVED_BY_US
        )
    if "survey" in item:
        survey = _read_survey(mapping_in(item, "survey"))
        return JobRecord(survey, text_in(item, "target"), status, number_of(item.get("seconds")))
    query = query_from_link(text_in(item, "query", LARGEST))
    if item.get("available") is not None:
        chosen = Identifiers(
            query.science_windows, whole_number_in(item, "available", MOST_AVAILABLE)
        )
        query = replace(query, science_windows=chosen)
    if "resolved_by" in item and isinstance(query, ImageQuery) and query.source is not None:
        source = replace(query.source, resolved_by=text_in(item, "resolved_by"))
        query = replace(query, source=source)
    return JobRecord(query, text_in(item, "target"), status, number_of(item.get("seconds")))
