"""Descriptions of instruments: products and their parameters, as ``/api/meta-data`` lists them."""

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
    """A parameter that an instrument takes.

    Parameters
    ----------
    name
        Name in requests.
    units
        Units as the dispatcher writes them; empty if it states none.
    default
        A number, a text, a list or None.
    low, high
        Limits, inclusive; None without a limit.
    allowed
        The only values that are accepted; empty if there is no such list.
    label
        Name to show to users; that of the parameter if the server gives none.
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
        """Return a value as it is sent.

        Raises
        ------
        BadParameter
            If it is of another type than the default, or outside the limits.
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
        Parameters of all products, by the name of the query that groups them.
    queries
        The dispatcher's query for each product that is described.
    own
        Parameters of each product alone.
    """
    groups: list[Any] = [{"instrumet": instrument}]  # the dispatcher's spelling
    groups.append({"prod_dict": dict(queries)})
    groups += [write_group(name, parameters) for name, parameters in common.items()]
    groups += [write_group(query, own[name], name) for name, query in queries.items()]
    return [groups]


def write_group(
    query: str, parameters: Sequence[ParameterDescription], product: str | None = None
) -> str:
    """Return the JSON of a group of parameters, a text within the description as dispatchers do.

    Parameters
    ----------
    query
        The dispatcher's name of the group.
    parameters
        Its parameters.
    product
        The product that they belong to; None if all products share them.
    """
    names = [{"product_name": product}] if product else []
    return json.dumps([{"query_name": query}, *names, *(p.document for p in parameters)])


def read_meta_data(document: Any) -> Descriptions:
    """Return the parameters of each product from the description of an instrument.

    Releases of the dispatcher differ: groups are lists, or JSON of lists.

    Raises
    ------
    ServiceError
        If it is not such a description.
    """
    groups = document[0] if isinstance(document, list) and document else document
    if not isinstance(groups, list):
        raise _unreadable()
    common: list[ParameterDescription] = []
    products: dict[str, tuple[ParameterDescription, ...]] = {}
    for group in map(_parsed, groups[:_MOST]):
        if not isinstance(group, list):
            continue
        parameters = list(_parameters(group))
        product = next((g["product_name"] for g in group if _has(g, "product_name")), None)
        if product is None:
            common += parameters
        else:
            products[one_line(product)] = (*common, *parameters)
    if not products:
        raise _unreadable()
    return products


def _parsed(group: Any) -> Any:
    if not isinstance(group, str):
        return group
    try:
        return json.loads(group)
    except (ValueError, RecursionError):
        return None


def _parameters(group: list[Any]) -> Iterator[ParameterDescription]:
    for entry in group[:_MOST]:
        if _has(entry, "name") and entry["name"] not in _HIDDEN:
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


def _has(entry: Any, key: str) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get(key), str)


def _limit(value: Any) -> float | None:
    good = isinstance(value, _NUMBERS) and not isinstance(value, bool) and isfinite(value)
    return float(value) if good else None


def _unreadable() -> ServiceError:
    problem = "The server's description of the instrument cannot be read."
    return ServiceError(problem, "Tell those who run the server.")
