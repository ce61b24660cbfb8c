"""Names of keyword arguments: one that is not known is answered with the nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar

from oda_widgets.errors import UnknownKeyword

P = ParamSpec("P")
Answer = TypeVar("Answer")
Kind = TypeVar("Kind")

_CALLED = {"self", "cls"}


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a question for the keyword that was meant; empty if none is near.

    Examples
    --------
    >>> nearest("enrgy", ["energy", "intervals"]), nearest("x", ["energy"])
    ('Did you mean energy=?', '')
    """
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}=?" if near else ""


def suggesting(function: Callable[P, Answer]) -> Callable[P, Answer]:
    """Return a function that suggests the nearest name for a keyword that it does not have.

    Its signature and its help stay as they are.

    Examples
    --------
    >>> @suggesting
    ... def image(source, *, energy=(20, 40)): ...
    >>> image("Crab", enrgy=(20, 60))
    Traceback (most recent call last):
        ...
    oda_widgets.errors.UnknownKeyword: enrgy=(20, 60): no parameter of image. Did you mean energy=?
    """
    known = [
        name
        for name, parameter in signature(function).parameters.items()
        if parameter.kind in {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
        and name not in _CALLED
    ]
    called = function.__name__

    @wraps(function)
    def answered(*values: P.args, **named: P.kwargs) -> Answer:
        for name, value in named.items():
            if name not in known:
                there = f"There are: {', '.join(known)}." if known else "It has none."
                advice = nearest(name, known) or there
                raise UnknownKeyword(name, value, f"no parameter of {called}", advice)
        return function(*values, **named)

    return answered


def suggesting_class(kind: type[Kind]) -> type[Kind]:
    """Let each public method that a class defines suggest names of keywords.

    Methods that pass options on check them there.
    """
    for name, attribute in list(vars(kind).items()):
        if name.startswith("_"):
            continue
        if isinstance(attribute, classmethod):
            if not _passes_on(attribute.__func__):
                setattr(kind, name, classmethod(suggesting(attribute.__func__)))
        elif callable(attribute) and hasattr(attribute, "__code__") and not _passes_on(attribute):
            setattr(kind, name, suggesting(attribute))
    return kind


def _passes_on(function: Callable[..., Any]) -> bool:
    kinds = {parameter.kind for parameter in signature(function).parameters.values()}
    return Parameter.VAR_KEYWORD in kinds
