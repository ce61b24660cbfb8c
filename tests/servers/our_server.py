"""Our own server, started as users start it."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt

from tests.patience import PATIENCE, free_port

# To read those of the system takes longer than a request, and none is needed.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_START = "import sys; from oda_widgets.cli.main import main; sys.exit(main(sys.argv[1:]))"

# No limit of time is met by chance on a busy machine; tests of a limit set it again.
_PATIENT = f"""
from functools import partial
from oda_widgets.server import catalog_upload, connection, job_processes, job_table, serve
connection.HEADER_SECONDS = connection.BODY_SECONDS = connection.READ_SECONDS = {PATIENCE}
job_processes.SILENCE = job_processes._START = job_table._BUSY = {PATIENCE}
catalog_upload._SECONDS = {PATIENCE}
serve.stopped_by_signals = partial(serve.stopped_by_signals, deadline={PATIENCE})
"""


@dataclass
class OurServer:
    """A running server.

    Parameters
    ----------
    address
        Where it listens.
    folder
        Where it keeps its jobs.
    process
        That serves.
    """

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def client(self) -> httpx.Client:
        """Return a client of its own for whoever asks.

        As oda_api, each request connects anew: none meets a connection that is just being closed,
        by the server or by another thread (httpcore's issue 1110).
        """
        return httpx.Client(base_url=self.address, timeout=PATIENCE, verify=_NO_CERTIFICATES)

    def token(self, *, expires_in: float = 1000.0, **claims: Any) -> str:
        """Return a token that the server believes."""
        secret = (self.folder / "secret").read_text().strip()
        payload = {"sub": "somebody@example.org", "exp": time.time() + expires_in}
        return jwt.encode(payload | claims, secret, algorithm="HS256")

    def ask(self, path: str = "/run_analysis", **parameters: Any) -> httpx.Response:
        """Ask as oda_api does."""
        with self.client() as client:
            return client.get(path, params=parameters)

    def send(self, path: str = "/run_analysis", **words: Any) -> httpx.Response:
        """Ask by a request with a body."""
        with self.client() as client:
            return client.post(path, **words)

    def done(self, **parameters: Any) -> dict[str, Any]:
        """Ask until it is done or failed, at first often."""
        until, pause = time.monotonic() + PATIENCE, 0.05
        asked = dict(parameters)
        while time.monotonic() < until:
            answer: dict[str, Any] = self.ask(**asked).json()
            assert "query_status" in answer, answer
            if answer["query_status"] in {"done", "failed"}:
                return answer
            job_id = answer["job_monitor"]["job_id"]
            asked = parameters | {"job_id": job_id, "query_status": answer["query_status"]}
            time.sleep(pause)
            pause = min(1.3 * pause, 0.5)
        raise TimeoutError(parameters)

    def wait_until_idle(self) -> None:
        """Wait until no job is running."""
        until = time.monotonic() + PATIENCE
        while self.ask("/health").json()["jobs"].keys() & {"submitted", "progress"}:
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self.process.terminate()
        self.process.wait(PATIENCE)


@contextmanager
def serving(
    archive: Path | str,
    folder: Path,
    port: int | None = None,
    workers: int = 1,
    before: str = "",
) -> Iterator[OurServer]:
    """Start a server over an archive; `before` is done in its process first."""
    port = port or free_port()
    words = ["serve", "--port", str(port), "--archive", str(archive), "--folder", str(folder)]
    words += ["--workers", str(workers)]
    environment = os.environ | {"ODA_WIDGETS_ONLINE": "no", "OPENBLAS_NUM_THREADS": "1"}
    log = folder.with_suffix(".log")
    with log.open("wb") as opened:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{_PATIENT}\n{before}\n{_START}", *words],
            stdout=opened,
            stderr=opened,
            env=environment,
        )
    address = f"http://127.0.0.1:{port}"
    server = OurServer(address, folder, process)
    try:
        _wait_for(server, log)
        yield server
    finally:
        server.stop()


def _wait_for(server: OurServer, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.process.poll() is None, log.read_text()
        with suppress(httpx.TransportError):
            if server.ask("/health").json()["status"] == "ok":
                return
        time.sleep(0.1)
    raise TimeoutError(log.read_text())
