"""Read the query in a request: check its parameters, add defaults, give it one identity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.protocol.product_names import instrument_of, products_of, wire_instruments
from oda_widgets.protocol.reply import one_line
from oda_widgets.request.identity import identity
from oda_widgets.request.source import Source
from oda_widgets.server.offered_parameters import CONTROL, parameters_of
from oda_widgets.server.parameter_values import LONGEST_TEXT, complete_values
from oda_widgets.server.tokens import User

Values = Mapping[str, Any]

_SESSION = re.compile(r"[0-9A-Za-z]{1,64}")
_DIGITS = 32  # of the identity of a job: 128 bits
_NULL = "\x00"  # what oda_api sends for None
_WITHOUT_EFFECT = frozenset({"osa_version", "integral_data_rights"})


@dataclass(frozen=True)
class ClientQuery:
    """A query of a client.

    Parameters
    ----------
    parameters
        All parameters in canonical form, as echoed to the client.
    given
        Names of the parameters that the client sent.
    unused
        Names that the client sent and the server does not know.
    comments
        Remarks on values that were changed.
    dummy
        True for a made-up product, delivered at once.
    owner
        Identity of the user in the token; empty without a token.
    """

    parameters: Mapping[str, Any]
    given: tuple[str, ...]
    unused: tuple[str, ...] = field(default=())
    comments: tuple[str, ...] = field(default=())
    dummy: bool = False
    owner: str = ""

    @property
    def product(self) -> str:
        """The dispatcher's name of the product."""
        return str(self.parameters["product_type"])

    @property
    def instrument(self) -> str:
        """Our name of the instrument."""
        return instrument_of(self.parameters).name

    @property
    def job_id(self) -> str:
        """Identifier of the job: SHA-256 of all that affects the product, cut to 128 bits."""
        given = sorted(set(self.given) & {"RA", "DEC", "src_name"})
        parameters = {k: v for k, v in self.parameters.items() if k not in _WITHOUT_EFFECT}
        if parameters.get("scw_list"):
            parameters["scw_list"] = sorted(parameters["scw_list"])
        return identity([parameters, given, self.dummy, self.owner])[:_DIGITS]

    @property
    def source(self) -> Source | None:
        """The source that the client named, or None if it named none."""
        if "src_name" not in self.given:
            return None
        p = self.parameters
        return Source(p["src_name"], p["RA"], p["DEC"])

    def document(self) -> dict[str, Any]:
        """Return the query as the table of jobs stores it."""
        return asdict(self)


def read_client_query(values: Values, user: User) -> ClientQuery:
    """Return the query in a request.

    Parameters
    ----------
    values
        All parameters of the request, as text or lists of text.
    user
        User whom the token names.

    Raises
    ------
    BadParameter
        If a value is not valid.
    NotAllowed
        If the roles of the user do not allow the query.
    """
    sent = {name: _null(value) for name, value in values.items()}
    product = _product(sent)
    known = {p.name for p in parameters_of(product)} | CONTROL
    given = {k: v for k, v in sent.items() if k in known and v is not None and v != ""}
    _check_use_of_windows(given)
    dummy = _is_dummy(sent.get("query_type"))
    # Made-up products need no windows, and dispatchers accept any text there.
    unchecked = given.pop("scw_list", None) if dummy else None
    parameters, comments = complete_values(given, product)
    windows = parameters.get("scw_list", ())
    if unchecked is not None:
        parameters["scw_list"] = unchecked if isinstance(unchecked, list) else [unchecked]
    user.check_windows(max(len(windows), 0 if windows else parameters.get("max_pointings", 0)))
    return ClientQuery(
        parameters=parameters | {"instrument": sent["instrument"], "product_type": product},
        given=tuple(sorted(given.keys() & parameters.keys())),
        unused=tuple(sorted(one_line(name)[:LONGEST_TEXT] for name in sent if name not in known)),
        comments=tuple(comments),
        dummy=dummy,
        owner=user.identity,
    )


def session_id_in(values: Values) -> str | None:
    """Return the session id of a request, or None if it has none.

    Raises
    ------
    BadParameter
        If it is not a valid session id.
    """
    session = _null(values.get("session_id"))
    if session in (None, "", "new", "None"):
        return None
    if not (isinstance(session, str) and _SESSION.fullmatch(session)):
        advice = "Write letters and digits only, or leave it out."
        raise BadParameter("session_id", session, "not a valid session id", advice)
    return session


def check_instrument(instrument: Any) -> None:
    """Check that the server offers an instrument.

    Raises
    ------
    BadParameter
        If it is not.
    """
    if instrument not in wire_instruments():
        advice = f"known: {list(wire_instruments())}."
        raise BadParameter("instrument", instrument, "not an instrument of this server", advice)


def _product(sent: Values) -> str:
    """Check instrument and product of a request, and return the product."""
    check_instrument(sent.get("instrument"))
    product = sent.get("product_type")
    products = products_of(str(sent["instrument"]))
    if not isinstance(product, str) or product not in products:
        limit = f"product type {one_line(str(product))} not in query_dictionary"
        raise BadParameter("product_type", product, limit, f"Choose one of: {', '.join(products)}.")
    return product


def _check_use_of_windows(given: Values) -> None:
    """Check that ``use_scws`` agrees with the list of science windows."""
    use, has_list = given.get("use_scws", ""), bool(given.get("scw_list"))
    if not isinstance(use, str):
        raise BadParameter("use_scws", use, "given more than once", "Give it once.")
    if use == "no" and has_list:
        limit = "scw_list was given although use_scws says that there is none"
        raise BadParameter("use_scws", use, limit, "Leave out one of the two.")
    if use in {"form_list", "user_file"} and not has_list:
        limit = "a list of science windows was expected and has not been found"
        raise BadParameter("use_scws", use, limit, "Send the list, or write use_scws=no.")


def _is_dummy(query_type: Any) -> bool:
    if query_type not in (None, "", "Real", "Dummy"):
        raise BadParameter("query_type", query_type, "neither Real nor Dummy", "Write Real.")
    return bool(query_type == "Dummy")


def _null(value: Any) -> Any:
    return None if value == _NULL else value
