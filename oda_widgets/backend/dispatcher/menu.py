"""What an instrument of a server takes: its products and their parameters, from its meta-data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from oda_widgets.errors import BadParameter, ServiceError
from oda_widgets.protocol.answer import clean
from oda_widgets.request.numbers import finite_number

_HIDDEN = frozenset({"token", "user_catalog"})
_MOST = 500
_NUMBERS = (int, float)


@dataclass(frozen=True)
class MenuItem:
    """A parameter that an instrument takes.

    Parameters
    ----------
    name
        On the wire.
    units
        As the server calls them; empty when it does not say.
    default
        A number, a text, a list or None.
    low, high
        Limits, if the server tells any.
    allowed
        The only values, if there are few.
    label
        What to call it; the name, unless the server says better.
    """

    name: str
    units: str
    default: Any
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    label: str = ""

    def checked(self, value: Any) -> str | list[str]:
        """Return a value as it is sent.

        Raises
        ------
        BadParameter
            If it is not of the kind of the default, or outside the limits.
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
        low = self.low if self.low is not None else -float("inf")
        high = self.high if self.high is not None else float("inf")
        if not low <= number <= high:
            limit = f"outside {low:g} to {high:g} {self.units}".rstrip()
            raise BadParameter(self.name, value, limit, "Give a value inside.")
        whole = isinstance(self.default, int) and number == int(number)
        return str(int(number)) if whole else repr(number)


Menu = Mapping[str, tuple[MenuItem, ...]]


def menu_of(document: Any) -> Menu:
    """Return the parameters of each product, from the meta-data of an instrument.

    Releases differ: parameter lists are lists, or JSON of them.

    Raises
    ------
    ServiceError
        If it is none.
    """
    groups = document[0] if isinstance(document, list) and document else document
    if not isinstance(groups, list):
        raise _unreadable()
    common: list[MenuItem] = []
    menu: dict[str, tuple[MenuItem, ...]] = {}
    for group in map(_unpacked, groups[:_MOST]):
        if not isinstance(group, list):
            continue
        items = list(_items(group))
        product = next((g["product_name"] for g in group if _has(g, "product_name")), None)
        if product is None:
            common += items
        else:
            menu[clean(product)] = (*common, *items)
    if not menu:
        raise _unreadable()
    return menu


def _unpacked(group: Any) -> Any:
    if not isinstance(group, str):
        return group
    try:
        return json.loads(group)
    except (ValueError, RecursionError):
        return None


def _items(group: list[Any]) -> Iterator[MenuItem]:
    for entry in group[:_MOST]:
        if _has(entry, "name") and entry["name"] not in _HIDDEN:
            yield _item(entry)


def _item(entry: Mapping[str, Any]) -> MenuItem:
    limits = entry.get("restrictions")
    limits = limits if isinstance(limits, dict) else {}
    more = entry.get("extra_metadata")
    label = clean(more.get("label")) if isinstance(more, dict) else ""
    allowed = limits.get("allowed_values")
    name = clean(entry["name"])
    return MenuItem(
        name=name,
        units=clean(entry.get("units")),
        default=entry.get("value"),
        low=_limit(limits.get("min_value")),
        high=_limit(limits.get("max_value")),
        allowed=tuple(clean(str(a)) for a in allowed) if isinstance(allowed, list) else (),
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
