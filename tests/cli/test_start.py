"""Programs that are told to stop while they start end at once and without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oda_widgets.cli.main import main
from oda_widgets.workers.stop_signals import stop_signals
from tests.patience import PATIENCE

# A module that is imported early in each program, and that waits for the signal.
_SLOW = """
import sys, time
sys.stderr.write("importing\\n")
sys.stderr.flush()
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("program", "module"),
    [("start import command", "argparse"), ("page_process import main as command", "voila")],
    ids=["oda-widgets", "server of the app"],
)
def test_an_interrupt_during_imports_leaves_no_traceback(
    tmp_path: Path, program: str, module: str
) -> None:
    (tmp_path / f"{module}.py").write_text(_SLOW)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
    words = [sys.executable, "-c", f"{code} from oda_widgets.cli.{program}; command()"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert errors == ""
    assert process.returncode == -signal.SIGINT


@pytest.mark.parametrize("host", ["nosuch.invalid", "x", "8.8.8.8", "1::2::3"])
def test_an_address_of_another_machine_is_refused_before_the_app_starts(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["app", "--no-browser", "--host", host]) == 2
    assert f"--host {host}: not an address of this machine" in capsys.readouterr().err


@pytest.fixture
def hang_up_ignored() -> Iterator[None]:
    """Ignore SIGHUP, as ``nohup`` does."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


def test_signals_that_stop_are_those_of_users_shells_and_systems() -> None:
    assert set(stop_signals()) == {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


@pytest.mark.usefixtures("hang_up_ignored")
def test_a_program_under_nohup_outlives_its_terminal() -> None:
    assert set(stop_signals()) == {signal.SIGTERM, signal.SIGINT}
