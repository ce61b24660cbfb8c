"""The server under fire: slow and hostile clients, dying workers, a table that cannot be used."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from anyio import Event, create_task_group, move_on_after, run, sleep_forever
from starlette.requests import Request

import oda_widgets as oda
from oda_widgets.errors import BadParameter, StoreError
from oda_widgets.files import draft_name
from oda_widgets.server import job_folder, job_process, job_processes, product_files
from oda_widgets.server.bodies import MOST_OF_CLIENT, Bodies, TooMuchAtOnce
from oda_widgets.server.catalog_upload import catalog_in
from oda_widgets.server.failures import as_failure
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_table import FAILED, QUEUED, JobTable, QueueFull
from oda_widgets.server.request_values import CATALOG_READERS
from oda_widgets.server.tidy import remove_old_jobs
from oda_widgets.server.tokens import secret_in
from tests.patience import PATIENCE, wait_until
from tests.products.examples import make_image
from tests.servers.our_server import OurServer, serving

HALF_REQUESTS = (
    b"",
    b"GET /health HT",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"POST /run_analysis HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ninstrument=",
)


# While there is a file, it waits a second where others wait ten, and tells so by another.
HURRIED = """
import threading, time
from pathlib import Path
from oda_widgets.server import connection, job_table

def follow(told, done):
    patient = connection.HEADER_SECONDS
    while True:
        seconds = 1.0 if told.exists() else patient
        connection.HEADER_SECONDS = job_table._BUSY = seconds
        done.touch() if told.exists() else done.unlink(missing_ok=True)
        time.sleep(0.02)

def borrow(table):
    database = borrowed(table)
    database.execute(f"PRAGMA busy_timeout={int(1000 * job_table._BUSY)}")
    return database

borrowed, job_table.JobTable._borrow = job_table.JobTable._borrow, borrow
"""
# Of a processor, where others may use five; to import is most of it.
SHORT = """
from oda_widgets.server import catalog_upload
short = "import main; import oda_widgets.server.catalog_upload as u; u._CPU_SECONDS = 2; main()"
catalog_upload._COMMAND = catalog_upload._COMMAND.replace("import main; main()", short)
"""


@pytest.fixture(scope="module")
def other_server(
    three_windows: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OurServer]:
    """Give a server that can be hurried, and reads little of an upload."""
    folder = tmp_path_factory.mktemp("other") / "jobs"
    told, done = (str(folder.with_name(name)) for name in ("told", "done"))
    words = f"(Path({told!r}), Path({done!r}))"
    start = f"threading.Thread(target=follow, args={words}, daemon=True).start()"
    with serving(three_windows, folder, before=f"{HURRIED}{start}\n{SHORT}") as server:
        yield server


@contextmanager
def hurried(server: OurServer) -> Iterator[None]:
    """Let it not wait long meanwhile."""
    told, done = (server.folder.with_name(name) for name in ("told", "done"))
    told.touch()
    wait_until(done.exists)
    yield
    told.unlink()
    wait_until(lambda: not done.exists())


def health(server: OurServer) -> dict[str, Any]:
    """Return the health that the server reports."""
    document: dict[str, Any] = server.ask("/health").json()
    return document


@contextmanager
def half_requests(server: OurServer, number: int) -> Iterator[list[socket.socket]]:
    """Give connections that have sent a part of a request."""
    port = int(server.address.rsplit(":", 1)[1])
    with ExitStack() as stack:
        opened = []
        for index in range(number):
            half = stack.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            )
            half.sendall(HALF_REQUESTS[index % len(HALF_REQUESTS)])
            opened.append(half)
        yield opened


def test_half_sent_requests_cost_others_nothing(server: OurServer) -> None:
    with half_requests(server, 500):  # which this server waits for longer than a client does
        for _ in range(3):
            assert health(server)["status"] == "ok"


def test_lists_of_all_windows_cost_others_nothing(server: OurServer) -> None:
    mission = "/gw/timesystem/api/v1.0/scwlist/cons/1990-01-01T00:00:00/2030-01-01T00:00:00"
    with ThreadPoolExecutor(30) as clients:
        lists = [clients.submit(server.ask, mission) for _ in range(30)]
        while not all(one.done() for one in lists):
            assert health(server)["status"] == "ok"
        assert {one.result().status_code for one in lists} == {200}


def test_half_sent_headers_are_given_up(other_server: OurServer) -> None:
    with hurried(other_server), half_requests(other_server, 3) as opened:
        for half in opened:
            received = half.recv(1000)
            assert received == b"" or b"408 Request Timeout" in received


def test_more_connections_than_there_is_room_for_replace_the_oldest(server: OurServer) -> None:
    with half_requests(server, 850):
        assert health(server)["status"] == "ok"


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.org"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "http://127.0.0.1:no"},
        {"Origin": "http://[::1"},
        {"Origin": "http://]"},
        {"Origin": "http://[v1.x]"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.org"},
    ],
)
def test_pages_of_other_sites_start_nothing(header: dict[str, str], server: OurServer) -> None:
    asked = {"instrument": "isgri", "product_type": "isgri_image", "E1_keV": "23.25"}
    with server.client() as client:
        before = client.get("/health").json()["jobs"]
        for method in ("GET", "POST"):
            refused = client.request(method, "/run_analysis", params=asked, headers=header)
            assert refused.status_code in {400, 403}
        assert client.get("/health").json()["jobs"] == before
        own = {"Origin": server.address, "Sec-Fetch-Site": "same-origin"}
        assert client.get("/instr-list", headers=own).status_code == 200


FORM = b"Content-Type: application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((b"Content-Length: 1" + b"0" * 20,), b"", 400),
        ((b"Content-Length: 1" + b"0" * 18,), b"", 413),
        ((b"Content-Length: 20000000",), b"a" * 20_000_000, 413),
        ((b"Content-Length: 20000000", b"Expect: 100-continue"), b"", 413),
        ((b"Transfer-Encoding: chunked", FORM), b"F4240\r\n%b\r\n" % (b"a" * 10**6) * 20, 413),
        ((b"Transfer-Encoding: chunked", FORM), b"ZZZ\r\n", 400),
        ((b"Transfer-Encoding: gzip",), b"xx", 400),
        ((b"Content-Length: -5",), b"", 400),
        ((b"Content-Length: 5", b"Content-Length: 6"), b"abcde", 400),
        ((b"Host: evil.org",), b"", 400),
        ((b"Content-Type: multipart/form-data", b"Content-Length: 2"), b"ab", 400),
        ((b"X: " + b"a" * 100_000,), b"", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_malformed_and_endless_requests_are_answered_at_once(
    headers: tuple[bytes, ...], body: bytes, status: int, server: OurServer
) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    head = b"\r\n".join([b"POST /run_analysis HTTP/1.1", b"Host: localhost", *headers, b"", b""])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(head + body)
        assert client.recv(12) == b"HTTP/1.1 %d" % status


def test_what_is_no_request_is_refused_in_words(server: OurServer) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(b"HELO astronomer\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"This is no request of HTTP/1.1" in answer


def hostile_fits() -> bytes:
    """Return a table of 2880 bytes that claims to have two thousand million axes."""
    cards = ("SIMPLE  =                    T", "BITPIX  =                    8")
    cards += ("NAXIS   =           2147483648", "END")
    return b"".join(card.ljust(80).encode() for card in cards).ljust(2880)


def test_hostile_uploads_cost_others_nothing(other_server: OurServer) -> None:
    form = {"instrument": "isgri", "product_type": "isgri_image", "query_type": "Dummy"}

    def upload(_: int) -> int:
        with other_server.client() as client:
            files = {"user_catalog_file": hostile_fits()}
            return client.post("/run_analysis", data=form, files=files).status_code

    number = CATALOG_READERS + 1  # more than are read at once; each uses seconds of a processor
    with ThreadPoolExecutor(number) as clients:
        uploads = [clients.submit(upload, n) for n in range(number)]
        assert health(other_server)["status"] == "ok"
        assert other_server.ask(**form).status_code == 200
        assert not all(upload.done() for upload in uploads)
        assert {done.result() for done in uploads} == {400}


def test_an_uploaded_catalogue_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    catalog = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])
    oda.write_catalog(catalog, tmp_path / "catalogue.fits")
    assert "Crab" in catalog_in((tmp_path / "catalogue.fits").read_bytes())
    with pytest.raises(oda.OdaError, match="user_catalog_file"):
        catalog_in(b"nothing that is a table")


def workers_of(server: OurServer) -> list[int]:
    """Return the processes that compute for a server, in the order of their start."""
    processes = Path("/proc").glob("[0-9]*/stat")
    found = []
    for file in processes:
        with closing(file.open()) if file.exists() else ExitStack() as opened:  # type: ignore[attr-defined]
            fields = opened.read().rsplit(") ", 1)[1].split()
        command = file.with_name("cmdline").read_bytes()
        if int(fields[1]) == server.process.pid and b"spawn_main" in command:
            found.append(int(file.parent.name))
    return sorted(found)


def test_whoever_answers_goes_before_whoever_computes(server: OurServer) -> None:
    server_pid, (worker_pid,) = server.process.pid, workers_of(server)
    own = os.getpriority(os.PRIO_PROCESS, server_pid)
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, worker_pid) > own)  # it may just begin


def test_a_job_that_kills_its_worker_three_times_fails_with_the_reason(tmp_path: Path) -> None:
    with JobTable(tmp_path / "jobs.sqlite") as table:
        table.submit("deadly", {}, "first")
        for number in range(3):
            taken = table.take(f"worker {number}")
            assert taken is not None
            assert taken.id == "deadly"
            table.put_back_crashed(f"worker {number}", "by signal 9")
        job = table.find("deadly")
        assert job is not None
        assert job.state == FAILED
        assert "died 3 times, at last by signal 9" in job.message
        table.again("deadly")
        assert table.take("worker 4") is not None


def test_a_stopped_worker_is_replaced(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    with JobTable(folder.table) as table:
        processes = job_processes.JobProcesses(folder, table, "sample", 1)
        processes.start()
        try:
            (worker,) = processes._workers
            wait_until(lambda: worker.signs.value > 0)
            os.kill(worker.process.pid or 0, signal.SIGSTOP)
            table.submit("stops", {})
            assert table.take(worker.name) is not None
            while worker.process.is_alive():
                worker.look()
            wait_until(lambda: processes._workers[0] is not worker)
            assert running(folder.table).get("stops") != worker.name
        finally:
            processes.stop()


def running(table: Path) -> dict[str, str]:
    """Return the jobs that are being computed, each with the name of its worker."""
    with closing(sqlite3.connect(table, timeout=PATIENCE)) as database:
        return dict(database.execute("SELECT id, worker FROM jobs WHERE state = 'progress'"))


def test_the_job_of_one_dead_worker_of_two_is_computed_again(
    three_windows: Path, tmp_path: Path
) -> None:
    windows = oda.connect(archive=three_windows).science_windows().ids
    asked = {
        "instrument": "isgri",
        "product_type": "isgri_image",
        "scw_list": ",".join(windows),
    }
    with serving(three_windows, tmp_path / "jobs", workers=2) as server:
        for band in range(20, 40):
            asked["E1_keV"] = str(band)
            job_id = server.ask(**asked).json()["job_monitor"]["job_id"]
            if ended_while_it_computes(server, job_id):
                break
        answer = server.done(**asked, job_id=job_id, query_status="progress")
        assert answer["query_status"] == "done"
        wait_until(lambda: server.ask("/health").json()["workers"] == 2)


def ended_while_it_computes(server: OurServer, job_id: str) -> bool:
    """Kill the worker of a job; return False if it was done before."""
    table = server.folder / "jobs.sqlite"
    wait_until(lambda: state_of(table, job_id) != QUEUED)
    name = running(table).get(job_id)
    if name is None:
        return False
    process = workers_of(server)[int(name.rsplit("-", 1)[1]) - 1]
    os.kill(process, signal.SIGSTOP)  # it cannot end while we look once more
    if running(table).get(job_id) == name:
        os.kill(process, signal.SIGKILL)
        return True
    os.kill(process, signal.SIGCONT)
    return False


def state_of(table: Path, job_id: str) -> str:
    with closing(sqlite3.connect(table, timeout=PATIENCE)) as database:
        query = "SELECT state FROM jobs WHERE id = ?"
        return str(database.execute(query, (job_id,)).fetchone()[0])


def test_clients_take_turns(tmp_path: Path) -> None:
    with JobTable(tmp_path / "jobs.sqlite") as table:
        for number in range(30):
            table.submit(f"busy {number}", {}, "busy")
        table.take("worker")
        table.submit("other", {}, "other")
        taken = [row.id for row in (table.take("worker"), table.take("worker")) if row]
        assert taken == ["other", "busy 1"]


def test_the_queue_has_a_limit_for_each_client_and_for_all(tmp_path: Path) -> None:
    with JobTable(tmp_path / "jobs.sqlite") as table:
        for number in range(100):
            table.submit(f"busy {number}", {}, "busy")
        with pytest.raises(QueueFull, match="100 jobs of yours are waiting"):
            table.submit("one more", {}, "busy")
        assert table.submit("busy 7", {}, "busy").state == QUEUED  # known already
        for number in range(900):
            table.submit(f"other {number}", {}, f"client {number}")
        with pytest.raises(QueueFull, match="1000 jobs are waiting at this server"):
            table.submit("another", {}, "another")
        with table._open() as database:  # the connection that is used next
            steps: list[None] = []
            database.set_progress_handler(lambda: steps.append(None), 1000)
        table.take("worker")
        assert 1 < len(steps) < 200  # thousand steps of SQLite, in which others wait


def test_old_products_make_room(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    with JobTable(folder.table) as table:
        for name in ("aa", "bb", "cc"):
            table.submit(name, {})
            taken = table.take("worker")
            assert taken is not None
            folder.products(name).parent.mkdir(exist_ok=True)
            folder.products(name).write_bytes(bytes(1000))
            table.finish(name, "worker")
        remove_old_jobs(table, folder, most_bytes=2500)
        assert [job for job, _ in table.ended()] == ["bb", "cc"]
        assert not folder.products("aa").exists()
        assert folder.products("bb").exists()


def test_drafts_of_killed_processes_are_removed_at_the_start(
    three_windows: Path, tmp_path: Path
) -> None:
    products = tmp_path / "jobs" / "answers"
    names = "from oda_widgets.files import draft_name as new; print(new(), new())"
    command = [sys.executable, "-c", names]
    ended = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    (products / ended[0]).mkdir(parents=True)
    (products / ended[0] / "mosaic.fits").write_bytes(b"half")
    (products / ended[1]).write_bytes(b"half")
    (products / "0123.json").write_bytes(b"{}")
    ours = products / draft_name()  # as that of a worker whose server was killed
    ours.write_bytes(b"half")
    with serving(three_windows, tmp_path / "jobs"):
        assert {path.name for path in products.iterdir()} == {"0123.json", ours.name}


def test_jobs_of_workers_that_nobody_knows_are_queued_again(tmp_path: Path) -> None:
    with JobTable(tmp_path / "jobs.sqlite") as table:
        for name in ("aa", "bb"):
            table.submit(name, {})
        assert table.take("1-1") is not None
        assert table.take("2-1") is not None
        table.put_back_of_others(["2-1", "2-2"])
        assert table.counts() == {QUEUED: 1, "progress": 1}


def test_files_of_a_product_take_their_name_while_another_process_gives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, remove = tmp_path / "0123.files", product_files.remove_files
    others = iter((True, True))

    def removed_and_made(path: Path) -> None:
        remove(path)
        if path == folder and next(others, False):
            folder.mkdir()
            (folder / "of_the_other").touch()

    monkeypatch.setattr(product_files, "remove_files", removed_and_made)
    product_files.write_files_of({}, folder)  # type: ignore[arg-type]  # a product of no parts
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("what", ["link", "file"])
def test_what_stands_in_the_place_of_products_is_replaced_and_no_link_followed(
    what: str, tmp_path: Path
) -> None:
    elsewhere, jobs = tmp_path / "elsewhere", JobFolder(tmp_path / "jobs")
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("kept")
    jobs.files("0123").parent.mkdir(parents=True)
    for path in (jobs.files("0123"), jobs.products("0123"), jobs.arrays("0123")):
        if what == "file":
            path.touch()
        else:
            folder = path == jobs.files("0123")
            path.symlink_to(elsewhere if folder else elsewhere / "precious")
    jobs.write("0123", make_image())
    assert jobs.is_complete("0123")
    assert not any(path.is_symlink() for path in jobs.files("0123").parent.iterdir())
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
    assert (elsewhere / "precious").read_text() == "kept"


def test_a_worker_whose_server_is_gone_fails_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(job_process, "JobRun", fail)
    folder = JobFolder(tmp_path)
    with JobTable(folder.table) as table:
        table.submit("aa", {"parameters": {}, "given": []})
        row = table.take("1-1")
        stop = SimpleNamespace(server_is_gone=True, cancel_on_stop=lambda _: None)
        job_process._compute(row, "1-1", table, folder, None, stop)  # type: ignore[arg-type]
        assert table.counts() == {"progress": 1}


@pytest.mark.parametrize("full", [OSError(errno.ENOSPC, "x", "/srv/d"), OSError("not enough")])
def test_a_full_disk_is_named_without_a_folder(
    full: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise full

    monkeypatch.setattr(job_folder, "json_pieces", lambda _: ())
    monkeypatch.setattr(job_folder, "write_pieces", fail)
    with pytest.raises(StoreError, match=r"the server cannot store it .*make room") as caught:
        JobFolder(tmp_path).write("0123", {})  # type: ignore[arg-type]
    assert "/" not in str(caught.value)
    assert JobFolder(tmp_path).trouble() == ""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    assert "is full: 1 MB" in JobFolder(tmp_path).trouble()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/srv/jobs/d/a.fits is damaged.", "a.fits is damaged."),
        ("It is in '/srv/a b/c.fits'.", "It is in 'a b/c.fits'."),
        ("See http://a.org/b/c and 2004/05/06.", "See http://a.org/b/c and 2004/05/06."),
    ],
)
def test_clients_are_told_no_folders_of_the_server(said: str, told: str) -> None:
    assert as_failure(StoreError(said, "Go."), "a request").problem == told


@pytest.mark.parametrize("name", ["secret", "server.json", "lock", "jobs.sqlite", "answers"])
@pytest.mark.parametrize("kind", [os.mkfifo, Path.mkdir, Path.touch], ids=["pipe", "dir", "file"])
def test_what_cannot_be_in_the_folder_is_refused_by_name(
    name: str, kind: Callable[[Path], None], tmp_path: Path
) -> None:
    kind(tmp_path / name)
    fits = {"answers": Path.mkdir}.get(name, Path.touch)
    if kind is fits:
        JobFolder(tmp_path).make_private()
        return
    with pytest.raises(BadParameter, match=f"{name} in it is no"):
        JobFolder(tmp_path).make_private()


@pytest.mark.parametrize("make", [os.mkfifo, lambda p: p.write_bytes(b"\xff" * 40), Path.mkdir])
def test_a_secret_that_cannot_be_read_is_refused(
    make: Callable[[Path], Any], tmp_path: Path
) -> None:
    make(tmp_path / "secret")
    with pytest.raises(BadParameter, match=r"secret=.*(it is no text|it cannot be used)"):
        secret_in(tmp_path / "secret")


def test_a_secret_is_whole_or_not_there_and_its_draft_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is killed while it makes its secret starts again."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    folder = JobFolder(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "hardlink_to", end)
        with pytest.raises(KeyboardInterrupt):
            secret_in(folder.secret)
    assert len(secret_in(folder.secret)) >= 32
    script = "from oda_widgets.files import draft_name; print(draft_name())"
    name = subprocess.check_output([sys.executable, "-c", script], text=True).strip()
    (tmp_path / name).write_text("half a secret")
    folder.remove_drafts()
    assert list(tmp_path.iterdir()) == [folder.secret]


@pytest.mark.parametrize(
    "request_line", [b"CONNECT /health", b"CONNECT a.org:443", b"GET /health"], ids=bytes.decode
)
def test_no_other_protocol_is_spoken(request_line: bytes, server: OurServer) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as asking:
        headers = b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        asking.sendall(request_line + b" HTTP/1.1\r\n" + headers + b"\r\n")
        assert asking.recv(1000).startswith(b"HTTP/1.1 405 ")
        assert asking.recv(1000) == b""
    assert "Traceback" not in server.folder.with_suffix(".log").read_text()


def receiving(client: str, size: int) -> Request:
    """Return a request of which so many bytes arrive, and then no more."""

    async def receive() -> dict[str, Any]:
        nonlocal size
        if not size:
            await sleep_forever()
        count = min(size, 1 << 18)
        size -= count
        return {"type": "http.request", "body": bytes(count), "more_body": size > 0 or count > 1000}

    scope = {"type": "http", "client": (client, 1), "headers": []}
    return Request(scope, receive)


def test_half_sent_bodies_have_a_limit_for_each_client_and_small_ones_are_read() -> None:
    bodies = Bodies()
    refused: list[str] = []
    over, beyond = Event(), 10 - MOST_OF_CLIENT // 9_900_000

    async def hold(client: str) -> None:
        try:
            async with bodies.of(receiving(client, 9_900_000)):
                pass
        except TooMuchAtOnce as error:
            refused.append(str(error))
            if len(refused) == beyond:
                over.set()

    async def ask() -> None:
        async with create_task_group() as group:
            for _ in range(10):
                group.start_soon(hold, "10.0.0.1")
            with move_on_after(PATIENCE):
                await over.wait()
            for client in ("10.0.0.1", "10.0.0.2"):
                async with bodies.of(receiving(client, 1000)) as body:
                    assert len(body) == 1000
            group.cancel_scope.cancel()
        async with bodies.of(receiving("10.0.0.1", 1000)):  # nothing is held any more
            assert not bodies._held

    run(ask)
    assert len(refused) == beyond
    assert all("more than 64 MB at once" in text for text in refused)


def test_a_locked_table_is_said_in_health_and_waited_for(
    three_windows: Path, other_server: OurServer
) -> None:
    window = oda.connect(archive=three_windows).science_windows().ids[0]
    asked = {"instrument": "isgri", "product_type": "isgri_image", "scw_list": window}
    table = other_server.folder / "jobs.sqlite"
    other = sqlite3.connect(table, isolation_level=None, timeout=PATIENCE)
    with closing(other), hurried(other_server):
        other.execute("BEGIN EXCLUSIVE")
        os.kill(workers_of(other_server)[-1], signal.SIGKILL)
        wait_until(lambda: "table of jobs" in health(other_server)["trouble"])
        assert health(other_server)["status"] == "no worker"
        other.execute("ROLLBACK")
    assert other_server.done(**asked)["query_status"] == "done"
    assert health(other_server) | {"jobs": 0} == {
        "status": "ok",
        "trouble": "",
        "workers": 1,
        "jobs": 0,
        "computations": 1,
    }


@pytest.mark.parametrize("begun", [True, False], ids=["by the server", "by nobody"])
@pytest.mark.parametrize("how", ["removed", "replaced", "emptied", "damaged"])
def test_a_table_that_is_taken_away_is_begun_anew(
    how: str,
    begun: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    file = tmp_path / "jobs.sqlite"
    with JobTable(file) as table, JobTable(file) as of_worker:
        if begun:
            for number in range(20):
                table.submit(f"before {number}", {})
            assert of_worker.take("worker") is not None
        if how == "removed":
            file.unlink()
        elif how == "emptied":
            file.write_bytes(b"")
        else:
            other = tmp_path / "other"
            other.write_bytes(b"" if how == "replaced" else b"no database" * 1000)
            other.replace(file)
        for one in (table, of_worker):
            with suppress(StoreError):  # which says so, unless the journal holds it all
                one.counts()
        if how == "damaged":
            file.unlink()
        assert table.submit("after", {}).state == QUEUED
        taken = of_worker.take("another worker")
        assert taken is not None
        of_worker.finish(taken.id, "another worker")
        assert "done" in table.counts()


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_table_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "jobs.sqlite"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"The table of jobs \(jobs.sqlite\) cannot be used"):
        JobTable(file)


def test_a_table_of_another_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "jobs.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version=1")
    with pytest.raises(StoreError, match="written by another version"):
        JobTable(file)
