"""The controls of an app: a menu for each argument of its function, and links that set them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ipywidgets import Dropdown

from oda_widgets.errors import BadParameter
from oda_widgets.panels.card import labelled

_LONGEST = 60  # characters of a choice in a message


def control_of(name: str, values: Any) -> Dropdown:
    """Return the menu of an argument's values.

    Raises
    ------
    BadParameter
        If there are none.
    """
    try:
        options = [(_text(value), value) for value in values]
    except TypeError:
        options = []
    if not options or isinstance(values, str):
        raise BadParameter(name, values, "no list of values", "Give the values to choose from.")
    return Dropdown(options=options, value=options[0][1])


def field_of(name: str, control: Dropdown) -> Any:
    """Return a menu with its name above it."""
    return labelled(_label(name), control)


def link_of(controls: Mapping[str, Dropdown]) -> str:
    """Return the query string of the choices."""
    return urlencode({name: control.label for name, control in controls.items()})


def follow_link(controls: Mapping[str, Dropdown], link: str) -> str:
    """Choose the values in a query string; return a message about those that do not exist."""
    problems: list[str] = []
    for name, label in parse_qsl(link.lstrip("?")):
        if name in controls:
            problems += _choose(name, controls[name], label)
        elif near := get_close_matches(name, controls, n=1):
            problems.append(f"There is no control {name[:_LONGEST]!r}; did you mean {near[0]!r}?")
    return " ".join(problems)


def _choose(name: str, control: Dropdown, label: str) -> list[str]:
    """Choose the value with a label; return the message of a label that is unknown."""
    for known, value in control.options:
        if known == label:
            control.value = value
            return []
    known = ", ".join(one for one, _ in control.options)
    asked = f"{_label(name)} {label[:_LONGEST]!r} is not one of {known}"
    return [f"{asked}; {control.label} is shown, and the address says so."]


def _text(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 2:
        return f"{value[0]:g} to {value[1]:g}" if _numbers(value) else " to ".join(map(str, value))
    return str(value)


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
