"""Format values as short texts, one line each, for prints, tables and figures."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from oda_widgets.errors import printable

_LONGEST_NAME = 40
_SMALLEST, _LARGEST = -3, 5  # powers of ten of numbers written without a power
_MOST_DIGITS = 6  # of a number without an error
_NEGLIGIBLE = 1e-3  # of the larger error: a smaller one does not set the decimals
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def one_line(text: str, longest: int = _LONGEST_NAME) -> str:
    r"""Return text on one line, cut to a length; control characters become blanks.

    Examples
    --------
    >>> one_line("a name\nof two lines")
    'a name of two lines'
    """
    line = printable(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def listed(names: Iterable[str], most: int) -> str:
    """Return the first names of a list, and the number of further ones.

    Examples
    --------
    >>> listed(["Crab", "Vela X-1", "Cyg X-1"], most=2)
    'Crab, Vela X-1 and 1 more'
    """
    lines = [one_line(name) for name in names]
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return f"{', '.join(lines[:most])}{more}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, singular or plural.

    Examples
    --------
    >>> counted(1, "source"), counted(12, "science window")
    ('1 source', '12 science windows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def any_of(number: int, what: str) -> str:
    """Return text such as "3 new"; empty for 0."""
    return f"{number} {what}" if number else ""


def with_error(value: float, error: float) -> str:
    """Return a value with its error, both to two digits of the error.

    Examples
    --------
    >>> with_error(168.94, 1.153), with_error(1.28e-8, 2e-10)
    ('168.9 ± 1.2', '(1.280 ± 0.020) × 10⁻⁸')
    """
    if not (isfinite(value) and isfinite(error) and error > 0):
        return f"{value:.4g} ± {error:.2g}" if isfinite(error) else f"{value:.4g} ± ?"
    return with_errors(value, error, error)


def with_errors(value: float, minus: float, plus: float) -> str:
    """Return a value with its errors, all to two digits of the smaller error.

    If one error is thousands of times the other and the value, each has its own power of ten.

    Parameters
    ----------
    value
        The number.
    minus, plus
        Distances to the ends of its interval; NaN if unknown.

    Examples
    --------
    >>> with_errors(26.0, 8, 12), with_errors(2.0, 0.1, 0.1)
    ('26.0 −8.0 +12.0', '2.00 ± 0.10')
    >>> with_errors(3.1e5, 2.2e5, 1.2e15)
    '310,000 −220,000 +1.2 × 10¹⁵'
    """
    if unlike(value, minus, plus):
        return f"{in_words(value)} −{in_words(minus, 2)} +{in_words(plus, 2)}"
    (text, low, high), power = rounded_together(value, minus, plus)
    if low or high:
        low, high = low or "?", high or "?"
        text += f" ± {low}" if low == high else f" −{low} +{high}"
    if not power:
        return text
    return f"{f'({text})' if low or high else text} × {power_of_ten(power)}"


def unlike(value: float, minus: float, plus: float) -> bool:
    """Return whether a value vanishes if rounded to the digits of its larger error.

    Examples
    --------
    >>> unlike(3.1e5, 2.2e5, 1.2e15), unlike(26.0, 8, 12)
    (True, False)
    """
    if not (isfinite(minus) and isfinite(plus) and min(minus, plus) > 0):
        return False
    least = max(minus, plus) * _NEGLIGIBLE
    return 0 < abs(value) < least and min(minus, plus) < least


def in_words(value: float, digits: int | None = None) -> str:
    """Return a number as text, with a power of ten if large or small.

    Parameters
    ----------
    value
        The number.
    digits
        Significant digits; None for as many as the number has, at most six.

    Examples
    --------
    >>> in_words(500.0), in_words(1e24), in_words(-2.5e-7), in_words(1234.5, 2)
    ('500', '10²⁴', '-2.5 × 10⁻⁷', '1,200')
    """
    if not isfinite(value):
        return str(value)
    rounded = float(f"{value:.{(digits or _MOST_DIGITS) - 1}e}")
    power = int(f"{rounded:e}".partition("e")[2]) if rounded else 0
    if _SMALLEST <= power <= _LARGEST:
        decimals = max(0, (digits or _MOST_DIGITS) - 1 - power)
        text = f"{rounded:,.{decimals}f}"
        return text if digits or "." not in text else text.rstrip("0").rstrip(".")
    factor = f"{rounded / 10.0**power:.{(digits or _MOST_DIGITS) - 1}f}"
    factor = factor if digits else factor.rstrip("0").rstrip(".")
    return power_of_ten(power) if factor == "1" else f"{factor} × {power_of_ten(power)}"


def significance_text(value: float) -> str:
    """Return a significance to one decimal; empty if it was not measured.

    Examples
    --------
    >>> significance_text(30.94), significance_text(float("nan"))
    ('30.9', '')
    """
    return f"{value:.1f}" if isfinite(value) else ""


def degrees_texts(ra: float, dec: float) -> tuple[str, str]:
    """Return right ascension and declination in degrees, to a third of an arcsecond.

    Examples
    --------
    >>> degrees_texts(83.63312, 5.4)
    ('83.6331', '+5.4000')
    """
    return f"{ra:.4f}", f"{dec:+.4f}"


def seconds_text(seconds: float) -> str:
    """Return an exposure in whole seconds.

    Examples
    --------
    >>> seconds_text(12345.6)
    '12,346 s'
    """
    return f"{seconds:,.0f} s"


def channels_text(low: float, high: float) -> str:
    """Return the energy range of channels, keV, to four digits.

    Examples
    --------
    >>> channels_text(17.31234, 1030.0)
    '17.31–1030 keV'
    """
    return f"{low:.4g}–{high:.4g} keV"


def typeset(text: str) -> str:
    """Return numbers for a figure, with typographic minus signs; text to copy keeps "-".

    Examples
    --------
    >>> typeset("-1.3 ± 0.2")
    '−1.3 ± 0.2'
    """
    return text.replace("-", "\N{MINUS SIGN}")


def rounded_together(value: float, *errors: float) -> tuple[list[str], int]:
    """Return a value and its errors with the same decimals, and their common power of ten.

    The smallest error has two significant digits, or all digits before the decimal point. The power
    is 0 for numbers that are neither large nor small.

    Parameters
    ----------
    value
        The number.
    errors
        Errors, 0 or more; NaN becomes "". If none is above 0, the value has six digits.
    """
    least = max((error for error in errors if isfinite(error)), default=0.0) * _NEGLIGIBLE
    known = [error for error in errors if isfinite(error) and error > least]
    largest = max([abs(value), *known])
    power = _exponent(largest) if isfinite(largest) else 0
    power = 0 if _SMALLEST <= power <= _LARGEST else power
    scale = 10.0**power
    if not known:
        return [f"{value / scale:.6g}", *("" for _ in errors)], power
    decimals = max(0, 1 + power - _exponent(min(known)))
    texts = [f"{one / scale:,.{decimals}f}" if isfinite(one) else "" for one in errors]
    return [f"{value / scale:,.{decimals}f}", *texts], power


def power_of_ten(power: int) -> str:
    """Return a power of ten as text, "10⁻⁸"."""
    return "10" + str(power).translate(_RAISED)


def _exponent(number: float) -> int:
    """Return the power of ten of a number rounded to two digits; 0 for 0."""
    return int(f"{number:.1e}".partition("e")[2])
