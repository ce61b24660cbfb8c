"""The examples of docstrings run."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import oda_widgets as oda

PACKAGE = Path(oda.__file__).parent
ELSEWHERE = {"fitting"}  # with a fit and a chain at hand: tests/fitting


def modules_with_examples() -> list[ModuleType]:
    return [
        import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in ELSEWHERE
        and ">>> " in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("module", modules_with_examples(), ids=lambda module: module.__name__)
def test_its_examples_run(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").symlink_to(PACKAGE.parent / "notebooks")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ODA_WIDGETS_ONLINE", "no")
    names = {"oda": oda, "site": oda.connect(archive="sample")}
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testmod(module, extraglobs=names, optionflags=flags)
    assert tried
    assert not failed
