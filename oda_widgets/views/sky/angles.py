"""Angles as astronomers write them."""

from __future__ import annotations


def ra_text(degrees: float, decimals: int = 1) -> str:
    """Return a right ascension as ``19h 34m 55.6s``."""
    hours, minutes, seconds = _sexagesimal((degrees % 360) / 15, decimals)
    return f"{hours % 24:02d}h {minutes:02d}m {seconds}s"


def dec_text(degrees: float, decimals: int = 0) -> str:
    """Return a declination as ``+21° 53′ 48″``."""
    sign = "\N{MINUS SIGN}" if degrees < 0 else "+"
    whole, minutes, seconds = _sexagesimal(abs(degrees), decimals)
    return f"{sign}{whole:02d}° {minutes:02d}\N{PRIME} {seconds}\N{DOUBLE PRIME}"


def short_ra_text(degrees: float, step: float) -> str:
    """Return a right ascension with as many units as a grid of `step` degrees needs."""
    needs_seconds = step < 15 / 60 - 1e-9
    hours, minutes, seconds = _sexagesimal((degrees % 360) / 15, 0)
    text = f"{hours % 24:d}h" if step >= 15 - 1e-9 else f"{hours % 24:d}h{minutes:02d}m"
    return f"{text}{seconds}s" if needs_seconds else text


def short_dec_text(degrees: float, step: float) -> str:
    """Return a declination with as many units as a grid of `step` degrees needs."""
    sign = "\N{MINUS SIGN}" if degrees < -1e-9 else "+"
    whole, minutes, seconds = _sexagesimal(abs(degrees), 0)
    text = f"{sign}{whole:d}°"
    if step < 1 - 1e-9:
        text += f"{minutes:02d}\N{PRIME}"
    return f"{text}{seconds}\N{DOUBLE PRIME}" if step < 1 / 60 - 1e-9 else text


def degrees_text(degrees: float, step: float) -> str:
    """Return decimal degrees with as many digits as a grid of `step` degrees needs."""
    decimals = next((n for n in range(6) if abs(step * 10**n - round(step * 10**n)) < 1e-6), 6)
    text = f"{round(degrees, decimals) + 0.0:.{decimals}f}°"  # no minus sign before zero
    return text.replace("-", "\N{MINUS SIGN}")


def _sexagesimal(value: float, decimals: int) -> tuple[int, int, str]:
    """Split into whole, minutes and seconds after rounding, so that no ``60`` can appear."""
    units = round(value * 3600 * 10**decimals)
    whole, rest = divmod(units, 3600 * 10**decimals)
    minutes, seconds = divmod(rest, 60 * 10**decimals)
    width = 3 + decimals if decimals else 2
    return whole, minutes, f"{seconds / 10**decimals:0{width}.{decimals}f}"
