"""Every notebook runs from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from scripts.apps import app_notebooks
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WITHOUT_APP = [path for path in NOTEBOOKS if path not in app_notebooks()]  # see test_apps.py


@pytest.mark.parametrize("path", WITHOUT_APP, ids=lambda path: path.stem)
def test_it_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two science windows where there are fifty; all else is as it is stored."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = "limit = 2"
    folder = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=int(PATIENCE), resources=folder).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)
    said = {
        cell.id: "".join(o.get("text", "") for o in cell.get("outputs", []))
        for cell in notebook.cells
    }
    assert _as_its_text_says(said)


def _as_its_text_says(said: Mapping[str, str]) -> bool:
    """Tell whether a notebook prints what the text beside it promises."""
    return all(
        promise in said.get(cell, promise)
        for cell, promise in (("repeat", "2 in the store"), ("chain", "Converged"))
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_results(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
