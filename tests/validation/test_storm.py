"""Every model takes any parameters, alone and from eight threads, and the process lives on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.definitions import definitions
from tests.validation.parallel import over
from tests.validation.results import Table

# 10,000 of each, as the limit of this table has it; fewer for a quick look.
NUMBER = int(os.environ.get("ODA_WIDGETS_TEST_VECTORS", "10000"))
# Where a single evaluation takes up to seconds at the limits of the parameters.
SLOW = {"compbb": 20, "compPS": 50}
LONGEST = 1200  # seconds; what takes longer hangs


def weathered(name: str) -> dict[str, float]:
    """Return the report of a process of its own, or that it died or hung."""
    number = max(NUMBER // SLOW.get(name, 1), 1)
    command = [sys.executable, "-m", "tests.validation.storm", name, str(number)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"vectors": number, "hung": 1.0}
    if done.returncode:
        return {"vectors": number, "died": 1.0}
    report: dict[str, float] = json.loads(done.stdout[done.stdout.index('{"vectors"') :])
    return report


def test_no_model_dies_hangs_or_changes_its_mind(table: Callable[[str], Table]) -> None:
    if not library.available():
        pytest.skip("no XSPEC library here")
    names = list(definitions())
    found = dict(zip(names, over(weathered, names), strict=True))

    def total(what: str) -> float:
        return sum(report.get(what, 0.0) for report in found.values())

    heading = "random parameters, to the limits of the API and beyond, through all models"
    with table(f"{total('vectors'):.0f} {heading}") as row:
        row.below("processes that died", total("died"), 0)
        row.below("processes that hung", total("hung"), 0)
        row.below("values that differ when asked from 8 threads", total("changed"), 0)
        silent = sum(not report.get("answered") for report in found.values())
        row.below("models without any answer", silent, 0)
