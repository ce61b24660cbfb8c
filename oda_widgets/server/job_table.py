"""The table of jobs, in SQLite: jobs survive a restart, and processes share them."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oda_widgets.errors import NotAccepted, StoreError

_VERSION = 3
_LAYOUT = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    client TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    worker TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    queued REAL NOT NULL,
    started REAL NOT NULL DEFAULT 0,
    changed REAL NOT NULL,
    computations INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, client);
CREATE INDEX IF NOT EXISTS jobs_by_client ON jobs (client, started);
CREATE TABLE IF NOT EXISTS reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reports_of_job ON reports (job);
"""
_BUSY = 10.0  # seconds to wait for another process
_MOST_REPORTS = 2000  # of one job
_MOST_RECORDS = 1000  # of jobs
_MOST_CRASHES = 3
_MOST_OF_CLIENT, _MOST_IN_ALL = 100, 1000  # jobs that wait
# The client whose latest job started longest ago is next.
_NEXT = """
SELECT id FROM jobs AS waiting WHERE state = ? ORDER BY
    (SELECT COALESCE(MAX(started), 0) FROM jobs WHERE client = waiting.client), queued
LIMIT 1
"""

_LOG = logging.getLogger(__name__)

QUEUED, RUNNING, DONE, FAILED = "submitted", "progress", "done", "failed"


class QueueFull(NotAccepted):
    """So many jobs are waiting that no more are accepted."""


@dataclass(frozen=True)
class JobRow:
    """A row of the table: one job.

    Parameters
    ----------
    id
        Id of the job, hex digits.
    query
        Query of the client (see `client_query.ClientQuery.document`).
    state
        ``submitted``, ``progress``, ``done`` or ``failed``.
    message, comment
        Reason of a failure; remarks for the client.
    code
        Version of the code that computed it.
    """

    id: str
    query: Mapping[str, Any]
    state: str
    message: str
    comment: str
    code: str


class _Connection(sqlite3.Connection):
    """A connection to the file that had the name of the table at some time."""

    file_id: object = None


class JobTable:
    """The table of jobs; all methods may be called from any thread and process.

    If its file is removed or replaced, a new table is begun, or that of the new file goes on.

    Used in a ``with`` statement, it closes its connections at the end.

    Parameters
    ----------
    file
        The database.

    Raises
    ------
    StoreError
        If it cannot be read or written, here and by all methods.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: list[_Connection] = []  # as many as were ever used at once
        self._closed = False
        self._lock = threading.Lock()
        self._file_id: object = None
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._open():
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; one that another thread still uses is closed after its use."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for database in idle:
            database.close()

    def submit(self, job_id: str, query: Mapping[str, Any], client: str = "") -> JobRow:
        """Return the job of a query; it is new if there was none.

        Parameters
        ----------
        job_id
            Id of the job.
        query
            Query of the client.
        client
            Identity or address of the client, between which the queue is fair.

        Raises
        ------
        QueueFull
            If too many jobs are waiting.
        """
        row = self.find(job_id)
        if row is not None:
            return row  # reading waits for nobody; writing waits for other writers
        now = time.time()
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            _check_room(database, client)
            database.execute(
                "INSERT OR IGNORE INTO jobs (id, query, client, state, created, queued, changed) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (job_id, json.dumps(query), client, QUEUED, now, now, now),
            )
            row = _found(database, job_id)
        assert row is not None  # noqa: S101 - it was put there
        return row

    def find(self, job_id: str) -> JobRow | None:
        """Return a job, or None if the id is unknown."""
        with self._open() as database:
            return _found(database, job_id)

    def take(self, worker: str) -> JobRow | None:
        """Return the next job, for a worker to compute; clients take turns."""
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute(_NEXT, (QUEUED,)).fetchone()
            if found is None:
                return None
            now = time.time()
            database.execute(
                "UPDATE jobs SET state = ?, worker = ?, started = ?, changed = ?, "
                "computations = computations + 1 WHERE id = ?",
                (RUNNING, worker, now, now, found[0]),
            )
            return _found(database, found[0])

    def report(self, job_id: str, document: Mapping[str, Any]) -> None:
        """Record progress."""
        with self._open() as database:
            database.execute(
                "INSERT INTO reports (job, document) VALUES (?, ?)", (job_id, json.dumps(document))
            )

    def reports(self, job_id: str) -> list[dict[str, Any]]:
        """Return the progress reports of a job, the oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT document FROM reports WHERE job = ? ORDER BY number DESC LIMIT ?",
                (job_id, _MOST_REPORTS),
            ).fetchall()
        return [json.loads(row[0]) for row in reversed(rows)]

    def fail(self, job_id: str, worker: str, message: str) -> None:
        """Record why a job failed, unless another worker computes it by now."""
        self._end(job_id, worker, {"state": FAILED, "message": message})

    def finish(self, job_id: str, worker: str, comment: str = "", code: str = "") -> None:
        """Record that a job is done, unless another worker computes it by now.

        Parameters
        ----------
        job_id, worker
            The job, and the worker that has computed it.
        comment
            Remarks for the client.
        code
            Version of the code that computed it.
        """
        self._end(job_id, worker, {"state": DONE, "comment": comment, "code": code})

    def _end(self, job_id: str, worker: str, values: Mapping[str, str]) -> None:
        columns = ", ".join(f"{name} = ?" for name in values)
        with self._open() as database:
            database.execute(
                f"UPDATE jobs SET {columns}, changed = ? "  # noqa: S608 - columns of ours
                "WHERE id = ? AND worker = ? AND state = ?",
                (*values.values(), time.time(), job_id, worker, RUNNING),
            )

    def put_back(self, worker: str | None = None) -> None:
        """Queue the job of a worker again; None queues all jobs that were running."""
        which, values = ("", ()) if worker is None else (" AND worker = ?", (worker,))
        with self._open() as database:
            database.execute(
                f"UPDATE jobs SET state = ? WHERE state = ?{which}",  # noqa: S608 - ours
                (QUEUED, RUNNING, *values),
            )

    def put_back_of_others(self, workers: Collection[str]) -> None:
        """Queue again what other workers were computing: those of a server that was killed."""
        marks = ", ".join("?" * len(workers))
        running = (RUNNING, *workers)
        which = f"state = ? AND worker NOT IN ({marks})"
        with self._open() as database:
            # Reading first: there is nearly never one, and writing waits for other writers.
            if database.execute(f"SELECT 1 FROM jobs WHERE {which}", running).fetchone():  # noqa: S608
                update = f"UPDATE jobs SET state = ? WHERE {which}"  # noqa: S608 - marks of ours
                database.execute(update, (QUEUED, *running))

    def put_back_crashed(self, worker: str, reason: str) -> None:
        """Queue the job of a worker that died behind the others; the third time it fails.

        Parameters
        ----------
        worker
            The worker.
        reason
            How it died, for example "by signal 9".
        """
        running = (worker, RUNNING)
        message = (
            f"The process that computed it died {_MOST_CRASHES} times, at last {reason}. "
            "Ask for fewer science windows, or tell those who run the server."
        )
        now = time.time()
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "UPDATE jobs SET crashes = crashes + 1 WHERE worker = ? AND state = ?", running
            )
            database.execute(
                "UPDATE jobs SET state = ?, message = ?, changed = ? "
                "WHERE worker = ? AND state = ? AND crashes >= ?",
                (FAILED, message, now, *running, _MOST_CRASHES),
            )
            database.execute(
                "UPDATE jobs SET state = ?, queued = ? WHERE worker = ? AND state = ?",
                (QUEUED, now, *running),
            )

    def again(self, job_id: str) -> None:
        """Queue a job once more whose products are gone, or that failed earlier."""
        now = time.time()
        with self._open() as database:
            database.execute("DELETE FROM reports WHERE job = ?", (job_id,))
            database.execute(
                "UPDATE jobs SET state = ?, message = '', comment = '', crashes = 0, queued = ?, "
                "changed = ? WHERE id = ?",
                (QUEUED, now, now, job_id),
            )

    def bring_back(self) -> None:
        """Set times of the future to now: the clock was wrong when they were noted.

        A client whose job began then would wait for all others, and the job would never be old.
        """
        now = time.time()
        with self._open() as database:
            for column in ("created", "queued", "started", "changed"):
                change = f"UPDATE jobs SET {column} = ? WHERE {column} > ?"  # noqa: S608 - ours
                database.execute(change, (now, now))

    def ended(self) -> list[tuple[str, float]]:
        """Return the ids of jobs that ended and when, the earliest first."""
        with self._open() as database:
            return database.execute(
                "SELECT id, changed FROM jobs WHERE state IN (?, ?) ORDER BY changed",
                (DONE, FAILED),
            ).fetchall()

    def remove(self, job_ids: list[str]) -> None:
        """Remove jobs with their reports."""
        rows = [(job_id,) for job_id in job_ids]
        with self._open() as database:
            database.executemany("DELETE FROM jobs WHERE id = ?", rows)
            database.executemany("DELETE FROM reports WHERE job = ?", rows)

    def records(self) -> list[dict[str, Any]]:
        """Return the jobs, the latest first, without what identifies their owners."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, state, message, created, changed, computations FROM jobs "
                "ORDER BY changed DESC LIMIT ?",
                (_MOST_RECORDS,),
            ).fetchall()
        names = ("job_id", "state", "message", "ctime", "mtime", "computations")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return the number of jobs in each state."""
        with self._open() as database:
            return dict(database.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state"))

    def computations(self) -> int:
        """Return how many computations were started."""
        with self._open() as database:
            row = database.execute("SELECT COALESCE(SUM(computations), 0) FROM jobs").fetchone()
            return int(row[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that no other thread uses; the block is one transaction."""
        try:
            database = self._borrow()
            try:
                with database:
                    yield database
            finally:
                self._give_back(database)
        except sqlite3.Error as error:
            self._file_id = None  # its file is looked at anew: it may have lost its tables
            problem = f"The table of jobs ({self._file.name}) cannot be used: {error}."
            advice = "Make room on the disk and check who may write there; a damaged table can be "
            raise StoreError(problem, f"{advice}moved away, its jobs are then lost.") from error

    def _borrow(self) -> _Connection:
        with self._lock:
            if self._file_id is None or self._file_id != _id_of(self._file):
                self._begin()
            if self._idle:
                return self._idle.pop()
            return self._connect()

    def _begin(self) -> None:
        """Make the table where there is none, and leave the connections to an earlier file."""
        if self._file_id is not None:
            _LOG.warning("%s was removed or replaced; it is begun anew.", self._file)
        while self._idle:
            self._idle.pop().close()
        self._file_id = None
        database = self._connect()
        try:
            with database:
                _check_version(database, self._file)
                database.execute("PRAGMA journal_mode=WAL")
                database.executescript(_LAYOUT)
                database.execute(f"PRAGMA user_version={_VERSION}")
        except (sqlite3.Error, StoreError):
            database.close()
            raise
        self._file_id = database.file_id = _id_of(self._file)
        self._idle.append(database)

    def _connect(self) -> _Connection:
        # One thread uses it at a time, but not always the same.
        database = sqlite3.connect(
            self._file, timeout=_BUSY, check_same_thread=False, factory=_Connection
        )
        database.execute("PRAGMA synchronous=NORMAL")
        database.file_id = self._file_id
        return database

    def _give_back(self, database: _Connection) -> None:
        with self._lock:
            if not self._closed and database.file_id == self._file_id:
                self._idle.append(database)
                return
        database.close()


def _id_of(file: Path) -> object:
    """Return what tells a file from another of the same name; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_version(database: sqlite3.Connection, file: Path) -> None:
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found not in (0, _VERSION):
        problem = f"The table of jobs ({file.name}) was written by another version of oda_widgets."
        raise StoreError(problem, "Move it away, or give the server another --folder.")


def _check_room(database: sqlite3.Connection, client: str) -> None:
    counts = dict(
        database.execute(
            "SELECT client = ?, COUNT(*) FROM jobs WHERE state = ? GROUP BY client = ?",
            (client, QUEUED, client),
        ).fetchall()
    )
    own = counts.get(1, 0)
    if own >= _MOST_OF_CLIENT:
        problem = f"{own} jobs of yours are waiting already."
        raise QueueFull(problem, "Submit the next one when some of them are done.")
    if sum(counts.values()) >= _MOST_IN_ALL:
        raise QueueFull(f"{_MOST_IN_ALL} jobs are waiting at this server.", "Ask again later.")


def _found(database: sqlite3.Connection, job_id: str) -> JobRow | None:
    row = database.execute(
        "SELECT id, query, state, message, comment, code FROM jobs WHERE id = ?", (job_id,)
    ).fetchone()
    return None if row is None else JobRow(row[0], json.loads(row[1]), *row[2:])
