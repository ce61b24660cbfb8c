"""The real dispatcher and the unmodified oda_api, in their own environment (see kit_dispatcher)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path
from uv import find_uv_bin

from tests.patience import PATIENCE

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
    command += ["--uv", find_uv_bin()]
    built = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if built.returncode:
        pytest.skip(f"the dispatcher's environment cannot be built: {built.stderr[-500:]}")
    return Path(built.stdout.strip())


@contextmanager
def running(step: float = 0.02) -> Iterator[str]:
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
            process.wait(PATIENCE)


class OdaApi:
    """The unmodified client, in a process of its own that serves all tests: it starts slowly.

    Parameters
    ----------
    python
        Of the environment that has it.
    log
        Where what it says besides is written.
    """

    def __init__(self, python: Path, log: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "NO_PROXY": "*"}
        with log.open("w") as opened:
            self._process = subprocess.Popen(
                [python, "-c", _INTERPRETER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=opened,
                text=True,
                env=environment,
            )
        self._reader = ThreadPoolExecutor(1)

    def run(self, script: str, *words: str, folder: Path) -> Any:
        """Run a script that writes JSON to its standard output as the last line; return that."""
        asked = {"script": script, "words": words, "folder": str(folder)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._reader.submit(self._process.stdout.readline).result(_LONGEST_SCRIPT)
        told = json.loads(answer)
        assert not told["failed"], told["failed"]
        return json.loads(told["said"].strip().splitlines()[-1])

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._reader.shutdown()


_LONGEST_SCRIPT = 900  # seconds; on a busy machine three products take long
_INTERPRETER = r"""
import contextlib, io, json, os, sys, traceback
answers = sys.stdout
for line in sys.stdin:
    asked = json.loads(line)
    os.chdir(asked["folder"])
    sys.argv = ["-c", *asked["words"]]
    said, failed = io.StringIO(), ""
    with contextlib.redirect_stdout(said):
        try:
            exec(asked["script"], {"__name__": "__main__"})
        except BaseException:
            failed = traceback.format_exc()[-3000:]
    answers.write(json.dumps({"said": said.getvalue(), "failed": failed}) + "\n")
    answers.flush()
"""
