"""Arithmetic on parameters, for links: "p3", "= 2*p4 + 1", "kT/2"; read, never evaluated as code.

::

    sum     = product { ("+" | "-") product }
    product = sign { ("*" | "/") sign }
    sign    = ["-"] power
    power   = value ["^" sign]
    value   = number | name | "(" sum ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import nan
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter

Values = Sequence[float] | NDArray[np.float64]
Formula = Callable[[Values], float]

_TOKEN = re.compile(
    r"\s*(?:(?P<name>(?:\d+:)?[A-Za-z_][\w.#]*)"
    r"|(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|(?P<sign>[-+*/^()]))"
)
_LONGEST = 200  # characters


def read_formula(text: str, find: Callable[[str], int]) -> tuple[Formula, tuple[int, ...]]:
    """Return a formula of parameter values, and the indices of the parameters in it.

    Parameters
    ----------
    text
        The formula, with or without a leading "=".
    find
        Returns the index of a parameter by its name; raises BadParameter.

    Raises
    ------
    BadParameter
        If the text is not a formula; the message shows the place.
    """
    reader = _Reader(text.strip().removeprefix("="), find)
    formula = reader.sum()
    if reader.kind:
        reader.fail("nothing belongs here")
    return formula, tuple(reader.used)


def renamed(text: str, rename: Callable[[str], str]) -> str:
    """Return a valid formula with its names changed."""
    parts, end = [], 0
    for found in _TOKEN.finditer(text.strip().removeprefix("=")):
        word = found[str(found.lastgroup)]
        parts.append(rename(word) if found.lastgroup == "name" else word)
        end = found.end()
    return "".join(parts) if end else text


class _Reader:
    """Reads a formula from left to right, one token ahead."""

    def __init__(self, text: str, find: Callable[[str], int]) -> None:
        if len(text) > _LONGEST:
            limit = f"a link has at most {_LONGEST} characters"
            raise BadParameter("links", text, limit, "Write a shorter one.")
        self._text, self._find, self._end = text, find, 0
        self.used: list[int] = []
        self._next()

    def _next(self) -> None:
        self.kind, self.word = "", ""
        self.place = self._end
        if not self._text[self._end :].strip():
            return
        found = _TOKEN.match(self._text, self._end)
        if found is None:
            self.fail("this is no part of a formula")
        self.kind, self.word = str(found.lastgroup), found[str(found.lastgroup)]
        self._end = found.end()

    def fail(self, what: str) -> NoReturn:
        """Raise the error that shows the place."""
        rest = self._text[self.place :].strip()[:20]
        where = f"at >{rest}<" if rest else "at its end"
        advice = 'Write for example "2*kT" or "= p3".'
        raise BadParameter("links", self._text, f"{what}, {where}", advice)

    def _take(self, *signs: str) -> str:
        """Return the next sign and step over it, if it is one of these."""
        if self.kind != "sign" or self.word not in signs:
            return ""
        sign = self.word
        self._next()
        return sign

    def sum(self) -> Formula:
        """Read terms."""
        total = self._product()
        while sign := self._take("+", "-"):
            total = _operation(sign, total, self._product())
        return total

    def _product(self) -> Formula:
        result = self._sign()
        while sign := self._take("*", "/"):
            result = _operation(sign, result, self._sign())
        return result

    def _sign(self) -> Formula:
        if self._take("-"):
            inner = self._sign()
            return lambda values: -inner(values)
        base = self._value()
        return _operation("^", base, self._sign()) if self._take("^") else base

    def _value(self) -> Formula:
        if self.kind == "number":
            number = float(self.word)
            self._next()
            return lambda _values: number
        if self.kind == "name":
            index = self._find(self.word)
            self.used.append(index)
            self._next()
            return lambda values: float(values[index])
        if not self._take("("):
            self.fail("a number or a parameter is missing")
        inner = self.sum()
        if not self._take(")"):
            self.fail('a ")" is missing')
        return inner


def _operation(sign: str, left: Formula, right: Formula) -> Formula:
    match sign:
        case "+":
            return lambda values: left(values) + right(values)
        case "-":
            return lambda values: left(values) - right(values)
        case "*":
            return lambda values: left(values) * right(values)
        case "/":
            return lambda values: _quotient(left(values), right(values))
        case _:
            return lambda values: _power(left(values), right(values))


def _quotient(above: float, below: float) -> float:
    return above / below if below else nan


def _power(base: float, exponent: float) -> float:
    try:
        result = base**exponent
    except (OverflowError, ZeroDivisionError):
        return nan
    return result if isinstance(result, float) else nan
