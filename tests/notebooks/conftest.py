"""The apps of the notebooks, each opened once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from oda_widgets.panels.apps import App
from scripts.apps import opened


@pytest.fixture(scope="session")
def opened_apps() -> dict[Path, App]:
    """Give the apps that were opened: all their figures are drawn then, which takes longest."""
    return {}


@pytest.fixture
def app_of(opened_apps: dict[Path, App], monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], App]:
    """Give a function that returns the app of a notebook, in whose folder the test goes on.

    Other tests get the same app: none changes it.
    """

    def found(path: Path) -> App:
        if path not in opened_apps:
            with opened(path) as app:
                opened_apps[path] = app
        monkeypatch.chdir(path.parent)
        return opened_apps[path]

    return found
