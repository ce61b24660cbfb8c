"""The jobs of the server, in SQLite: they survive a restart, and processes share them."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_VERSION = 1
_LAYOUT = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    changed REAL NOT NULL,
    computations INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reports_of_job ON reports (job);
"""
_BUSY = 10.0  # seconds to wait for another process
_MOST_REPORTS = 2000  # that are told of one job

QUEUED, RUNNING, DONE, FAILED = "submitted", "progress", "done", "failed"


@dataclass(frozen=True)
class JobRow:
    """A job as the table has it.

    Parameters
    ----------
    id
        By which it is known.
    query
        What is asked (see `questions.ClientQuery`).
    state
        ``submitted``, ``progress``, ``done`` or ``failed``.
    message, comment
        Why it failed; what else the user should know.
    """

    id: str
    query: Mapping[str, Any]
    state: str
    message: str
    comment: str


class JobTable:
    """The table of jobs; all methods may be called from any thread and process.

    Used in a ``with`` statement, it closes its connections at the end.

    Parameters
    ----------
    file
        The database.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: list[sqlite3.Connection] = []  # as many as were ever used at once
        self._closed = False
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.executescript(_LAYOUT)
            database.execute(f"PRAGMA user_version={_VERSION}")

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

    def submit(self, job_id: str, question: Mapping[str, Any]) -> JobRow:
        """Return the job for a question: a new one only if there is none yet."""
        row = self.find(job_id)
        if row is not None:
            return row  # looking disturbs nobody; writing waits for others who write
        now = time.time()
        with self._open() as database:
            database.execute(
                "INSERT OR IGNORE INTO jobs (id, question, state, created, changed) "
                "VALUES (?, ?, ?, ?, ?)",
                (job_id, json.dumps(question), QUEUED, now, now),
            )
            row = _found(database, job_id)
        assert row is not None  # noqa: S101 - it was put there
        return row

    def find(self, job_id: str) -> JobRow | None:
        """Return a job, or None."""
        with self._open() as database:
            return _found(database, job_id)

    def take(self) -> JobRow | None:
        """Return the job that waits for longest, which now is the caller's to work on."""
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute(
                "SELECT id FROM jobs WHERE state = ? ORDER BY created LIMIT 1", (QUEUED,)
            ).fetchone()
            if found is None:
                return None
            _set(database, found[0], RUNNING)
            database.execute(
                "UPDATE jobs SET computations = computations + 1 WHERE id = ?", (found[0],)
            )
            return _found(database, found[0])

    def report(self, job_id: str, document: Mapping[str, Any]) -> None:
        """Take note of progress."""
        with self._open() as database:
            database.execute(
                "INSERT INTO reports (job, document) VALUES (?, ?)", (job_id, json.dumps(document))
            )

    def reports(self, job_id: str) -> list[dict[str, Any]]:
        """Return what is known of the progress of a job, the oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT document FROM reports WHERE job = ? ORDER BY number DESC LIMIT ?",
                (job_id, _MOST_REPORTS),
            ).fetchall()
        return [json.loads(row[0]) for row in reversed(rows)]

    def finish(self, job_id: str, state: str, message: str = "", comment: str = "") -> None:
        """Take note of the end of a job."""
        with self._open() as database:
            _set(database, job_id, state, message, comment)

    def put_back(self, job_id: str | None = None) -> None:
        """Have a job done again from its beginning; None means all that nobody works on."""
        with self._open() as database:
            if job_id is not None:
                _set(database, job_id, QUEUED)
                return
            database.execute("UPDATE jobs SET state = ? WHERE state = ?", (QUEUED, RUNNING))

    def again(self, job_id: str) -> None:
        """Have a job done once more whose answer is gone, or that failed some time ago."""
        with self._open() as database:
            database.execute("DELETE FROM reports WHERE job = ?", (job_id,))
            _set(database, job_id, QUEUED)

    def forget_before(self, moment: float) -> list[str]:
        """Remove the jobs that ended before a moment; return their ids."""
        ended = (moment, DONE, FAILED)
        where = "changed < ? AND state IN (?, ?)"
        with self._open() as database:
            rows = database.execute(f"SELECT id FROM jobs WHERE {where}", ended)  # noqa: S608
            ids = [row[0] for row in rows]
            database.execute(f"DELETE FROM jobs WHERE {where}", ended)  # noqa: S608
            database.executemany("DELETE FROM reports WHERE job = ?", [(i,) for i in ids])
        return ids

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        with self._open() as database:
            return dict(database.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state"))

    def computations(self) -> int:
        """Return how often anything was computed."""
        with self._open() as database:
            row = database.execute("SELECT COALESCE(SUM(computations), 0) FROM jobs").fetchone()
            return int(row[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that no other thread uses; what is done is kept whole or not at all."""
        database = self._borrow()
        try:
            with database:
                yield database
        finally:
            self._give_back(database)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        # One thread uses it at a time, but not always the same.
        database = sqlite3.connect(self._file, timeout=_BUSY, check_same_thread=False)
        database.execute("PRAGMA synchronous=NORMAL")
        return database

    def _give_back(self, database: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(database)
                return
        database.close()


def _found(database: sqlite3.Connection, job_id: str) -> JobRow | None:
    row = database.execute(
        "SELECT id, question, state, message, comment FROM jobs WHERE id = ?", (job_id,)
    ).fetchone()
    return None if row is None else JobRow(row[0], json.loads(row[1]), *row[2:])


def _set(
    database: sqlite3.Connection, job_id: str, state: str, message: str = "", comment: str = ""
) -> None:
    database.execute(
        "UPDATE jobs SET state = ?, message = ?, comment = ?, changed = ? WHERE id = ?",
        (state, message, comment, time.time(), job_id),
    )
