"""The apps of the notebooks, opened without Jupyter."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from oda_widgets.cli.app import WORKBENCH
from oda_widgets.panels.apps import App

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
FIGURES = ROOT / "docs" / "paper"


def app_notebooks() -> list[Path]:
    """Return the notebooks that are apps, in the order of their numbers."""
    return [one for one in sorted(NOTEBOOKS.glob("[1-9]_*.ipynb")) if one.name != WORKBENCH]


def code_of(path: Path) -> str:
    """Return the code of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def lines_of(path: Path) -> int:
    """Return the number of lines of code in a notebook, without empty ones and comments."""
    lines = (line.strip() for line in code_of(path).splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


@contextmanager
def opened(path: Path) -> Iterator[App]:
    """Yield the app of a notebook, in the folder of the notebook."""
    code, before = code_of(path), Path.cwd()
    # A function tells its source, by which its recording knows it, if its lines are known.
    linecache.cache[str(path)] = (len(code), None, code.splitlines(keepends=True), str(path))
    os.chdir(path.parent)
    try:
        app = _last_value(code, str(path))
        if not isinstance(app, App):
            raise TypeError(path)
        yield app
    finally:
        os.chdir(before)


def _last_value(code: str, name: str) -> object:
    """Run the code of a notebook, and return what its last line shows."""
    body = ast.parse(code, name).body
    before, last = ast.Module(body[:-1], []), body[-1]
    if not isinstance(last, ast.Expr):
        raise TypeError(name)
    names: dict[str, object] = {}
    exec(compile(before, name, "exec", dont_inherit=True), names)  # noqa: S102 - a notebook of ours
    shown = ast.Expression(last.value)
    return eval(compile(shown, name, "eval", dont_inherit=True), names)  # noqa: S307 - likewise
