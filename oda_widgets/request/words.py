"""Short texts about values, for `repr`: one line each, whatever names came from outside."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from oda_widgets.errors import printable

_LONGEST_NAME = 40


def one_line(text: str, longest: int = _LONGEST_NAME) -> str:
    r"""Return text on one line: control characters as blanks, cut to a length.

    Examples
    --------
    >>> one_line("a name\nof two lines")
    'a name of two lines'
    """
    line = printable(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def listed(names: Iterable[str], most: int) -> str:
    """Return the first names of a list and the number of the others.

    Examples
    --------
    >>> listed(["Crab", "Vela X-1", "Cyg X-1"], most=2)
    'Crab, Vela X-1 and 1 more'
    """
    lines = [one_line(name) for name in names]
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return f"{', '.join(lines[:most])}{more}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right number.

    Examples
    --------
    >>> counted(1, "source"), counted(12, "science window")
    ('1 source', '12 science windows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def with_error(value: float, error: float) -> str:
    """Return a value with its error, both to two digits of the error.

    Examples
    --------
    >>> with_error(168.94, 1.153)
    '168.9 ± 1.2'
    """
    if not (isfinite(value) and isfinite(error) and error > 0):
        return f"{value:.4g} ± {error:.2g}"
    decimals = max(0, 1 - int(f"{error:e}".partition("e")[2]))
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"
