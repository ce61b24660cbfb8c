"""The wheel, installed as users install it: in an environment that holds nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

ROOT = Path(__file__).parents[2]


def install_wheel(folder: Path, *extras: str) -> Path:
    """Build the wheel, install it with its extras into a new environment; return that folder."""
    _uv("build", "--wheel", "--out-dir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    environment = folder / "environment"
    _uv("venv", "--python", sys.executable, environment)
    wanted = f"{wheel}[{','.join(extras)}]"
    words = ("--python", environment, "--constraint", ROOT / "requirements.lock", wanted)
    _uv("pip", "install", *words)
    return environment


def install_peers(folder: Path, *peers: str) -> Path:
    """Install packages of others into an environment of their own; return its Python."""
    _uv("venv", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    _uv("pip", "install", "--python", python, *peers)
    return python


def clean_environment() -> dict[str, str]:
    """Return the variables of this process without those by which it finds its own packages."""
    ours = ("PYTHON", "JUPYTER", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _uv(*words: str | Path) -> None:
    done = subprocess.run(
        [find_uv_bin(), *words, "--quiet"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
