"""Read units as files spell them, and convert values by `astropy.units`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np
from astropy import units as u
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.columns import column_position, floats_or, needed_floats

_FORMATS = ("fits", "ogip", "generic", "vounit", "cds")
# Spellings in files that no format of astropy reads, in lower case.
_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "kev": "keV",
        "mev": "MeV",
        "gev": "GeV",
        "tev": "TeV",
        "ev": "eV",
        "angstroms": "Angstrom",
        "sec": "s",
        "secs": "s",
        "second": "s",
        "seconds": "s",
        "day": "d",
        "days": "d",
        "hr": "h",
        "hrs": "h",
        "hours": "h",
        "minutes": "min",
        "years": "yr",
        "degree": "deg",
        "degrees": "deg",
        "degr": "deg",
        "radian": "rad",
        "radians": "rad",
        "arcsecs": "arcsec",
        "arcseconds": "arcsec",
        "arcsecond": "arcsec",
        "arcmins": "arcmin",
        "arcminute": "arcmin",
        "arcminutes": "arcmin",
        "h:m:s": "hourangle",
        "d:m:s": "deg",
        "cps": "ct/s",
        "cm2": "cm**2",
        "cm^2": "cm**2",
        "m2": "m**2",
        "m^2": "m**2",
    }
)
_SEXAGESIMAL: Mapping[str, u.UnitBase] = MappingProxyType(
    {"h m s": u.hourangle, "hms": u.hourangle, "d m s": u.deg, "dms": u.deg}
)
_COUNTS = ("counts", "count", "cnts", "cts", "ct", "cnt", "c")
_SECONDS = ("seconds", "second", "secs", "sec", "s")
_LONGEST = 120  # characters of a unit; those of astronomy have at most 60
_LARGEST_POWER, _LARGEST_PRODUCT = 99, 10_000
_MOST_DIGITS = 20
# A number that astropy may read as an exponent: after **, ^, a sign, a letter or a bracket.
_POWER = re.compile(r"(?:\*\*|\^|[-+]|(?<=[A-Za-z)\]]))[\s(]*[-+]?\s*(\d+)", re.ASCII)
_NO_UNIT = frozenset({"", "none", "unknown", "no units", "string"})
_PERCENT = frozenset({"%", "percent", "per cent"})
COUNT_RATE = u.ct / u.s


def unit_of(text: Any, what: str) -> u.UnitBase | None:
    """Return the unit that a file states, or ``None`` if it states none.

    Parameters
    ----------
    text
        Unit as in the file.
    what
        Name of the quantity for the message.

    Raises
    ------
    DamagedFile
        If astropy does not know the unit.
    """
    if isinstance(text, u.UnitBase) and not isinstance(text, u.UnrecognizedUnit):
        return text
    name = str("" if text is None else text).strip().strip('"[]').strip()
    if name.lower() in _NO_UNIT:
        return None
    check_unit(name, what)
    lower = name.lower()
    if lower in _SEXAGESIMAL:  # astropy would read hours times metres times seconds
        return _SEXAGESIMAL[lower]
    for spelling in (_count_rate(lower) or name, _SPELLINGS.get(lower, name), lower):
        unit = _parsed(spelling)
        if unit is not None:
            return unit
    problem = f"The unit of {what} is {shorten(name)}, which astropy does not know."
    raise DamagedFile(problem, "Correct its unit in the file.")


def check_unit(text: str, what: str) -> None:
    """Check that astropy can parse a unit quickly; 10**(1000000000) s would take hours.

    All units from files must be checked here before astropy reads them.

    Raises
    ------
    DamagedFile
        If it is too long, or its exponents are too large.
    """
    powers = [number for number in _POWER.findall(text) if number.strip("0")]
    if (
        len(text) <= _LONGEST
        and not re.search(rf"\d{{{_MOST_DIGITS + 1}}}", text)
        and all(len(number.lstrip("0")) <= len(str(_LARGEST_POWER)) for number in powers)
        and prod(map(int, powers)) <= _LARGEST_PRODUCT
    ):
        return
    problem = f"The unit of {what} is {shorten(text)}, which is no unit of a measurement."
    advice = f"Give one of {_LONGEST} characters at most, with exponents up to {_LARGEST_POWER}."
    raise DamagedFile(problem, advice)


def unread_unit(text: Any) -> u.UnitBase | None:
    """Return a unit of a table without interpreting it; `unit_of` reads it when needed."""
    name = str("" if text is None else text).strip()
    return u.UnrecognizedUnit(name[: _LONGEST + 1]) if name else None


def converted(values: Any, stated: Any, wanted: Any, what: str) -> Floats:
    """Return numbers in the wanted unit, which is assumed if none is stated.

    Energies may be stated as wavelengths or frequencies.

    Raises
    ------
    DamagedFile
        If the stated unit is unknown or measures something else.
    """
    numbers = np.asarray(values, dtype=np.float64)
    unit, target = unit_of(stated, what), u.Unit(wanted)
    if unit is None or unit == target:
        return numbers
    try:
        with np.errstate(divide="ignore"):
            return np.asarray(unit.to(target, numbers, equivalencies=_equivalent(target)))
    except u.UnitConversionError:
        problem = f"The unit of {what} is {shorten(str(stated))}, which is not one of {target}."
        raise DamagedFile(problem, f"Give a file with {what} in {target}.") from None


def column_unit(table: fits.BinTableHDU, name: str) -> Any:
    """Return the unit of a column as its table states it (TUNIT)."""
    position = column_position(table, name)
    return table.columns[position - 1].unit if position else None


def floats_in(
    table: fits.BinTableHDU, name: str, wanted: Any, default: Any = None, *, lists: bool = False
) -> Floats:
    """Return a column of numbers in a unit.

    Parameters
    ----------
    table, name
        Table and column of the numbers.
    wanted
        Unit of the result.
    default
        Unit to assume if the table states none; by default the wanted one.
    lists
        True if a row may hold several numbers.
    """
    stated = column_unit(table, name) or default
    return converted(needed_floats(table, name, lists=lists), stated, wanted, f"the column {name}")


def is_column_in(table: fits.BinTableHDU, name: str, wanted: Any) -> bool:
    """Return whether a table has a column whose unit is convertible to another, or not stated."""
    if not column_position(table, name):
        return False
    unit = unit_of(column_unit(table, name), f"the column {name}")
    return unit is None or bool(unit.is_equivalent(u.Unit(wanted)))


def fractions_or(table: fits.BinTableHDU, name: str, default: float) -> Floats:
    """Return fractions from a column or keyword, or a default; per cent are converted."""
    return floats_or(table, name, default) / percent_of(table, name)


def percent_of(table: fits.BinTableHDU, name: str) -> float:
    """Return 100 for a column in per cent, else 1."""
    stated = str(column_unit(table, name) or "").strip().lower()
    return 100.0 if stated in _PERCENT else 1.0


def _equivalent(target: u.UnitBase) -> Any:
    if target.is_equivalent(u.eV):
        return u.spectral()
    if target == u.cm**2:  # counts per photon have no unit
        return [(u.cm**2 * u.ct / u.ph, u.cm**2)]
    # Counts have no unit: files also write "s-1" and "Hz" for their rates.
    return [(u.Hz, COUNT_RATE)] if target == COUNT_RATE else []


def _parsed(name: str) -> u.UnitBase | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about deprecated units, which astropy understands
        for unit_format in _FORMATS:
            with suppress(ValueError, TypeError):
                return u.Unit(name, format=unit_format, parse_strict="raise")
    return None


def _count_rate(name: str) -> str | None:
    """Return "ct/s" for all spellings of a count rate, else None."""
    parts = name.replace(" ", "").split("/")
    if len(parts) == 1:
        parts = [
            part.removesuffix("-1") for part in name.replace("**", "").replace("^", "").split()
        ]
    per_second = len(parts) == 2 and parts[0] in _COUNTS and parts[1] in _SECONDS
    return "ct/s" if per_second else None
