"""Errors for wrong calls that name the parameter at fault and suggest the right one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar

from oda_widgets.errors import BadCall, MissingValue, UnknownKeyword

P = ParamSpec("P")
Result = TypeVar("Result")
Kind = TypeVar("Kind")

_CALLED = {"self", "cls"}
_BY_PLACE = {Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD}
_SHOWN = 8  # optional parameters in a message
_BY_NAME = {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a question that suggests the most similar keyword; empty if none is similar.

    Examples
    --------
    >>> nearest("enrgy", ["energy", "intervals"]), nearest("x", ["energy"])
    ('Did you mean energy=?', '')
    """
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}=?" if near else ""


def suggesting(function: Callable[P, Result], called: str = "") -> Callable[P, Result]:
    """Return a function whose errors for wrong calls name the parameter at fault.

    This holds for unknown keywords, missing values and values too many. Its signature and its help
    stay as they are.

    Parameters
    ----------
    function
        Any function or method.
    called
        Name in messages, by default that of the function.

    Examples
    --------
    >>> @suggesting
    ... def image(source, *, energy=(20, 40)): ...
    >>> image("Crab", enrgy=(20, 60))
    Traceback (most recent call last):
        ...
    oda_widgets.errors.UnknownKeyword: enrgy=(20, 60): no parameter of image. Did you mean energy=?
    >>> image("Crab", (20, 60))
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadCall: energy=(20, 60): given without its name. Name what it is: ...
    >>> image()
    Traceback (most recent call last):
        ...
    oda_widgets.errors.MissingValue: source is missing: image needs it. Write image(source, ...
    """

    @wraps(function)
    def checked(*values: P.args, **named: P.kwargs) -> Result:
        try:
            return function(*values, **named)
        except TypeError:
            # If the call is right, the error is from inside the function: raise it unchanged.
            _check_call(function, called or function.__name__, values, named)
            raise

    return checked


def suggesting_class(kind: type[Kind]) -> type[Kind]:
    """Apply `suggesting` to a class and to each public method that it defines."""
    for name, attribute in list(vars(kind).items()):
        if name == "__init__":
            setattr(kind, name, suggesting(attribute, kind.__name__))
        elif name.startswith("_"):
            continue
        elif isinstance(attribute, classmethod | staticmethod):
            setattr(kind, name, type(attribute)(suggesting(attribute.__func__)))
        elif callable(attribute) and hasattr(attribute, "__code__"):
            setattr(kind, name, suggesting(attribute))
    return kind


def _check_call(
    function: Callable[..., Any], called: str, values: Sequence[Any], named: Mapping[str, Any]
) -> None:
    """Check that a function accepts a call.

    Raises
    ------
    UnknownKeyword, BadCall, MissingValue
        For the first keyword, value or parameter at fault.
    """
    form = signature(function)
    try:
        form.bind(*values, **named)
    except TypeError:
        pass
    else:
        return
    parameters = list(form.parameters.values())
    if parameters and parameters[0].name in _CALLED:
        parameters, values = parameters[1:], values[1:]
    example = f"{called}({_example_arguments(parameters)})"
    _check_names(called, parameters, named)
    _check_places(called, parameters, values, named, example)
    _check_missing(called, parameters, len(values), named, example)


def _check_names(called: str, parameters: Sequence[Parameter], named: Mapping[str, Any]) -> None:
    """Check that a function has parameters of these names."""
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = [parameter.name for parameter in parameters if parameter.kind in _BY_NAME]
    for name, value in named.items():
        if name not in known:
            there = f"There are: {', '.join(known)}." if known else "It has none."
            advice = nearest(name, known) or there
            raise UnknownKeyword(name, value, f"no parameter of {called}", advice) from None


def _check_places(
    called: str,
    parameters: Sequence[Parameter],
    values: Sequence[Any],
    named: Mapping[str, Any],
    example: str,
) -> None:
    """Check that no value without a name is one too many, or given with its name besides."""
    places = [parameter for parameter in parameters if parameter.kind in _BY_PLACE]
    for parameter, _ in zip(places, values, strict=False):
        name = parameter.name
        if name in named and parameter.kind in _BY_NAME:
            limit = "given twice, with its name and without"
            raise BadCall(name, named[name], limit, f"Write {example}.") from None
    if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in parameters):
        return
    for value in values[len(places) :]:
        free = [p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY]
        free = [name for name in free if name not in named]
        if free:
            advice = f"Name what it is: {', '.join(f'{name}=...' for name in free)}."
            raise BadCall(free[0], value, "given without its name", advice) from None
        limit = f"{called} takes {len(places) or 'no'} value{'s' * (len(places) != 1)}"
        raise BadCall(f"value {len(places) + 1}", value, limit, f"Write {example}.") from None


def _check_missing(
    called: str,
    parameters: Sequence[Parameter],
    given: int,
    named: Mapping[str, Any],
    example: str,
) -> None:
    """Check that each parameter without a default has a value."""
    for place, parameter in enumerate(parameters):
        needed = parameter.default is Parameter.empty and parameter.kind in _BY_PLACE | _BY_NAME
        by_place = parameter.kind in _BY_PLACE and place < given
        if needed and not by_place and parameter.name not in named:
            raise MissingValue(parameter.name, called, f"Write {example}.") from None


def _example_arguments(parameters: Sequence[Parameter]) -> str:
    """Return parameters as written in a call: the required ones, then the first optional ones."""
    needed = [p for p in parameters if p.default is Parameter.empty]
    words = []
    for parameter in needed:
        if parameter.kind in _BY_PLACE:
            words.append(parameter.name)
        elif parameter.kind is Parameter.KEYWORD_ONLY:
            words.append(f"{parameter.name}=...")
        elif parameter.kind is Parameter.VAR_POSITIONAL:
            words.append(f"{parameter.name}, ...")
    others = [f"{p.name}=..." for p in parameters if p.default is not Parameter.empty]
    more = ["..."] if len(others) > _SHOWN else []
    return ", ".join([*words, *others[:_SHOWN], *more])
