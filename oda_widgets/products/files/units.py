"""Units as files spell them, converted by `astropy.units`."""

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
# What files write and no format of astropy's reads, in lower case.
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
_SIXTIETHS: Mapping[str, u.UnitBase] = MappingProxyType(
    {"h m s": u.hourangle, "hms": u.hourangle, "d m s": u.deg, "dms": u.deg}
)
_COUNTS = ("counts", "count", "cnts", "cts", "ct", "cnt", "c")
_SECONDS = ("seconds", "second", "secs", "sec", "s")
_LONGEST = 120  # characters of a unit; those of astronomy have at most 60
_LARGEST_POWER, _LARGEST_PRODUCT = 99, 10_000
_MOST_DIGITS = 20
# A number that astropy may take for an exponent: behind **, ^, a sign, a letter or a bracket.
_POWER = re.compile(r"(?:\*\*|\^|[-+]|(?<=[A-Za-z)\]]))[\s(]*[-+]?\s*(\d+)", re.ASCII)
_NO_UNIT = frozenset({"", "none", "unknown", "no units", "string"})
_PERCENT = frozenset({"%", "percent", "per cent"})
COUNT_RATE = u.ct / u.s


def unit_of(text: Any, what: str) -> u.UnitBase | None:
    """Return the unit that a file states, or ``None`` if it states none.

    Parameters
    ----------
    text
        As it stands in the file.
    what
        Name of the quantity, for the message.

    Raises
    ------
    DamagedFile
        If astropy knows no such unit.
    """
    if isinstance(text, u.UnitBase) and not isinstance(text, u.UnrecognizedUnit):
        return text
    name = str("" if text is None else text).strip().strip('"[]').strip()
    if name.lower() in _NO_UNIT:
        return None
    check_unit(name, what)
    lower = name.lower()
    if lower in _SIXTIETHS:  # before astropy reads hours times metres times seconds
        return _SIXTIETHS[lower]
    for spelling in (_count_rate(lower) or name, _SPELLINGS.get(lower, name), lower):
        unit = _parsed(spelling)
        if unit is not None:
            return unit
    problem = f"The unit of {what} is {shorten(name)}, which astropy does not know."
    raise DamagedFile(problem, "Correct its unit in the file.")


def check_unit(text: str, what: str) -> None:
    """Refuse a unit that would be computed, for hours: 10**(1000000000) s.

    What astropy reads as a unit it must have passed here.

    Raises
    ------
    DamagedFile
        If it is long, or its exponents are large.
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
    """Return a unit as it stands in a table, for `unit_of` to read when it is needed."""
    name = str("" if text is None else text).strip()
    return u.UnrecognizedUnit(name[: _LONGEST + 1]) if name else None


def converted(values: Any, stated: Any, wanted: Any, what: str) -> Floats:
    """Return numbers in another unit; those without a unit are taken to have the wanted one.

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
        Where the numbers are.
    wanted
        Unit of the result.
    default
        Unit where the table states none; the wanted one by default.
    lists
        Whether a row may hold several.
    """
    stated = column_unit(table, name) or default
    return converted(needed_floats(table, name, lists=lists), stated, wanted, f"the column {name}")


def is_column_in(table: fits.BinTableHDU, name: str, wanted: Any) -> bool:
    """Return whether a table has a column whose unit measures what another does, or is not said."""
    if not column_position(table, name):
        return False
    unit = unit_of(column_unit(table, name), f"the column {name}")
    return unit is None or bool(unit.is_equivalent(u.Unit(wanted)))


def fractions_or(table: fits.BinTableHDU, name: str, default: float) -> Floats:
    """Return a column or keyword of fractions, or a default; those in per cent are converted."""
    return floats_or(table, name, default) / percent_of(table, name)


def percent_of(table: fits.BinTableHDU, name: str) -> float:
    """Return 100 for a column in per cent, else 1."""
    stated = str(column_unit(table, name) or "").strip().lower()
    return 100.0 if stated in _PERCENT else 1.0


def _equivalent(target: u.UnitBase) -> Any:
    if target.is_equivalent(u.eV):
        return u.spectral()
    if target == u.cm**2:  # of each photon, that many counts
        return [(u.cm**2 * u.ct / u.ph, u.cm**2)]
    # Counts are a number: files write "s-1" and "Hz" for their rates.
    return [(u.Hz, COUNT_RATE)] if target == COUNT_RATE else []


def _parsed(name: str) -> u.UnitBase | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated units are understood all the same
        for unit_format in _FORMATS:
            with suppress(ValueError, TypeError):
                return u.Unit(name, format=unit_format, parse_strict="raise")
    return None


def _count_rate(name: str) -> str | None:
    """Return the unit of a count rate, of which files have many spellings."""
    parts = name.replace(" ", "").split("/")
    if len(parts) == 1:
        parts = [
            part.removesuffix("-1") for part in name.replace("**", "").replace("^", "").split()
        ]
    per_second = len(parts) == 2 and parts[0] in _COUNTS and parts[1] in _SECONDS
    return "ct/s" if per_second else None
