"""The real dispatcher and the unmodified oda_api, in their own environment (see kit_dispatcher)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

KIT = Path(__file__).parents[1] / "kit_dispatcher"
SECRET = "secretkey_test"  # noqa: S105 - of a server that lives for a test
_PATIENCE = 900  # seconds to build its environment


def cache_folder() -> Path:
    """Return where the environment is kept between runs."""
    given = os.environ.get("ODA_WIDGETS_TEST_KIT")
    return Path(given) if given else user_cache_path("oda_widgets_tests") / "kit"


def kit_python() -> Path:
    """Return the Python that has the dispatcher and oda_api 1.3.5, building it at first use."""
    python = shutil.which("python3.11") if sys.version_info[:2] != (3, 11) else sys.executable
    if python is None:
        pytest.skip("the releases of the dispatcher need Python 3.11 exactly")
    command = [python, KIT / "start_dispatcher.py", "--cache", cache_folder(), "--setup-only"]
    built = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if built.returncode:
        pytest.skip(f"the dispatcher's environment cannot be built: {built.stderr[-500:]}")
    return Path(built.stdout.strip())


@contextmanager
def running(step: float = 0.1) -> Iterator[str]:
    """Start the real dispatcher; give its address."""
    python = kit_python()
    command = [python, KIT / "start_dispatcher.py", "--cache", cache_folder(), "--step", str(step)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "the dispatcher did not start"
            yield address
        finally:
            process.terminate()
            process.wait(30)


@dataclass(frozen=True)
class OdaApi:
    """The unmodified client, in a process of its own."""

    python: Path

    def run(self, script: str, *words: str, folder: Path) -> Any:
        """Run a script that writes JSON to its standard output as the last line; return that."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "NO_PROXY": "*"}
        done = subprocess.run(
            [self.python, "-c", script, *words],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=folder,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])
