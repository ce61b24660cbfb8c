"""Read rates of a light curve and their errors, from columns of rates or of counts."""

from __future__ import annotations

import re
import warnings

import numpy as np
from astropy import units as u

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.columns import has_column, needed_floats
from oda_widgets.products.files.light_curve_choice import Choice
from oda_widgets.products.files.units import (
    COUNT_RATE,
    column_unit,
    converted,
    floats_in,
    percent_of,
    unit_of,
)

_ERRORS = (
    "ERROR{number}", "{name}_ERR", "{name}_ERROR", "{name}ERR", "ERR{number}", "ERR_{name}",
    "{name}_STAT_ERR", "ERROR", "ERR_RATE",
)  # fmt: skip
_OF_COUNTS = "STAT_ERR"  # in CIAO, errors of counts if there is a column of counts, else of rates
# Asymmetric errors, which are averaged.
_PAIRS = (
    ("{name}_ERRM", "{name}_ERRP"),
    ("{name}_ERRN", "{name}_ERRP"),
    ("{name}_ERR_NEG", "{name}_ERR_POS"),
    ("{name}_ERR_LO", "{name}_ERR_HI"),
    ("{name}_ERRMINUS", "{name}_ERRPLUS"),
    ("ERROR_NEG", "ERROR_POS"),
    ("ERROR_LO", "ERROR_HI"),
    ("ERRORM", "ERRORP"),
    ("ERRM", "ERRP"),
    ("ERR_NEG", "ERR_POS"),
    ("ERR_LO", "ERR_HI"),
)
# Units "per part of the detector": PCUs of RXTE, areas of BAT.
_EACH = re.compile(
    r"\s*/?\s*(?:/\s*(?:pcu|det(?:ector)?|fpm|cm\s*(?:\*\*|\^)?\s*2)"
    r"|(?:pcu|det|fpm|cm)\s*(?:\*\*|\^)?\s*\(?-[12]\)?)",
    re.IGNORECASE,
)
_ADVICE = "Add a column ERROR, in the unit of the rates, or COUNTS, whose roots they then are."


def rates_of(choice: Choice, seconds: Floats) -> tuple[Floats, Floats, str]:
    """Return rates and errors in counts per second, and the column of the errors.

    Parameters
    ----------
    choice
        Column of rates or counts.
    seconds
        Exposure of each bin, seconds; NaN if not known.

    Raises
    ------
    DamagedFile
        If there are counts without an exposure, or rates without errors.
    """
    table, name = choice.table, choice.column
    exposed = np.where(seconds > 0, seconds, np.nan)
    of_counts = _are_counts(choice)
    if of_counts:
        _need_seconds(seconds)
        counts = choice.of(floats_in(table, name, "ct", lists=True))
        rate = counts / exposed
    else:
        rate = beside(choice, name)
    found = _errors(choice, name)
    if found is not None:
        error, unit, column = found
        if of_counts and not _is_rate(unit):
            return rate, converted(error, unit, "ct", f"the column {column}") / exposed, column
        return rate, _in_rates(error, unit, column, choice), column
    if of_counts:
        return rate, np.sqrt(counts) / exposed, name
    if not has_column(table, "COUNTS") or np.isnan(seconds).all():
        problem = f"The rates in {name} have no errors (no column {name}_ERR, ERROR or the like)."
        raise DamagedFile(problem, _ADVICE)
    counts = _values(choice, "COUNTS")
    with np.errstate(divide="ignore", invalid="ignore"):
        # Corrections of the rates beyond the exposure apply to the errors too.
        ratio = np.where((counts > 0) & (rate > 0), rate / counts, 1 / exposed)
        return rate, np.sqrt(counts) * ratio, "COUNTS"


def beside(choice: Choice, name: str) -> Floats:
    """Return another column of rates, counts per second, for the chosen component.

    Raises
    ------
    DamagedFile
        If its unit cannot be converted, or its rows have another number of values than the rates.
    """
    return _in_rates(_values(choice, name), column_unit(choice.table, name), name, choice)


def fractions_beside(choice: Choice, name: str) -> Floats:
    """Return a column of fractions for the chosen component; it may be common to all."""
    return _values(choice, name) / percent_of(choice.table, name)


def _need_seconds(seconds: Floats) -> None:
    """Check that exposures are known."""
    if len(seconds) and np.isnan(seconds).all():
        problem = "It has counts, and does not say how long its bins are: no rates follow."
        raise DamagedFile(problem, "Add TIMEDEL, in days, to its header.")


def _are_counts(choice: Choice) -> bool:
    """Return whether a column holds counts and not rates, by its unit, or else by its name."""
    unit = column_unit(choice.table, choice.column)
    if _text_of(unit):
        return not _is_rate(unit) and _is_number(unit)
    return choice.column == "COUNTS"


def _is_rate(unit: object) -> bool:
    """Return whether a unit is one of counts per time."""
    known = _known_unit(unit)
    return known is not None and (known.is_equivalent(COUNT_RATE) or known.is_equivalent(u.Hz))


def _is_number(unit: object) -> bool:
    """Return whether a unit is one of counts."""
    known = _known_unit(unit)
    return known is not None and known.is_equivalent(u.ct)


def _known_unit(unit: object) -> u.UnitBase | None:
    try:
        return unit_of(_EACH.sub("", _text_of(unit)), "the column")
    except DamagedFile:
        return None


def _text_of(unit: object) -> str:
    """Return a unit as text, as in the file."""
    return "" if unit is None else str(unit).strip()


def _errors(choice: Choice, name: str) -> tuple[Floats, object, str] | None:
    """Return errors as stored, with their unit and column; None if there is no such column."""
    number = re.sub(r"^\D*", "", name)
    table = choice.table
    known = [pattern.format(name=name, number=number) for pattern in _ERRORS]
    if name == "COUNTS" or not has_column(table, "COUNTS"):
        known.append(_OF_COUNTS)
    single = next((column for column in known if has_column(table, column)), None)
    if single is not None:
        unit = column_unit(table, single) or column_unit(table, name)
        return _values(choice, single), unit, single
    for pair in _PAIRS:
        low, high = (pattern.format(name=name) for pattern in pair)
        if has_column(table, low) and has_column(table, high):
            text = f"Of the errors {low} and {high} of both sides the mean is taken."
            warnings.warn(text, FileWarning, stacklevel=6)
            unit = column_unit(table, low) or column_unit(table, name)
            both = np.abs(_values(choice, low)), np.abs(_values(choice, high))
            return (both[0] + both[1]) / 2, unit, f"{low} and {high}"
    return None


def _in_rates(values: Floats, unit: object, column: str, choice: Choice) -> Floats:
    """Return values in counts per second; rates per detector or area are not multiplied."""
    text = _text_of(unit)
    plain = _EACH.sub("", text).strip()
    if plain != text and _is_rate(plain):
        if column == choice.column:
            words = (
                f"{column} is in {text}: its rates are drawn and averaged as they stand, and times "
                "the exposure they make no counts."
            )
            warnings.warn(words, FileWarning, stacklevel=6)
        unit = plain
    return converted(values, unit, COUNT_RATE, f"the column {column}")


def _values(choice: Choice, name: str) -> Floats:
    """Return the values of another column for the chosen component.

    Raises
    ------
    DamagedFile
        If its rows have another number of values than the rates.
    """
    values = needed_floats(choice.table, name, lists=True)
    rates = needed_floats(choice.table, choice.column, lists=True)
    shared = values.ndim == 1 and name.upper() in {"FRACEXP", "EXPOSURE"}
    if values.shape != rates.shape and not shared:
        here, there = (array.size // max(len(array), 1) for array in (values, rates))
        problem = f"The column {name} has {here} values in each row, {choice.column} has {there}."
        raise DamagedFile(problem, f"Give {name} as many values as {choice.column}.")
    return choice.of(values)
