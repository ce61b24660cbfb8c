"""Checking the names of options that are passed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from oda_widgets.errors import BadParameter


def check_options(function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Check that a function or class takes options of these names.

    Parameters
    ----------
    function
        What is called; its first parameter is what it is about and not an option.
    options
        The options by name.

    Raises
    ------
    BadParameter
        If it has no such option; the message names those that it has.

    Examples
    --------
    >>> def draw(image, *, columns=1): ...
    >>> check_options(draw, {"columns": 2})
    >>> check_options(draw, {"title": "Crab"})
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: title='Crab': no such option. There are: columns.
    """
    known = list(signature(function).parameters)[1:]
    for name, value in options.items():
        if name not in known:
            there = f"There are: {', '.join(known)}." if known else "There are none."
            raise BadParameter(name, value, "no such option", there)
