"""A fit leaves the page with its session: as cells of the notebook, as files of the zip."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.panels.fit_panel import FitPanel
from oda_widgets.panels.workbench import Workbench
from tests.panels.turns import wait_until

BURST = (("2022-10-12T15:20:27", "2022-10-12T15:20:33"),)


@pytest.fixture
def fitted() -> tuple[Workbench, FitPanel]:
    """Return a page with the fit of a real burst, and what was measured of it."""
    bench = Workbench(oda.connect(archive="sample"), "SGR 1935+2154")
    wait_until(lambda: not bench.form.submit_button.disabled)
    bench.select(BURST)
    bench.spectrum().result()
    wait_until(lambda: bench.results.spectrum_view is not None)
    panel = bench.results._fit.begin()
    panel.ranges[0][0].value = "35"
    panel.model.value = "cutoffpl"
    panel.run()
    panel.errors()
    panel.measures.low.value = "40"
    panel.measures.flux()
    panel.measures.upper_limit()
    return bench, panel


_NUMBERS = """
print(json.dumps({
    "statistic": fit.statistic, "dof": fit.dof,
    "values": {name: item.value for name, item in fit.parameters.items()},
    "errors": {name: [known.minus, known.plus] for name, known in fit.last_errors.items()},
    "flux": repr(fit.flux(40, 100, unit="erg")),
}))
"""


def run_cells(notebook: bytes) -> dict[str, Any]:
    """Run a notebook from top to bottom in a process of its own; return the numbers of its fit."""
    cells = [one["source"] for one in json.loads(notebook)["cells"] if one["cell_type"] == "code"]
    script = "\n".join(["import json", *cells, _NUMBERS])
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    numbers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return numbers


def test_the_notebook_makes_the_fit_with_the_same_numbers(
    fitted: tuple[Workbench, FitPanel],
) -> None:
    bench, panel = fitted
    notebook = bench.export_notebook()
    again, here = run_cells(notebook), panel.present()
    assert again["statistic"] == pytest.approx(here.statistic, rel=1e-6)
    assert again["dof"] == here.dof
    for name, item in here.parameters.items():
        assert again["values"][name] == pytest.approx(item.value, rel=1e-3)
    for name, known in here.last_errors.items():
        assert again["errors"][name] == pytest.approx([known.minus, known.plus], rel=1e-2)
    assert again["flux"] in panel.measures.found
    for code in ("fit.errors()", "fit.flux(40, 100, unit='erg')", "fit.upper_limit('norm'"):
        assert code in notebook.decode()


def test_the_zip_holds_table_model_figure_and_code_of_the_fit(
    fitted: tuple[Workbench, FitPanel],
) -> None:
    bench, panel = fitted
    with zipfile.ZipFile(io.BytesIO(bench.export_zip())) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    table = list(csv.reader(io.StringIO(files["fit/fit.csv"].decode())))
    assert any("PhoIndex" in cell for row in table for cell in row)
    assert b"model cutoffpl" in files["fit/fit.xcm"]
    assert files["fit/fit.pdf"].startswith(b"%PDF")
    assert files["fit/measured.txt"].decode().splitlines() == panel.measures.found
    code = files["fit/repeat.py"].decode()
    compile(code, "repeat.py", "exec")
    assert "oda.fit(" in code
    assert "print(fit.flux(40, 100, unit='erg'))" in code
