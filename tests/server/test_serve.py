"""Starting and stopping ``oda-widgets serve``: one server for one folder and one port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.cli.main import main
from oda_widgets.config import load_settings
from oda_widgets.server.serve import _default_folder
from tests.patience import PATIENCE, wait_until
from tests.servers.our_server import OurServer, serving


@pytest.fixture
def refusal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Give the function that returns the message of a server that does not start."""

    def refused(*words: Any) -> str:
        assert main(["serve", *map(str, words)])
        said = capsys.readouterr()
        assert "serving at" not in said.out
        return said.err

    monkeypatch.setenv("ODA_WIDGETS_ONLINE", "no")
    before = os.umask(0o022)
    yield refused
    os.umask(before)


def query(archive: Path, windows: int = 1) -> dict[str, Any]:
    ids = oda.connect(archive=archive).science_windows(limit=windows).ids
    return {"instrument": "isgri", "product_type": "isgri_image", "scw_list": ",".join(ids)}


def test_a_taken_port_is_refused_before_anything_is_announced(
    server: OurServer, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    port = server.address.rsplit(":", 1)[1]
    said = refusal("--port", port, "--archive", "sample", "--folder", tmp_path / "jobs")
    assert f"port {port}: cannot be used on 127.0.0.1 (Address already in use)." in said
    assert "Choose another: --port" in said


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_cannot_be_is_refused(
    port: str, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    said = refusal(f"--port={port}", "--archive", "sample", "--folder", tmp_path / "jobs")
    assert f"port {port}: outside 0 to 65535" in said


def test_a_second_server_on_a_folder_is_refused(
    server: OurServer, three_windows: Path, refusal: Callable[..., str]
) -> None:
    said = refusal("--port", "0", "--archive", three_windows, "--folder", server.folder)
    assert f"another server (process {server.process.pid}) uses it" in said
    assert "--folder" in said


def test_a_lock_that_cannot_be_taken_is_no_other_server(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "lock").write_bytes(b"this is no database" * 100)
    said = refusal("--port", "0", "--archive", "sample", "--folder", tmp_path / "jobs")
    assert "lock in it cannot be used (file is not a database)" in said
    assert "another server" not in said


def test_a_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    said = refusal("--port", "0", "--archive", "sample", "--folder", file / "jobs")
    assert f"{file / 'jobs'}: cannot be used as a folder (Not a directory)" in said
    assert "Give a folder of your own: --folder." in said


def test_a_folder_is_that_of_one_archive(
    server: OurServer, three_windows: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    shutil.copy(server.folder / "server.json", folder)
    said = refusal("--port", "0", "--archive", "sample", "--folder", folder)
    assert f"its jobs are of the archive {three_windows}" in said
    assert "Give sample a folder of its own" in said


def test_each_archive_has_a_default_folder_of_its_own(
    three_windows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(three_windows.parent)
    settings = load_settings()
    archives = [str(three_windows), "sample", "simulated", "", str(tmp_path)]
    folders = {_default_folder(settings, archive) for archive in archives}
    assert len(folders) == len(archives)
    assert _default_folder(settings, three_windows.name) in folders


def test_files_of_the_server_are_readable_by_its_user_alone(
    server: OurServer, three_windows: Path
) -> None:
    server.done(**query(three_windows))
    paths = [server.folder, *server.folder.rglob("*")]
    assert len(paths) > 8
    for path in paths:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} {mode:o}"


ENDS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def test_a_signal_ends_it_and_loses_nothing(three_windows: Path, tmp_path: Path) -> None:
    """One job that is done, and one in the middle of which four servers are ended.

    Each is receiving requests just then, which leave no fault in its log.
    """
    folder, short, long = tmp_path / "jobs", query(three_windows), query(three_windows, 3)
    done, jobs = [], set()
    for number in ENDS:
        with serving(three_windows, folder) as server:
            done.append(server.done(**short) if not done else server.ask(**short).json())
            jobs.add(server.ask(**long).json()["job_monitor"]["job_id"])
            wait_until(lambda: "submitted" not in server.ask("/health").json()["jobs"])
            end_while_it_receives(server, number)
            if number != signal.SIGKILL:
                assert server.process.returncode == 0
                assert not children_of(server.process.pid)
    assert {answer["query_status"] for answer in done} == {"done"}
    (job_id,) = jobs
    with serving(three_windows, folder) as last:
        answer = last.done(**long, job_id=job_id, query_status="progress")
        assert answer["query_status"] == "done"


HEAD = b"POST /run_analysis HTTP/1.1\r\nHost: localhost\r\nContent-Le"
BODY = b"ngth: 1000\r\nContent-Type: %b\r\n\r\n--x\r\ninstrument="
HALVES = (HEAD, HEAD + BODY % b"application/x-www-form-urlencoded",
          HEAD + BODY % b"multipart/form-data; boundary=x")  # fmt: skip


def end_while_it_receives(server: OurServer, number: signal.Signals) -> None:
    """Send a signal to a server that is receiving requests, and wait for its end."""
    port = int(server.address.rsplit(":")[-1])
    with ExitStack() as opened:
        for sent in HALVES:
            half = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            half.sendall(sent)
        server.ask("/health")
        server.process.send_signal(number)
        server.process.wait(PATIENCE)
    log = server.folder.with_suffix(".log").read_text()
    assert "did not end" not in log
    assert "Traceback" not in log


def children_of(process: int) -> list[str]:
    """Return the commands of processes that a server has left behind."""
    listed = subprocess.run(
        ["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in listed.splitlines() if line.split()[0] == str(process)]
