"""The rows of the validation table: a metric, its limit, the number reached, the verdict."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

BUILD = Path(__file__).parents[2] / "build"
RESULTS = BUILD / "validation.json"
RECOVERIES = BUILD / "recoveries.json"  # of as many drawn spectra as ODA_WIDGETS_TEST_DRAWS says


@dataclass(frozen=True)
class Row:
    """One number reached.

    Parameters
    ----------
    metric
        What was measured, and on what.
    limit
        What it may be, in words.
    reached
        What it is, in words.
    passed
        Whether it is within the limit.
    """

    metric: str
    limit: str
    reached: str
    passed: bool


@dataclass
class Table:
    """Rows under one heading; leaving it as a context fails if a row misses its limit."""

    heading: str
    rows: list[Row] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            missed = [
                f"{row.metric}: {row.reached}, not {row.limit}"
                for row in self.rows
                if not row.passed
            ]
            assert not missed, "; ".join(missed)

    def between(self, metric: str, value: float, low: float, high: float) -> None:
        """Note a number that must lie between two others."""
        self._add(metric, f"{low:g} to {high:g}", value, passed=low <= value <= high)

    def below(self, metric: str, value: float, limit: float) -> None:
        """Note a number that may not exceed another."""
        self._add(metric, f"≤ {limit:g}", value, passed=value <= limit)

    def above(self, metric: str, value: float, limit: float) -> None:
        """Note a number that must reach another."""
        self._add(metric, f"≥ {limit:g}", value, passed=value >= limit)

    def near_zero(self, metric: str, value: float, limit: float) -> None:
        """Note a number whose size may not exceed another."""
        self._add(metric, f"± {limit:g}", value, passed=abs(value) <= limit)

    def _add(self, metric: str, limit: str, value: float, *, passed: bool) -> None:
        # A comparison with NaN is false, so what could not be measured has not passed.
        self.rows.append(Row(metric, limit, f"{value:.4g}", bool(passed)))


def save(tables: list[Table], path: Path = RESULTS) -> None:
    """Write tables; those of the same heading in the file are replaced, others stay."""
    saved = {table.heading: table for table in load(path)} | {t.heading: t for t in tables}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(table) for table in saved.values()], indent=1, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def load(path: Path = RESULTS) -> list[Table]:
    """Return the tables of a file; none when there is no file."""
    if not path.exists():
        return []
    return [
        Table(table["heading"], [Row(**row) for row in table["rows"]])
        for table in json.loads(path.read_text(encoding="utf-8"))
    ]
