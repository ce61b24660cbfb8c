"""What several tests of files need."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_files() -> Path:
    """Return the folder of real files."""
    return Path(__file__).parents[2] / "notebooks" / "data"
