"""Published numbers, and the truth of the simulated sky, beside the numbers of an app."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from pathlib import Path
from typing import Any

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.fitting.errors.profile import ONE_SIGMA, rise
from oda_widgets.panels.apps.estimate import Estimate

LIMIT = 3.0
"""Deviations beyond so many sigma are marked."""

_UNKNOWN = Estimate(nan)
_NUMBERS = ("truth", "published", "minus", "plus")
_WORDS = ("figure", "quantity", "unit", "source")
_COLUMNS = ("figure", "quantity", "unit", *_NUMBERS, "source")
_OPTIONAL = ("level", "note", "for", "words")

Choices = Mapping[str, Any]


@dataclass(frozen=True)
class Reference:
    """The published number of a quantity, and its true value in the simulated sky.

    Parameters
    ----------
    figure, quantity
        The figure or table of the paper, and the name of the quantity.
    unit
        Of all numbers; may be empty.
    truth
        Value that the simulated sky was made with; NaN without one.
    published
        Published number; NaN if nothing was published.
    source
        Where it is published.
    level
        Confidence of the published interval, a fraction.
    note
        Why our number may differ, a sentence; "{windows}" in it stands for that choice.
    holds_for
        The choices of the app, as text, for which all this holds; empty for any.
    words
        What the quantity is called on the page; its name if this is empty.
    """

    figure: str
    quantity: str
    unit: str = ""
    truth: float = nan
    published: Estimate = _UNKNOWN
    source: str = ""
    level: float = ONE_SIGMA
    note: str = ""
    holds_for: Mapping[str, str] = field(default_factory=dict)
    words: str = ""

    def holds(self, choices: Choices) -> bool:
        """Return whether this applies to some choices of the app."""
        return all(str(choices.get(name)) == value for name, value in self.holds_for.items())

    def with_choices(self, choices: Choices) -> Reference:
        """Return the same with the values of the choices in its note."""
        note = self.note
        for name, value in choices.items():
            note = note.replace(f"{{{name}}}", str(value))
        return replace(self, note=note)

    @property
    def published_sigma(self) -> Estimate:
        """The published number with errors of 1 sigma.

        Those of another confidence are divided by the factor that a normal distribution has:
        1.645 for 90 %.
        """
        value, minus, plus = self.published
        factor = rise(self.level) ** 0.5
        return Estimate(value, minus / factor, plus / factor)


@dataclass(frozen=True)
class Comparison:
    """A number of an app beside its reference.

    Parameters
    ----------
    reference
        Published number and truth.
    ours
        The number of the app.
    """

    reference: Reference
    ours: Estimate

    @property
    def from_truth(self) -> float:
        """Deviation from the truth of the simulated sky, sigma; NaN without a truth."""
        return self.ours.deviation_from(Estimate(self.reference.truth))

    @property
    def from_published(self) -> float:
        """Deviation from the published number, sigma; NaN if nothing was published."""
        return self.ours.deviation_from(self.reference.published_sigma)

    @property
    def judged(self) -> float:
        """The deviation that counts: from the truth; without one, from the published number."""
        return self.from_truth if isfinite(self.reference.truth) else self.from_published

    @property
    def missed(self) -> bool:
        """Whether the deviation that counts is beyond 3 sigma."""
        return abs(self.judged) > LIMIT


class References:
    """Reference values for the numbers of an app, each valid for some of its choices.

    Parameters
    ----------
    rows
        Of one quantity there may be several, for different choices.
    """

    def __init__(self, rows: Sequence[Reference] = ()) -> None:
        self.rows = tuple(rows)

    @property
    def quantities(self) -> frozenset[tuple[str, str]]:
        """Figure and name of each quantity."""
        return frozenset((row.figure, row.quantity) for row in self.rows)

    def known(self, figure: str, quantity: str, choices: Choices) -> Reference:
        """Return the first row of a quantity that holds for some choices.

        Without one, return a row with its unit and its words only.
        """
        rows = [row for row in self.rows if (row.figure, row.quantity) == (figure, quantity)]
        for row in rows:
            if row.holds(choices):
                return row.with_choices(choices)
        first = rows[0] if rows else Reference(figure, quantity)
        return Reference(figure, quantity, first.unit, words=first.words)


def read_references(path: Path) -> References:
    """Return the references of a file; none if there is no such file.

    Its column "for", if it has one, says for which choices a row holds: "windows=50", or
    "model=western; windows=44".

    Raises
    ------
    DamagedFile
        If a column is missing, a cell holds text where a number belongs, or it is no text.
    """
    if not path.is_file():
        return References()
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        return References([_reference(row) for row in rows])
    except UnicodeDecodeError as error:
        problem = f"{path} is no text in UTF-8 (byte {error.start} is {error.object[error.start]})."
        raise DamagedFile(problem, "Save it as text in UTF-8.") from error
    except (KeyError, TypeError, ValueError, OSError, csv.Error) as error:
        columns = f"{', '.join(_COLUMNS)} (and {', '.join(_OPTIONAL)}, if wanted)"
        advice = f"Give it the columns {columns}, with numbers or nothing."
        raise DamagedFile(f"{path} cannot be read ({shorten(str(error))}).", advice) from error


def compared(
    figure: str, values: Mapping[str, Estimate], references: References, choices: Choices
) -> Iterator[Comparison]:
    """Iterate over the numbers of a figure, each with its reference for some choices."""
    for quantity, ours in values.items():
        yield Comparison(references.known(figure, quantity, choices), ours)


def _reference(row: Mapping[str, str]) -> Reference:
    truth, *published = (float(row[name] or nan) for name in _NUMBERS)
    words = {name: row[name] or "" for name in _WORDS}
    return Reference(
        truth=truth,
        published=Estimate(*published),
        level=float(row.get("level") or ONE_SIGMA),
        note=row.get("note") or "",
        holds_for=_conditions(row.get("for") or ""),
        words=row.get("words") or "",
        **words,
    )


def _conditions(text: str) -> dict[str, str]:
    """Return the choices in a text such as "model=western; windows=44"."""
    pairs = (one.partition("=") for one in text.split(";") if one.strip())
    found = {name.strip(): value.strip() for name, _, value in pairs}
    if not all(found) or not all(found.values()):
        raise ValueError(f"{text!r} does not say name=value")
    return found
