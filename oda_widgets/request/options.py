"""Checks of options that are passed on to another function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from oda_widgets.errors import BadParameter, UnknownKeyword
from oda_widgets.request.keywords import nearest


def check_options(function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Check that a function or class has parameters of the names of the options.

    Parameters
    ----------
    function
        Function or class; its first parameter is not an option.
    options
        Values by name.

    Raises
    ------
    UnknownKeyword
        If it has no such parameter; the message names those that it has.

    Examples
    --------
    >>> def draw(image, *, columns=1): ...
    >>> check_options(draw, {"columns": 2})
    >>> check_options(draw, {"title": "Crab"})
    Traceback (most recent call last):
        ...
    oda_widgets.errors.UnknownKeyword: title='Crab': no such option. There are: columns.
    """
    known = list(signature(function).parameters)[1:]
    for name, value in options.items():
        if name not in known:
            there = f"There are: {', '.join(known)}." if known else "There are none."
            advice = f"{nearest(name, known)} {there}".strip()
            raise UnknownKeyword(name, value, "no such option", advice)


def refuse_options(options: Mapping[str, Any], kind: str) -> None:
    """Refuse options of figures if the file to be written is not a figure.

    Parameters
    ----------
    options
        Values by name.
    kind
        Name of the kind of file for the message, "a table".

    Raises
    ------
    BadParameter
        If there is an option.

    Examples
    --------
    >>> refuse_options({}, "a table")
    >>> refuse_options({"dpi": 300}, "a table")
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: dpi=300: no option of a table. Only figures have options.
    """
    for name, value in options.items():
        raise BadParameter(name, value, f"no option of {kind}", "Only figures have options.")
