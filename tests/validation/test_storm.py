"""Every model takes any parameters, alone and from eight threads, and the process lives on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from oda_widgets.fit import library
from oda_widgets.fit.definitions import definitions
from tests.validation.parallel import over
from tests.validation.results import Table

NUMBER = int(os.environ.get("ODA_WIDGETS_VECTORS", "10000"))
# Where a single evaluation takes up to seconds at the limits of the parameters.
SLOW = {"compbb": 20, "compPS": 50}


def weathered(name: str) -> dict[str, float]:
    """Return what a process of its own reports; fails if it died."""
    number = max(NUMBER // SLOW.get(name, 1), 1)
    command = [sys.executable, "-m", "tests.validation.storm", name, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"vectors": number, "died": 1.0}
    report: dict[str, float] = json.loads(done.stdout[done.stdout.index('{"vectors"') :])
    return report


def test_no_model_dies_hangs_or_changes_its_mind(table: Callable[[str], Table]) -> None:
    if not library.available():
        pytest.skip("no XSPEC library here")
    names = list(definitions())
    found = dict(zip(names, over(weathered, names), strict=True))
    alone = sum(int(report["vectors"]) for report in found.values())
    with table(f"{alone} random parameters, limits, NaN and infinity through all models") as row:
        row.below("processes that died", sum(r.get("died", 0) for r in found.values()), 0)
        row.below("values that differ when asked from 8 threads",
                  sum(r.get("changed", 0) for r in found.values()), 0)  # fmt: skip
        row.below("results of a wrong shape", sum(r.get("shapes", 0) for r in found.values()), 0)
