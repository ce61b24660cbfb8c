"""What several tests of files need."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def fitsverify() -> Callable[[Path], None]:
    """Return a check that NASA's fitsverify finds no error and no warning in a file."""
    program = shutil.which("fitsverify")
    if program is None:
        pytest.fail("fitsverify is not installed: apt-get install fitsverify, or run make.")

    def check(path: Path) -> None:
        done = subprocess.run([program, path], capture_output=True, text=True, check=False)
        assert "0 warning(s) and 0 error(s)" in done.stdout, done.stdout

    return check


@pytest.fixture(scope="session")
def real_files() -> Path:
    """Return the folder of real files."""
    return Path(__file__).parents[2] / "notebooks" / "data"
