"""Our questions in the dispatcher's parameters and back: one table for both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isclose
from typing import Any

from oda_widgets.errors import BadParameter, DataError
from oda_widgets.protocol.catalog import catalog_from, catalog_text
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source

IMAGE, SPECTRUM, LIGHT_CURVE = "isgri_image", "isgri_spectrum", "isgri_lc"
PRODUCTS: dict[str, type[ImageQuery | SpectrumQuery | LightCurveQuery]] = {
    IMAGE: ImageQuery,
    SPECTRUM: SpectrumQuery,
    LIGHT_CURVE: LightCurveQuery,
}
HIGHEST_KEV = 800.0  # the dispatcher's limit for ISGRI; ours is 1000
LONGEST_BIN = 20000.0  # seconds

Value = str | list[str]
Parameters = Mapping[str, Any]

_IDENTIFIER = re.compile(r"[0-9]{12}\.[0-9]{3}")
_SECONDS = {"sec": 1.0, "jd": 86400.0}  # the formats of astropy's TimeDelta that people use


@dataclass(frozen=True)
class Row:
    """One field of our questions, and the parameters that carry it.

    Parameters
    ----------
    field
        Its name in a query.
    names
        Names of the parameters.
    write
        From the value of the field to those of the parameters.
    read
        Back; gets the values as they came, None for those that did not come.
    optional
        True when the parameters may be left out: the field then has its default.
    """

    field: str
    names: tuple[str, ...]
    write: Callable[[Any], tuple[Value, ...]]
    read: Callable[..., Any]
    optional: bool = True


def _write_windows(windows: Sequence[str]) -> tuple[Value, ...]:
    return ([text if "." in text else f"{text}.001" for text in windows],)


def _read_windows(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    for text in value:
        if not (isinstance(text, str) and _IDENTIFIER.fullmatch(text)):
            advice = 'Write them as in "066500220010.001", separated by commas.'
            raise BadParameter("scw_list", text, "not a science-window identifier", advice)
    return tuple(value)


def _write_energy(energy: EnergyBand) -> tuple[Value, ...]:
    return repr(energy.low), repr(energy.high)


def _read_energy(low: Any, high: Any) -> EnergyBand:
    return EnergyBand(finite_number("E1_keV", low), finite_number("E2_keV", high))


def _write_source(source: Source) -> tuple[Value, ...]:
    return source.name, repr(source.ra), repr(source.dec)


def _read_source(name: Any, ra: Any, dec: Any) -> Source:
    right_ascension = finite_number("RA", ra) % 360
    declination = finite_number("DEC", dec)
    given = str(name or "").strip()
    # A question needs a name to call the source by; the position is one that can be read again.
    return Source(
        given or f"{right_ascension:.5f} {declination:+.5f}", right_ascension, declination
    )


def _write_catalog(catalog: SourceCatalog) -> tuple[Value, ...]:
    return (catalog_text(catalog),)


def _read_time_bin(value: Any, time_format: Any) -> float:
    unit = str(time_format or "sec")
    if unit not in _SECONDS:
        advice = f"Write one of: {', '.join(_SECONDS)}."
        raise BadParameter("time_bin_format", time_format, "not a format known here", advice)
    return finite_number("time_bin", value) * _SECONDS[unit]


TABLE = (
    Row("science_windows", ("scw_list",), _write_windows, _read_windows, optional=False),
    Row("source", ("src_name", "RA", "DEC"), _write_source, _read_source),
    Row("energy", ("E1_keV", "E2_keV"), _write_energy, _read_energy),
    Row("catalog", ("selected_catalog",), _write_catalog, catalog_from),
    Row(
        "detection_threshold",
        ("detection_threshold",),
        lambda value: (repr(value),),
        lambda value: finite_number("detection_threshold", value),
    ),
    Row("time_bin", ("time_bin", "time_bin_format"), lambda v: (repr(v), "sec"), _read_time_bin),
)


def product_of(query: Query) -> str:
    """Return the dispatcher's name for what a question asks."""
    return next(name for name, kind in PRODUCTS.items() if isinstance(query, kind))


def parameters_of(query: Query, osa_version: str, *, strict: bool = True) -> dict[str, Value]:
    """Return the parameters that ask a question of a dispatcher.

    Parameters
    ----------
    query
        The question; its windows all suit the version.
    osa_version
        "OSA10.2", "OSA11.2" or another that the server knows.
    strict
        False writes also what only our own engine does, for links.

    Raises
    ------
    BadParameter
        If it asks what a dispatcher does not do.
    """
    if strict:
        _check_can_be_asked(query)
    product = product_of(query)
    asked: dict[str, Value] = {
        "instrument": query.instrument,
        "product_type": product,
        "query_type": "Real",
        "osa_version": osa_version,
        "integral_data_rights": "public",
        "max_pointings": str(len(query.science_windows)),
    }
    for row in rows_of(product):
        value = getattr(query, row.field)
        if value is not None and not (isinstance(value, SourceCatalog) and not value.selected):
            asked |= dict(zip(row.names, row.write(value), strict=True))
    return asked


def fields_from(parameters: Parameters, product: str) -> dict[str, Any]:
    """Return the fields of a question that parameters give; those that are left out are absent.

    Raises
    ------
    BadParameter
        If a value cannot be accepted.
    """
    found = {}
    for row in rows_of(product):
        values = [parameters.get(name) for name in row.names]
        if row.field == "source" and None in values[1:]:
            continue
        if values[-1 if row.field == "source" else 0] in (None, "", []):
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


def query_from(parameters: Parameters) -> Query:
    """Return the question that parameters ask, which name its science windows.

    Raises
    ------
    BadParameter
        If it is none that we answer.
    """
    product = parameters.get("product_type")
    if product not in PRODUCTS:
        advice = f"Write one of: {', '.join(PRODUCTS)}."
        raise BadParameter("product_type", product, "not a product offered here", advice)
    found = fields_from(parameters, product)
    if "science_windows" not in found:
        raise BadParameter("scw_list", None, "no science window is named", "Name some.")
    found.setdefault("catalog", SourceCatalog())
    query: Query = PRODUCTS[product](**found)
    return query


def rows_of(product: str) -> tuple[Row, ...]:
    """Return the rows of the table that a product has."""
    known = {f.name for f in fields(PRODUCTS[product])}
    return tuple(row for row in TABLE if row.field in known)


def differences(asked: Mapping[str, Value], echoed: Any) -> list[str]:
    """Return which parameters a server has understood otherwise than they were asked.

    Parameters
    ----------
    asked
        What was sent.
    echoed
        What the server says that it answers (``analysis_parameters``).
    """
    if not isinstance(echoed, Mapping):
        return ["analysis_parameters"]
    return [name for name, value in asked.items() if not _same(name, value, echoed.get(name))]


_NOT_ECHOED = frozenset({"max_pointings", "integral_data_rights", "query_type"})


def _same(name: str, asked: Value, echoed: Any) -> bool:
    if name in _NOT_ECHOED and echoed is None:
        return True  # servers differ in which of these they know
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


def _check_can_be_asked(query: Query) -> None:
    if query.intervals:
        limit = "a dispatcher analyses whole science windows"
        advice = "Leave the intervals out, or ask the embedded engine: oda.connect()."
        raise BadParameter("intervals", f"{len(query.intervals)} intervals", limit, advice)
    energy = getattr(query, "energy", None)
    if energy is not None and energy.high > HIGHEST_KEV:
        limit = f"a dispatcher answers for 15 to {HIGHEST_KEV:g} keV"
        advice = f"Write energy=({energy.low:g}, {HIGHEST_KEV:g})."
        raise BadParameter("energy", (energy.low, energy.high), limit, advice)
    if isinstance(query, LightCurveQuery) and query.time_bin > LONGEST_BIN:
        limit = f"a dispatcher's bins are at most {LONGEST_BIN:g} s long"
        raise BadParameter("time_bin", query.time_bin, limit, "Write a shorter one.")
