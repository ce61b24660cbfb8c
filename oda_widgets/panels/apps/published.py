"""Published numbers, and the truth of the simulated sky, beside the numbers of an app."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

from oda_widgets.errors import DamagedFile
from oda_widgets.fitting.errors.profile import ONE_SIGMA, rise
from oda_widgets.panels.apps.estimate import Estimate

LIMIT = 3.0
"""Deviations beyond so many sigma are marked."""

_UNKNOWN = Estimate(nan)
_NUMBERS = ("truth", "published", "minus", "plus")
_WORDS = ("figure", "quantity", "unit", "source")
_COLUMNS = ("figure", "quantity", "unit", *_NUMBERS, "source")  # and, if wanted, level and note


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
        Why our number may differ, a sentence.
    """

    figure: str
    quantity: str
    unit: str = ""
    truth: float = nan
    published: Estimate = _UNKNOWN
    source: str = ""
    level: float = ONE_SIGMA
    note: str = ""

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
    """A number of an app beside what is known of it.

    Parameters
    ----------
    reference
        What is known.
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


def read_references(path: Path) -> dict[tuple[str, str], Reference]:
    """Return the references of a file by figure and quantity; none if there is no such file.

    Raises
    ------
    DamagedFile
        If a column is missing, or a cell holds text where a number belongs.
    """
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    try:
        found = [_reference(row) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        advice = f"Give it the columns {', '.join(_COLUMNS)}, with numbers or nothing."
        raise DamagedFile(f"{path} cannot be read ({error}).", advice) from error
    return {(one.figure, one.quantity): one for one in found}


def compared(
    figure: str,
    values: Mapping[str, Estimate],
    references: Mapping[tuple[str, str], Reference],
) -> Iterator[Comparison]:
    """Iterate over the numbers of a figure, each with what is known of it, if anything."""
    for quantity, ours in values.items():
        known = references.get((figure, quantity), Reference(figure, quantity))
        yield Comparison(known, ours)


def _reference(row: Mapping[str, str]) -> Reference:
    truth, *published = (float(row[name] or nan) for name in _NUMBERS)
    words = {name: row[name] or "" for name in _WORDS}
    level, note = float(row.get("level") or ONE_SIGMA), row.get("note") or ""
    return Reference(truth=truth, published=Estimate(*published), level=level, note=note, **words)
