"""The rows of the benchmark table: the measurement, its peer and their ratio."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "build" / "benchmark.json"


@dataclass(frozen=True)
class Row:
    """One figure.

    Parameters
    ----------
    subject
        What was measured.
    ours
        Our figure, with its unit.
    against
        The peer, the floor or the limit, with its figure.
    ratio
        Ours over theirs.
    """

    subject: str
    ours: str
    against: str
    ratio: float


@dataclass
class Rows:
    """The figures of one run."""

    rows: list[Row] = field(default_factory=list)

    def note(
        self, subject: str, ours: float, against: str, theirs: float, unit: str = "s"
    ) -> float:
        """Note a figure and its reference; return their ratio."""
        ratio = ours / theirs
        figures = f"{_figure(ours)} {unit}", f"{against}: {_figure(theirs)} {unit}"
        self.rows.append(Row(subject, *figures, ratio))
        return ratio

    def save(self, path: Path = RESULTS) -> None:
        """Write the figures; those of the same subject and peer in the file are replaced."""
        saved = {(row.subject, row.against.split(":")[0]): row for row in load(path)}
        saved |= {(row.subject, row.against.split(":")[0]): row for row in self.rows}
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(row) for row in saved.values()], indent=1, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")


def load(path: Path = RESULTS) -> list[Row]:
    """Return the figures of a file; none when there is no file."""
    if not path.exists():
        return []
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _figure(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
