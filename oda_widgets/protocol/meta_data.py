"""Descriptions of instruments by ``/api/meta-data``: products and their parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from oda_widgets.errors import BadParameter, ServiceError
from oda_widgets.protocol.reply import one_line
from oda_widgets.request.numbers import finite_number

_HIDDEN = frozenset({"token", "user_catalog"})
_MOST = 500
_NUMBERS = (int, float)


@dataclass(frozen=True)
class ParameterDescription:
    """A parameter of an instrument.

    Parameters
    ----------
    name
        Name in requests.
    units
        Units in the dispatcher's notation; empty if it states none.
    default
        A number, text, a list or None.
    low, high
        Limits, inclusive; None without a limit.
    allowed
        Accepted values; empty if any value is accepted.
    label
        Name to show to users; `name` if the server gives none.
    """

    name: str
    units: str
    default: Any
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    label: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The description as JSON."""
        limits: dict[str, Any] = {"is_optional": self.default is None}
        if self.low is not None:
            limits |= {"min_value": self.low, "max_value": self.high}
        if self.allowed:
            limits["allowed_values"] = list(self.allowed)
        described = {"name": self.name, "units": self.units, "value": self.default}
        return described | {"restrictions": limits}

    def checked(self, value: Any) -> str | list[str]:
        """Check a value, and return it as text to send.

        Raises
        ------
        BadParameter
            If its type differs from that of the default, or it is outside the limits.
        """
        if isinstance(value, list | tuple):
            return [str(item) for item in value]
        if isinstance(self.default, _NUMBERS) and not isinstance(self.default, bool):
            return self._number(value)
        text = str(value)
        if self.allowed and text not in self.allowed:
            advice = f"Choose one of: {', '.join(self.allowed)}."
            raise BadParameter(self.name, value, "not a value that the server takes", advice)
        return text

    def _number(self, value: Any) -> str:
        number = finite_number(self.name, value)
        low = -inf if self.low is None else self.low
        high = inf if self.high is None else self.high
        if not low <= number <= high:
            limit = f"outside {low:g} to {high:g} {self.units}".rstrip()
            raise BadParameter(self.name, value, limit, "Give a value inside.")
        whole = isinstance(self.default, int) and number == int(number)
        return str(int(number)) if whole else repr(number)


Descriptions = Mapping[str, tuple[ParameterDescription, ...]]


def write_meta_data(
    instrument: str,
    common: Mapping[str, Sequence[ParameterDescription]],
    queries: Mapping[str, str],
    own: Mapping[str, Sequence[ParameterDescription]],
) -> list[Any]:
    """Return the nested list that describes an instrument.

    Parameters
    ----------
    instrument
        Name of the instrument.
    common
        Parameters that all products share, by the name of the query that groups them.
    queries
        The dispatcher's name of the query for each product.
    own
        Parameters that only one product has, by product.
    """
    groups: list[Any] = [{"instrumet": instrument}]  # the dispatcher's spelling
    groups.append({"prod_dict": dict(queries)})
    groups += [write_group(name, parameters) for name, parameters in common.items()]
    groups += [write_group(query, own[name], name) for name, query in queries.items()]
    return [groups]


def write_group(
    query: str, parameters: Sequence[ParameterDescription], product: str | None = None
) -> str:
    """Return a group of parameters as JSON: dispatchers nest it as text in the description.

    Parameters
    ----------
    query
        The dispatcher's name of the group.
    parameters
        Parameters of the group.
    product
        Product that they belong to; None if all products share them.
    """
    names = [{"product_name": product}] if product else []
    return json.dumps([{"query_name": query}, *names, *(p.document for p in parameters)])


def read_meta_data(document: Any) -> Descriptions:
    """Return the parameters of each product from the description of an instrument.

    A group is a list or its JSON, depending on the release of the dispatcher.

    Raises
    ------
    ServiceError
        If the description cannot be read.
    """
    groups = document[0] if isinstance(document, list) and document else document
    if not isinstance(groups, list):
        raise _unreadable_error()
    common: list[ParameterDescription] = []
    products: dict[str, tuple[ParameterDescription, ...]] = {}
    for group in map(_decoded, groups[:_MOST]):
        if not isinstance(group, list):
            continue
        parameters = list(_parameters(group))
        product = next((g["product_name"] for g in group if _has_text(g, "product_name")), None)
        if product is None:
            common += parameters
        else:
            products[one_line(product)] = (*common, *parameters)
    if not products:
        raise _unreadable_error()
    return products


def _decoded(group: Any) -> Any:
    """Return a group of parameters, decoded if it is JSON; None if it cannot be decoded."""
    if not isinstance(group, str):
        return group
    try:
        return json.loads(group)
    except (ValueError, RecursionError):
        return None


def _parameters(group: list[Any]) -> Iterator[ParameterDescription]:
    for entry in group[:_MOST]:
        if _has_text(entry, "name") and entry["name"] not in _HIDDEN:
            yield _parameter(entry)


def _parameter(entry: Mapping[str, Any]) -> ParameterDescription:
    limits = entry.get("restrictions")
    limits = limits if isinstance(limits, dict) else {}
    more = entry.get("extra_metadata")
    label = one_line(more.get("label")) if isinstance(more, dict) else ""
    name = one_line(entry["name"])
    allowed = limits.get("allowed_values")
    return ParameterDescription(
        name=name,
        units=one_line(entry.get("units")),
        default=entry.get("value"),
        low=_limit(limits.get("min_value")),
        high=_limit(limits.get("max_value")),
        allowed=tuple(one_line(str(a)) for a in allowed) if isinstance(allowed, list) else (),
        label=label or name,
    )


def _has_text(entry: Any, key: str) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get(key), str)


def _limit(value: Any) -> float | None:
    valid = isinstance(value, _NUMBERS) and not isinstance(value, bool) and isfinite(value)
    return float(value) if valid else None


def _unreadable_error() -> ServiceError:
    problem = "The server's description of the instrument cannot be read."
    return ServiceError(problem, "Tell those who run the server.")
