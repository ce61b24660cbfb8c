"""What a request asks: its parameters checked, completed and given one identity."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from oda_widgets.errors import BadParameter, DataError
from oda_widgets.protocol.catalog import catalog_from
from oda_widgets.protocol.parameters import PRODUCTS, fields_from
from oda_widgets.protocol.reply import one_line
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.identity import identity
from oda_widgets.request.numbers import finite_number
from oda_widgets.server.offered_parameters import CONTROL, INSTRUMENT, OSA_VERSIONS, parameters_of
from oda_widgets.server.tokens import User

Values = Mapping[str, Any]

_SESSION = re.compile(r"[0-9A-Za-z]{1,64}")
_DIGITS = 32  # of the identity of a job: 128 bits
_LONGEST = 100  # characters of a name
_NULL = "\x00"  # what oda_api sends for None
_CATALOG = "selected_catalog"
_WRITTEN = frozenset({"isot", "iso", "fits", "yday"})  # formats of texts, not of numbers


@dataclass(frozen=True)
class ClientQuery:
    """What a request asks.

    Parameters
    ----------
    parameters
        Complete and in one form; as they are told back to the client.
    given
        Names of those that the client gave.
    unused
        Names that mean nothing here.
    dummy
        True when a made-up product is wanted, at once.
    owner
        Who asks, by the token; empty without.
    """

    parameters: Mapping[str, Any]
    given: tuple[str, ...]
    unused: tuple[str, ...] = field(default=())
    dummy: bool = False
    owner: str = ""

    @property
    def product(self) -> str:
        """The dispatcher's name of what is asked for."""
        return str(self.parameters["product_type"])

    @property
    def job_id(self) -> str:
        """Id of the job that answers it: SHA-256 of everything that matters, cut to 128 bits."""
        given = sorted(set(self.given) & {"RA", "DEC", "src_name"})
        parameters = dict(self.parameters)
        if parameters.get("scw_list"):
            parameters["scw_list"] = sorted(parameters["scw_list"])
        return identity([parameters, given, self.dummy, self.owner])[:_DIGITS]

    def document(self) -> dict[str, Any]:
        """Return the question as the table of jobs keeps it."""
        return asdict(self)


def read_client_query(values: Values, user: User) -> ClientQuery:
    """Return what a request asks.

    Parameters
    ----------
    values
        All its parameters, as text or lists of text.
    user
        Who asks.

    Raises
    ------
    BadParameter
        If a value cannot be accepted.
    NotAllowed
        If the user may not ask this.
    """
    given = {name: _null(value) for name, value in values.items()}
    instrument, product = given.get("instrument"), given.get("product_type")
    if instrument != INSTRUMENT:
        advice = f"known: ['{INSTRUMENT}']."
        raise BadParameter("instrument", instrument, "not an instrument of this server", advice)
    if not isinstance(product, str) or product not in PRODUCTS:
        limit = f"product type {one_line(str(product))} not in query_dictionary"
        raise BadParameter("product_type", product, limit, f"Choose one of: {', '.join(PRODUCTS)}.")
    known = {item.name for item in parameters_of(product)} | CONTROL
    asked = {k: v for k, v in given.items() if k in known and v is not None and v != ""}
    parameters = _completed(asked, product)
    windows = parameters["scw_list"]
    user.check_windows(max(len(windows), 0 if windows else parameters["max_pointings"]))
    return ClientQuery(
        parameters=parameters | {"instrument": INSTRUMENT, "product_type": product},
        given=tuple(sorted(asked.keys() & parameters.keys())),
        unused=tuple(sorted(one_line(name)[:_LONGEST] for name in given if name not in known)),
        dummy=_kind(given.get("query_type")) == "Dummy",
        owner=user.identity,
    )


def session_of(values: Values) -> str | None:
    """Return the session that a request names, if it is a usable name of one.

    Raises
    ------
    BadParameter
        If it is not.
    """
    session = _null(values.get("session_id"))
    if session in (None, "", "new", "None"):
        return None
    if not (isinstance(session, str) and _SESSION.fullmatch(session)):
        advice = "Write letters and digits only, or leave it out."
        raise BadParameter("session_id", session, "no name of a session", advice)
    return session


def _completed(asked: Values, product: str) -> dict[str, Any]:
    """Return all parameters of a product, each in its one form."""
    found: dict[str, Any] = {item.name: item.default for item in parameters_of(product)}
    for item in parameters_of(product):
        if item.name in asked and item.name not in {"T1", "T2", "scw_list", _CATALOG, "token"}:
            found[item.name] = _value(item.name, asked[item.name], item.units)
    _check_limits(found, product)
    _check_choices(found)
    found |= _times(asked, found)
    found["T_format"] = "isot"
    as_asked = {name: asked.get(name) for name in ("scw_list", _CATALOG)}
    fields = fields_from(found | as_asked, product)
    found["scw_list"] = list(fields.get("science_windows", ()))
    found[_CATALOG] = _catalog(asked, fields.get("catalog"))
    found["token"] = None
    del found["user_catalog"]
    return found


def _value(name: str, value: Any, units: str) -> Any:
    if isinstance(value, list):
        raise BadParameter(name, value, "given more than once", "Give it once.")
    if units == "str":
        text = str(value).strip()
        if len(text) > _LONGEST or not text.isprintable():
            limit = f"longer than {_LONGEST} characters, or not printable"
            raise BadParameter(name, value, limit, "Write a shorter text.")
        return text
    number = finite_number(name, value)
    if units != "int":
        return number
    if number != int(number) or "." in str(value):
        raise BadParameter(name, value, "not a whole number", "Write for example 50.")
    return int(number)


def _check_limits(found: Values, product: str) -> None:
    for item in parameters_of(product):
        value = found[item.name]
        if item.low is None or item.high is None or item.low <= value <= item.high:
            continue
        limit = f"outside {item.low:g} to {item.high:g} {item.units}"
        if item.name in {"E1_keV", "E2_keV"}:
            limit = f"ISGRI energy range is restricted to {item.low:g} - {item.high:g} keV"
        raise BadParameter(item.name, value, limit, "Give a value inside.")
    if not found["E1_keV"] < found["E2_keV"]:
        limit = f"not below E2_keV={found['E2_keV']:g}"
        raise BadParameter("E1_keV", found["E1_keV"], limit, "Swap the two.")


def _check_choices(found: Values) -> None:
    base = re.split(r"-+", found["osa_version"])[0]
    if base not in OSA_VERSIONS:
        advice = f"Write one of: {', '.join(OSA_VERSIONS)}."
        limit = "not a version known here"
        raise BadParameter("osa_version", found["osa_version"], limit, advice)
    if found["integral_data_rights"] != "public":
        limit = "this server has public data only"
        rights = found["integral_data_rights"]
        raise BadParameter("integral_data_rights", rights, limit, "Write public.")


def _times(asked: Values, found: Values) -> dict[str, str]:
    """Return the two times in one form: a question has one identity, however its times came."""
    times = {}
    for name in ("T1", "T2"):
        form = found["T_format"] if name in asked else "isot"
        value = asked.get(name, found[name])
        isot = _isot(str(value), form)
        if isot is None:
            limit = f"can't be parsed as Time of {one_line(form)} format"
            raise BadParameter(name, value, limit, "Correct it, or T_format.")
        times[name] = isot
    if not times["T1"] < times["T2"]:
        raise BadParameter("T2", times["T2"], f"not after T1={times['T1']}", "Swap the two.")
    return times


@lru_cache(maxsize=4096)
def _isot(text: str, form: str) -> str | None:
    """Return an instant as ISO 8601 with milliseconds, UTC; None if it is none."""
    from astropy.time import Time  # noqa: PLC0415 - heavy

    try:
        value = text if form in _WRITTEN else float(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of years that have no table of leap seconds
            return str(Time(value, format=form, scale="utc").isot)
    except Exception:  # noqa: BLE001 - astropy and erfa raise whatever comes along
        return None


def _catalog(asked: Values, catalog: SourceCatalog | None) -> str | None:
    """Return the catalogue as the client gave it, less the sources it left out."""
    if catalog is None:
        return None
    document = json.loads(asked[_CATALOG])
    chosen = asked.get("catalog_selected_objects")
    if chosen is None:
        return str(asked[_CATALOG])
    text = ",".join(chosen) if isinstance(chosen, list) else str(chosen)
    try:
        wanted = {int(part) for part in text.split(",") if part.strip()}
        numbers = dict(zip(document["cat_column_names"], document["cat_column_list"], strict=True))
        rows = [i for i, number in enumerate(numbers["meta_ID"]) if int(number) in wanted]
    except (ValueError, TypeError, KeyError, OverflowError):
        limit = "not the numbers (meta_ID) of sources of the catalogue"
        advice = "Write them as in 1,2,5."
        raise BadParameter("catalog_selected_objects", chosen, limit, advice) from None
    columns = [[column[row] for row in rows] for column in document["cat_column_list"]]
    try:
        catalog_from(document | {"cat_column_list": columns})
    except DataError as error:
        limit = "leaves no usable catalogue"
        raise BadParameter("catalog_selected_objects", chosen, limit, error.advice) from None
    return json.dumps(document | {"cat_column_list": columns})


def _kind(value: Any) -> str:
    kind = "Real" if value in (None, "") else str(value)
    if kind not in {"Real", "Dummy"}:
        raise BadParameter("query_type", value, "neither Real nor Dummy", "Write Real.")
    return kind


def _null(value: Any) -> Any:
    return None if value == _NULL else value
