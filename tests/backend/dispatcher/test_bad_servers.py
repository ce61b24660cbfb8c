"""Bad servers: the user gets a clear error in seconds, and nothing is executed."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.archive.mirror.deadlines import Deadlines, OutOfTime
from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.mirror.retries import retrying
from oda_widgets.archive.mirror.transport import Transport
from oda_widgets.backend.dispatcher import http, window_services
from oda_widgets.backend.job import JobStatus
from oda_widgets.errors import JobError, NotAllowed, OdaError, ServiceError
from tests.patience import PATIENCE, wait_until
from tests.servers.misbehaving import Asked, Said, serving

ABOUT = Said(json.dumps({"installed_instruments": ["isgri"]}).encode(), status=400)
WINDOWS = ("066500220010.001",)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
    monkeypatch.setattr(http, "_PATIENCE", 1.5)  # seconds of trying again
    monkeypatch.setattr(http, "_TIMEOUT", http.httpx.Timeout(PATIENCE))
    monkeypatch.setattr(http, "_BEGIN", PATIENCE)
    monkeypatch.chdir(tmp_path)


def query(**changed: Any) -> oda.ImageQuery:
    return oda.ImageQuery(**{"science_windows": WINDOWS, "energy": (20, 40)} | changed)


def answer(asked: Asked, **changed: Any) -> dict[str, Any]:
    """Return a good answer to a question, without products."""
    echoed: dict[str, Any] = {key: values[0] for key, values in asked.form.items()}
    echoed["scw_list"] = asked.form.get("scw_list")
    return {
        "query_status": "done",
        "job_monitor": {"job_id": "0d26afd1f9bcc9bc", "session_id": "X"},
        "exit_status": {"status": 0, "message": "", "error_message": "", "comment": ""},
        "products": {"analysis_parameters": echoed},
    } | changed


def failure(said: Said, timeout: float = PATIENCE) -> OdaError:
    """Return the error of a question to which a server answers something.

    The client waits for the seconds of the timeout between two pieces of a response.
    """
    with serving(lambda asked: ABOUT if asked.method == "GET" else said) as (address, _):
        site = oda.connect(address, token="")
        site._backend.http._client.timeout = timeout  # type: ignore[attr-defined]
        job = site.submit(query())
        assert job.wait(PATIENCE)
    assert job.error is not None
    assert "Something went wrong that should not" not in str(job.error)
    return job.error


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (Said(b"<html>Hello</html>"), "it is not JSON .found '<html>Hello"),
        (Said(b"x", status=302, headers={"Location": "https://evil.org/"}), "evil.org.*trust"),
        (Said(b"", status=404), "no dispatcher.*dispatch-data"),
        (Said(b"Traceback (most recent call last)", status=500), "status 500"),
        (
            Said(b'{"error": "T1 is wrong"}', status=400),
            "does not accept the query: T1 is wrong",
        ),
        (Said(b"", status=503), "does not answer: it responds with status 503"),
        (Said(b'{"query_status": "done"', promised=1000), "does not answer"),
        (Said(b"[" * 100_000), "not JSON"),
        (Said(b"not packed", headers={"Content-Encoding": "gzip"}), "does not answer"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value.status),
)
def test_servers_that_drop_redirect_or_answer_html(said: Said, says: str) -> None:
    with pytest.raises(ServiceError, match=says):
        raise failure(said)


def test_a_server_that_falls_silent_is_given_up() -> None:
    with pytest.raises(ServiceError, match="does not answer: timed out"):
        raise failure(Said(b"{}", seconds=2 * PATIENCE), timeout=0.3)


def test_a_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_DEADLINE", 0.5)
    with pytest.raises(ServiceError, match="has not ended its response"):
        raise failure(Said(b" " * 10_000, seconds=0.1, pieces=10_000))


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_wants_a_token_says_so(status: int) -> None:
    body = json.dumps({"exit_status": {"message": "roles: unige-hpc-full"}}).encode()
    error = failure(Said(body, status=status))
    assert isinstance(error, NotAllowed)
    assert "unige-hpc-full" in str(error)
    assert "token=" in error.advice


def test_a_bomb_of_zeros_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_REPLY", 1 << 20)
    bomb = gzip.compress(bytes(50 << 20))
    error = failure(Said(bomb, headers={"Content-Encoding": "gzip"}))
    assert "sends more than 1 MB" in str(error)


@pytest.mark.parametrize(("times", "says"), [(1, "sends more than 1 MB"), (2, "'gzip, gzip'")])
def test_what_is_no_product_is_read_up_to_its_own_limit(
    times: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_LARGEST_DOCUMENT", 1 << 20)
    content = bytes(2 << 20)
    for _ in range(times):
        content = gzip.compress(content)
    said = Said(content, headers={"Content-Encoding": ", ".join(["gzip"] * times)})
    refused = pytest.raises(OdaError, match=says)
    with serving(lambda _: said) as (address, _), refused:
        http.Http(address, None).info()


@contextmanager
def sending(*pieces: bytes) -> Iterator[str]:
    """Serve pieces in turn, the last of them without end, in place of a response."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            with suppress(OSError):
                for piece in chain(pieces[:-1], repeat(pieces[-1])):
                    self.request.sendall(piece)
                    time.sleep(0.02)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    "pieces",
    [(b"HTTP/1.1 100 Continue\r\n\r\n",), (b"HTTP/1.1 200 OK\r\n", b"X: "), (b"HTTP/1.1 2", b"0")],
    ids=str,
)
def test_a_response_that_never_begins_is_given_up(
    pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_BEGIN", 0.3)
    monkeypatch.setattr(window_services, "_DEADLINE", 0.3)
    with sending(*pieces) as address:
        with pytest.raises(ServiceError, match="has not begun its response"):
            http.Http(address, None).info()
        with pytest.raises(OutOfTime):
            window_services.ask_timesystem(address, None, 180.0, 3000.0, 3001.0)
        within, given = Deadlines.within, []

        def hurried(deadlines: Deadlines, seconds: float, what: str) -> Any:
            given.append(seconds)
            return within(deadlines, 0.3, what)

        monkeypatch.setattr(Deadlines, "within", hurried)
        mirror = Transport(address, Patience(connect=PATIENCE, read=PATIENCE, tries=1))
        with pytest.raises(ServiceError, match="has not begun its response"):
            mirror.read("index.html")
        assert given == [2 * PATIENCE]


def test_servers_that_are_not_dispatchers_are_refused() -> None:
    html = Said(b"<html>")
    dispatch = pytest.raises(ServiceError, match=r"is not a dispatcher.*dispatch-data")
    with serving(lambda _: html) as (address, _), dispatch as refusal:
        oda.connect(address, token="")
    # It may be a mirror of an archive, whose fault comes first.
    assert not str(refusal.value).startswith(f"The server at {address} is not a dispatcher")
    with pytest.raises(ServiceError, match="does not answer"):
        oda.connect(address, token="")


def test_another_try_prints_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (None, "stamina"):  # as in a program that sets up no logging
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
    tried = []
    for attempt in retrying(OSError, attempts=2, wait_initial=0.001, wait_jitter=0):
        with attempt:
            tried.append(attempt.num)
            if len(tried) < 2:
                raise OSError("silent")
    assert tried == [1, 2]
    assert capsys.readouterr().err == ""


def test_somebody_elses_product_is_refused() -> None:
    def mixed_up(asked: Asked) -> Said:
        if asked.method == "GET":
            return ABOUT
        found = answer(asked)
        found["products"]["analysis_parameters"]["E1_keV"] = 52.0
        return Said(json.dumps(found).encode())

    with serving(mixed_up) as (address, _):
        site = oda.connect(address, token="")
        with pytest.raises(JobError, match=r"answered another query: E1_keV.*refused"):
            site.image(None, WINDOWS, energy=(25, 40))


def test_somebody_elses_job_is_refused() -> None:
    jobs = iter(["first", "second"])

    def mixed_up(asked: Asked) -> Said:
        if asked.method == "GET":
            return ABOUT
        found = answer(asked, query_status="progress", job_monitor={"job_id": next(jobs)})
        return Said(json.dumps(found).encode())

    with serving(mixed_up) as (address, _):
        job = oda.connect(address, token="").submit(query())
        assert job.wait(PATIENCE)
    assert "another job (second)" in str(job.error)


class _Hostile:
    def __reduce__(self) -> Any:
        return os.system, ("touch executed",)


@pytest.mark.parametrize("where", ["binarys", "data", "dt"])
def test_a_hostile_product_is_refused_and_not_executed(where: str, tmp_path: Path) -> None:
    unit: dict[str, Any] = {"name": "X", "header": {}, "hdu_type": "image", "meta_data": {}}
    unit |= {"data": "[[1.0]]", "dt": ">f4", "binarys": None, "units_dict": None}
    unit[where] = "__import__('os').system('touch executed')"
    if where == "binarys":
        unit[where] = base64.b64encode(pickle.dumps(_Hostile())).decode()

    def hostile(asked: Asked) -> Said:
        if asked.method == "GET":
            return ABOUT
        found = answer(asked)
        product = {"name": "mosaic_image", "meta_data": "{}", "data_unit_list": [unit]}
        found["products"]["numpy_data_product_list"] = [product]
        return Said(json.dumps(found).encode())

    with serving(hostile) as (address, _):
        job = oda.connect(address, token="").submit(query())
        assert job.wait(PATIENCE)
    assert isinstance(job.error, ServiceError)
    assert "cannot be used" in str(job.error)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "address",
    ["https://", "https://user:password@host", "http://host?token=abc", "http://host:port/x"],
)
def test_addresses_that_are_none_or_hold_secrets_are_refused(address: str) -> None:
    with pytest.raises(OdaError, match="address=") as caught:
        oda.connect(address)
    assert "password@" not in str(caught.value)


def test_a_job_is_found_again_after_a_restart(tmp_path: Path) -> None:
    states, ended = iter(["submitted", "progress", "failed"]), Event()

    def slow(asked: Asked) -> Said:
        if asked.method == "GET":
            return ABOUT
        state = next(states)
        if state == "progress":
            ended.wait()
        return Said(json.dumps(answer(asked, query_status=state)).encode())

    with serving(slow) as (address, asked):
        first = oda.connect(address, token="").submit(query())
        wait_until(lambda: len(asked) == 3)
        first.cancel()  # the kernel ends; the server goes on
        assert first.wait(PATIENCE)
        ended.set()
        assert list((tmp_path / "cache" / "dispatcher").iterdir())
        second = oda.connect(address, token="").submit(query())
        assert second.wait(PATIENCE)
    posts = [request.form for request in asked if request.method == "POST"]
    assert [form["query_status"] for form in posts] == [["new"], ["submitted"], ["submitted"]]
    assert posts[2]["job_id"] == ["0d26afd1f9bcc9bc"]
    assert posts[2]["session_id"] == posts[0]["session_id"]
    assert not list((tmp_path / "cache" / "dispatcher").iterdir())


@pytest.mark.parametrize(
    "said", [Said(b" ", seconds=1e4), Said(b" " * 10**5, seconds=0.1, pieces=10**5)], ids=str
)
def test_a_job_at_a_silent_or_dripping_server_is_cancelled_at_once(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", http.httpx.Timeout(1e4))
    monkeypatch.setattr(http, "_DEADLINE", 1e4)
    with serving(lambda asked: ABOUT if asked.method == "GET" else said) as (address, asked):
        job = oda.connect(address, token="").submit(query())
        wait_until(lambda: len(asked) == 2)
        job.cancel()
        assert job.wait(PATIENCE)
    assert job.status == JobStatus.CANCELLED
