"""The rooms of the package: what imports what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import oda_widgets

_MODULES = tuple(Path(oda_widgets.__file__).parent.rglob("*.py"))
_BEING_CUT = (("oda_widgets.views.sky.controls", "oda_widgets.views.sky.view"),)
_BY_STRING = {"import_module", "__import__"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports inside functions and for type checking count too."""
    graph = grimp.build_graph("oda_widgets", cache_dir=None)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imported).prepare()  # it names the modules of a circle


def test_nothing_is_imported_by_a_string() -> None:
    assert [path for path in _MODULES if _imports_by_string(path)] == []


def _imports_by_string(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if not any(name in text for name in _BY_STRING):
        return False
    nodes = list(ast.walk(ast.parse(text)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return bool(_BY_STRING & (names | attributes))


def test_contributing_lists_all_files_that_import_the_instrument() -> None:
    root = Path(oda_widgets.__file__).parent
    pages = root.parent / "CONTRIBUTING.md"
    rows = re.findall(r"^\| `([\w/]+)` \| (`\w+`(?:, `\w+`)*) \|", pages.read_text(), re.MULTILINE)
    listed = {f"{room}/{name}" for room, names in rows for name in re.findall(r"\w+", names)}
    isgri = root / "instruments" / "isgri"
    users = {path for path in _MODULES if isgri not in path.parents and _imports_isgri(path)}
    assert listed == {path.relative_to(root).with_suffix("").as_posix() for path in users}


def _imports_isgri(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if "isgri" not in text:
        return False
    nodes = ast.walk(ast.parse(text))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = {f"{node.module}.{name.name}" for node in imports for name in node.names}
    return any(name.startswith("oda_widgets.instruments.isgri") for name in names)


@pytest.mark.parametrize("module", ["products.image", "provenance.record", "request.catalog"])
def test_values_have_their_abilities_whichever_module_comes_first(module: str) -> None:
    program = (
        f"import oda_widgets.{module}\n"
        "from oda_widgets.abilities import abilities\n"
        "print(type(abilities().plot).__name__)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "method"
