"""The tables of the simulated mission: CSV files beside the code, with comments after "#"."""

from __future__ import annotations

import csv
from importlib.resources import files


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a table by the names of its columns."""
    resource = files("oda_widgets.archive.simulated") / name
    lines = resource.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
