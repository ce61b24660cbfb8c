"""Fixtures of several tests of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_data import NOTEBOOK_DATA


@pytest.fixture(scope="session")
def real_files() -> Path:
    """Return the folder of real files."""
    return NOTEBOOK_DATA
