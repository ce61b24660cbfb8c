"""A process that works on the jobs of the table, one after the other."""

from __future__ import annotations

import logging
import multiprocessing
import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oda_widgets.backend.connect import connect
from oda_widgets.backend.job import Job
from oda_widgets.errors import JobCancelled, OdaError
from oda_widgets.files import write_pieces
from oda_widgets.products.answer import Product
from oda_widgets.protocol.encode import packed, products_text
from oda_widgets.server.files import remove_files, write_files_of
from oda_widgets.server.table import DONE, FAILED, Row, Table
from oda_widgets.server.work import Work

_WAIT = 0.05  # seconds between two looks at an empty table
_BETWEEN_REPORTS = 0.1
_WINDOW = re.compile(r"\d{12}\.\d{3}")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where the server keeps its jobs.

    Parameters
    ----------
    folder
        With the table and the answers.
    """

    folder: Path

    @property
    def table(self) -> Path:
        """The database."""
        return self.folder / "jobs.sqlite"

    def answer(self, job_id: str) -> Path:
        """Return the file with the products of a job; its id is ours: hex digits."""
        return self.folder / "answers" / f"{job_id}.json"

    def heads(self, job_id: str) -> Path:
        """Return the file with the products for our own client, without their arrays."""
        return self.folder / "answers" / f"{job_id}.heads.json"

    def arrays(self, job_id: str) -> Path:
        """Return the file with the bytes of those arrays."""
        return self.folder / "answers" / f"{job_id}.arrays"

    def files(self, job_id: str) -> Path:
        """Return the folder with the products of a job as files."""
        return self.folder / "answers" / f"{job_id}.files"

    def is_complete(self, job_id: str) -> bool:
        """Return True when all that was written of a job is still there."""
        return self.files(job_id).is_dir() and all(f.is_file() for f in self._answers(job_id))

    def forget(self, job_id: str) -> None:
        """Remove all that was written of a job."""
        remove_files(self.files(job_id))
        for file in self._answers(job_id):
            with suppress(OSError):
                file.unlink()

    def _answers(self, job_id: str) -> tuple[Path, ...]:
        return self.answer(job_id), self.heads(job_id), self.arrays(job_id)


class _Reporter:
    """Writes what a job tells into the table, in the words that clients count."""

    def __init__(self, table: Table, job_id: str) -> None:
        self._table = table
        self._job_id = job_id
        self._last = ("", "")
        self._when = 0.0
        self.job: Job | None = None

    def __call__(self, job: Job) -> None:
        self.job = job
        step = job.progress.step
        found = _WINDOW.search(step)
        window = found[0] if found else ""
        node = step.replace(window, "").removesuffix(" of ").strip() or "analysis"
        if self._last[0] and self._last[0] != window:
            self._write(self._last[0], self._last[1], "main done")
        elif (window, node) == self._last or time.monotonic() - self._when < _BETWEEN_REPORTS:
            return
        self._last, self._when = (window, node), time.monotonic()
        if window:
            self._write(window, node, "main starting")

    def _write(self, window: str, node: str, message: str) -> None:
        document = {"action": "progress", "node": node, "scwid": window, "message": message}
        self._table.report(self._job_id, document | {"level": "INFO", "time": time.time()})


def work(folder: str, archive: str | None) -> None:
    """Work on jobs until told to stop or until the server is gone.

    Parameters
    ----------
    folder
        Where the server keeps its jobs.
    archive
        What to connect to (see `connect`); None for the settings.
    """
    place = Place(Path(folder))
    table = Table(place.table)
    stopping = _Stopping()
    site = connect(archive, executor="none")  # the server has processes of its own
    while not stopping:
        row = table.take()
        if row is None:
            time.sleep(_WAIT)
        else:
            _do(row, table, place, site, stopping)


class _Stopping:
    """True once the process was told to stop, or the server that started it is gone."""

    def __init__(self) -> None:
        self._told = False
        self.reporter: _Reporter | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)

    def __bool__(self) -> bool:
        parent = multiprocessing.parent_process()
        return self._told or (parent is not None and not parent.is_alive())

    def _tell(self, *_: Any) -> None:
        self._told = True
        if self.reporter is not None and self.reporter.job is not None:
            self.reporter.job.cancel()


def _do(row: Row, table: Table, place: Place, site: Any, stopping: _Stopping) -> None:
    reporter = _Reporter(table, row.id)
    stopping.reporter = reporter
    question = row.question
    try:
        wanted = Work(site, question["parameters"], tuple(question["given"]), reporter)
        answered = wanted.answer()
        _keep(answered.product, row.id, place)
        table.finish(row.id, DONE, comment=answered.comment)
    except JobCancelled:
        table.put_back(row.id)
    except OdaError as error:
        table.finish(row.id, FAILED, str(error))
    except Exception:  # noqa: BLE001 - the one place where a defect of ours ends
        _LOG.exception("job %s", row.id)
        message = "Something went wrong that should not. Tell those who run the server."
        table.finish(row.id, FAILED, message)
    finally:
        stopping.reporter = None


def _keep(product: Product, job_id: str, place: Place) -> None:
    """Write a product in all the manners in which it may be asked for."""
    write_pieces(place.answer(job_id), (piece.encode() for piece in products_text(product)))
    ours = packed(product)
    write_pieces(place.arrays(job_id), ours.arrays)
    write_pieces(place.heads(job_id), (ours.text.encode(),))
    write_files_of(product, place.files(job_id))
