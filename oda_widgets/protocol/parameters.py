"""Convert queries to the dispatcher's parameters and back, by one table for both directions."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isclose
from typing import Any

from oda_widgets.errors import BadParameter, DataError
from oda_widgets.protocol.catalog import catalog_from, catalog_text
from oda_widgets.protocol.product_names import QUERIES, instrument_of, kind_of, product_of
from oda_widgets.protocol.wire_times import interval_in, times_of
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import described, label_of
from oda_widgets.request.longitudes import right_ascension
from oda_widgets.request.numbers import finite_number, number_within
from oda_widgets.request.queries import LightCurveQuery, Query
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval

LONGEST_BIN = 20000.0  # seconds

Value = str | list[str]
Parameters = Mapping[str, Any]

_IDENTIFIER = re.compile(r"[0-9]{12}\.[0-9]{3}")
_SESSION = string.ascii_uppercase + string.digits
_ABSENT: tuple[Any, ...] = (None, "", [])
_SECONDS = {"sec": 1.0, "jd": 86400.0}  # in units of astropy's TimeDelta that are in use


@dataclass(frozen=True)
class FieldParameters:
    """The parameters that hold one field of a query.

    Parameters
    ----------
    field
        Name of the field in a query.
    names
        Names of the parameters.
    write
        Function that returns the values of the parameters from the value of the field.
    read
        Function that returns the value of the field from the values of the parameters, which are
        None if absent.
    """

    field: str
    names: tuple[str, ...]
    write: Callable[[Any], tuple[Value, ...]]
    read: Callable[..., Any]


def _write_windows(windows: Sequence[str]) -> tuple[Value, ...]:
    return ([text if "." in text else f"{text}.001" for text in windows],)


def _read_windows(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    for text in value:
        if not (isinstance(text, str) and _IDENTIFIER.fullmatch(text)):
            advice = 'Write them as in "066500220010.001", separated by commas.'
            raise BadParameter("scw_list", text, "not a science-window identifier", advice)
    twice = [text for number, text in enumerate(value) if text in value[:number]]
    if twice:
        raise BadParameter("scw_list", twice[0], "given twice", "Name each window once.")
    return tuple(value)


def _write_energy(energy: EnergyBand) -> tuple[Value, ...]:
    return repr(energy.low), repr(energy.high)


def _read_energy(low: Any, high: Any) -> EnergyBand:
    return EnergyBand(finite_number("E1_keV", low), finite_number("E2_keV", high))


def _write_source(source: Source) -> tuple[Value, ...]:
    return source.name, repr(source.ra), repr(source.dec)


def _read_source(name: Any, ra: Any, dec: Any) -> Source:
    for angle, value in (("RA", ra), ("DEC", dec)):
        if value in _ABSENT:
            advice = "Give RA and DEC, or neither."
            raise BadParameter(angle, value, "missing beside the other angle", advice)
    longitude, latitude = right_ascension("RA", ra), number_within("DEC", dec, -90, 90, "deg")
    given = str(name or "").strip()
    # A source needs a name: a position is one, which can be resolved again.
    return Source(given or f"{longitude:.5f} {latitude:+.5f}", longitude, latitude)


def _write_catalog(catalog: SourceCatalog) -> tuple[Value, ...]:
    return (catalog_text(catalog),)


def bin_seconds(value: Any, time_format: Any) -> float:
    """Return the length of a time bin in seconds.

    Parameters
    ----------
    value
        Length in the unit of the format.
    time_format
        Value of ``time_bin_format``: "sec" (the default) or "jd" for days.

    Raises
    ------
    BadParameter
        If the length is not a number, or the format is not known.
    """
    unit = str(time_format or "sec")
    if unit not in _SECONDS:
        advice = f"Write one of: {', '.join(_SECONDS)}."
        raise BadParameter("time_bin_format", time_format, "not a format known here", advice)
    length = finite_number("time_bin", value)
    # Round, so that 0.05 s converted to days and back is 0.05 s.
    return length if _SECONDS[unit] == 1 else round(length * _SECONDS[unit], 9)


TABLE = (
    FieldParameters("science_windows", ("scw_list",), _write_windows, _read_windows),
    FieldParameters("source", ("src_name", "RA", "DEC"), _write_source, _read_source),
    FieldParameters("energy", ("E1_keV", "E2_keV"), _write_energy, _read_energy),
    FieldParameters("catalog", ("selected_catalog",), _write_catalog, catalog_from),
    FieldParameters(
        "detection_threshold",
        ("detection_threshold",),
        lambda value: (repr(value),),
        lambda value: finite_number("detection_threshold", value),
    ),
    FieldParameters(
        "time_bin", ("time_bin", "time_bin_format"), lambda v: (repr(v), "sec"), bin_seconds
    ),
)


def new_session_id() -> str:
    """Return a random session id of the form that dispatchers expect."""
    return "".join(secrets.choice(_SESSION) for _ in range(16))


def parameters_of(query: Query, osa_version: str, *, strict: bool = True) -> dict[str, Value]:
    """Return the dispatcher's parameters for a query.

    Parameters
    ----------
    query
        A query whose science windows all belong to the epoch of the version.
    osa_version
        "OSA10.2", "OSA11.2" or another version that the server knows.
    strict
        False to allow fields that only our own engine supports, for links.

    Raises
    ------
    BadParameter
        If a dispatcher cannot answer the query.
    """
    if strict:
        _check_supported(query)
    wire = described(query.instrument).wire
    parameters: dict[str, Value] = {
        "instrument": wire.instrument,
        **dict(wire.parameters),
        "product_type": product_of(query),
        "query_type": "Real",
    }
    if not described(query.instrument).sources:
        return parameters | _whole_sky_parameters(query, strict=strict)
    parameters |= {
        "osa_version": osa_version,
        "integral_data_rights": "public",
        "max_pointings": str(len(query.science_windows)),
    }
    for row in rows_of(query.kind):
        value = getattr(query, row.field)
        if value is not None and not (isinstance(value, SourceCatalog) and not value.selected):
            parameters |= dict(zip(row.names, row.write(value), strict=True))
    if query.catalog.selected:
        parameters["selected_catalog"] = catalog_text(query.catalog, wire.catalog)
    return parameters


def fields_from(parameters: Parameters, product: str) -> dict[str, Any]:
    """Return the fields of a query that parameters give; leave out all others.

    Raises
    ------
    BadParameter
        If a value is not valid.
    """
    found = {}
    for row in rows_of(kind_of(product)):
        values = [parameters.get(name) for name in row.names]
        # A source needs a position: the caller resolves a name alone.
        needed = values[1:] if row.field == "source" else values[:1]
        if all(value in _ABSENT for value in needed):
            continue
        try:
            found[row.field] = row.read(*values)
        except BadParameter:
            raise
        except (DataError, TypeError, ValueError) as error:
            problem = error.problem if isinstance(error, DataError) else str(error)
            limit = f"cannot be read: {problem.rstrip('.')}"
            raise BadParameter(row.names[0], values[0], limit, "Correct it.") from error
    return found


def query_from(parameters: Parameters, intervals: tuple[TimeInterval, ...] = ()) -> Query:
    """Return the query in parameters that name its science windows, or a time for SPI-ACS.

    Parameters
    ----------
    parameters
        Parameters of a dispatcher.
    intervals
        Intervals of time from our own links; dispatchers do not know them.

    Raises
    ------
    BadParameter
        If a value is not valid, or no science window is named.
    """
    instrument = instrument_of(parameters)
    product = str(parameters["product_type"])
    found = fields_from(parameters, product) | {"instrument": instrument.name}
    found["intervals"] = intervals
    if not instrument.sources:
        found.pop("energy", None)  # the instrument has one band
        found["intervals"] = intervals or interval_in(parameters)
    elif "science_windows" not in found:
        raise BadParameter("scw_list", None, "no science window is named", "Name at least one.")
    found.setdefault("catalog", SourceCatalog())
    query: Query = QUERIES[kind_of(product)](**found)
    return query


def rows_of(kind: str) -> tuple[FieldParameters, ...]:
    """Return the rows of the table for the fields of a kind of query."""
    known = {f.name for f in fields(QUERIES[kind])}
    return tuple(row for row in TABLE if row.field in known)


def differences(asked: Mapping[str, Value], echoed: Any) -> list[str]:
    """Return the names of the parameters that a server understood differently.

    Parameters
    ----------
    asked
        Parameters as they were sent.
    echoed
        Parameters as the server states them beside the products (``analysis_parameters``).
    """
    if not isinstance(echoed, Mapping):
        return ["analysis_parameters"]
    return [name for name, value in asked.items() if not _is_echoed(name, value, echoed.get(name))]


_NOT_ECHOED = frozenset({"max_pointings", "integral_data_rights", "query_type"})


def _is_echoed(name: str, asked: Value, echoed: Any) -> bool:
    if name in _NOT_ECHOED and echoed is None:
        return True  # only some servers state these
    try:
        if name == "scw_list":
            return sorted(_read_windows(echoed)) == sorted(asked)
        if name == "selected_catalog":
            return _positions(asked) == _positions(echoed)
        if isinstance(echoed, int | float) and not isinstance(echoed, bool):
            return isclose(float(str(asked)), echoed, rel_tol=1e-12)
    except (BadParameter, DataError, TypeError, ValueError):
        return False
    return str(echoed) == asked


def _positions(text: Any) -> list[tuple[str, float, float]]:
    return sorted((source.name, source.ra, source.dec) for source in catalog_from(text))


def _whole_sky_parameters(query: Query, *, strict: bool) -> dict[str, Value]:
    """Return the parameters for an instrument without sources: a span of time and a time bin."""
    parameters: dict[str, Value] = {}
    if query.intervals:
        # One span that holds all intervals; links list the intervals as well.
        parameters |= times_of(TimeInterval(query.intervals[0].start, query.intervals[-1].stop))
    if strict and (query.science_windows or not query.intervals):
        limit = f"dispatchers take a span of time for {label_of(query.instrument)}, and no windows"
        advice = 'Write intervals=[("start", "stop")] and leave the windows out.'
        raise BadParameter("science_windows", query.science_windows, limit, advice)
    if query.science_windows:
        parameters["scw_list"] = _write_windows(query.science_windows)[0]
    if isinstance(query, LightCurveQuery):
        parameters |= {"time_bin": repr(query.time_bin), "time_bin_format": "sec"}
    return parameters


def _check_supported(query: Query) -> None:
    """Check that a dispatcher can answer a query."""
    instrument = described(query.instrument)
    if query.intervals and instrument.sources:
        limit = "dispatchers analyse whole science windows only"
        advice = "Leave the intervals out, or use the embedded engine: oda.connect()."
        raise BadParameter("intervals", f"{len(query.intervals)} intervals", limit, advice)
    energy = getattr(query, "energy", None)
    lowest, highest = instrument.wire.energy
    if energy is not None and energy.high > highest:
        limit = f"dispatchers cover {lowest:g} to {highest:g} keV only"
        advice = f"Write energy=({energy.low:g}, {highest:g})."
        raise BadParameter("energy", (energy.low, energy.high), limit, advice)
    if isinstance(query, LightCurveQuery) and query.time_bin > LONGEST_BIN:
        limit = f"dispatchers take at most {LONGEST_BIN:g} s"
        raise BadParameter("time_bin", query.time_bin, limit, "Use shorter bins.")
