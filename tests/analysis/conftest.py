"""An empty cache, and a look at when the engine works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oda_widgets.analysis import group_fits, window_image, window_spectra

ENGINE = (
    (window_image, "image_window"),
    (window_spectra, "window_spectra"),
    (group_fits, "window_sums"),
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache."""
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list of windows on which the engine was at work."""
    windows: list[str] = []

    def spied(function: Callable[..., Any]) -> Callable[..., Any]:
        def spy(events: Any, *arguments: Any, **words: Any) -> Any:
            windows.append(events.window.id)
            return function(events, *arguments, **words)

        return spy

    for module, name in ENGINE:
        monkeypatch.setattr(module, name, spied(getattr(module, name)))
    return windows
