"""The folder in which the server keeps its jobs and their products."""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from oda_widgets.errors import BadParameter, StoreError
from oda_widgets.files import is_abandoned, is_of_another_user, write_pieces
from oda_widgets.products.answer import Product
from oda_widgets.protocol.product_writer import json_pieces, json_with_arrays
from oda_widgets.server.product_files import files_in, remove_files, write_files_of

_LEAST_ROOM = 64 << 20  # bytes; the products of an image of fifty windows take about 30 MB
_MAKE_ROOM = "Those who run it can make room on its disk; then ask again."
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobFolder:
    """The folder of a server. Job identifiers are hex digits, which are safe in paths.

    Parameters
    ----------
    path
        Path of the folder.
    """

    path: Path

    @property
    def table(self) -> Path:
        """The database of jobs."""
        return self.path / "jobs.sqlite"

    @property
    def secret(self) -> Path:
        """The file with the secret that signs tokens."""
        return self.path / "secret"

    @property
    def lock(self) -> Path:
        """The file that a running server locks."""
        return self.path / "lock"

    @property
    def note(self) -> Path:
        """The file that names the archive of the jobs."""
        return self.path / "server.json"

    @property
    def _answers(self) -> Path:
        return self.path / "answers"

    def make_private(self) -> None:
        """Make the folder for this user alone, and check the files in it.

        Raises
        ------
        BadParameter
            If it cannot be made, or one of its files is a folder, pipe or device.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            foreign = is_of_another_user(self.path)
            reason = "it belongs to another user" if foreign else error.strerror
            limit = f"cannot be used as a folder ({reason})"
            advice = "Give a folder of your own: --folder."
            raise BadParameter("folder", str(self.path), limit, advice) from None
        journals = (self.table.with_name(f"{self.table.name}-{end}") for end in ("wal", "shm"))
        for file in (self.table, *journals, self.secret, self.lock, self.note):
            self._check(file, "no plain file", fits=file.is_file())
        self._check(self._answers, "no folder", fits=self._answers.is_dir())

    def _check(self, path: Path, fault: str, *, fits: bool) -> None:
        if not fits and (path.exists() or path.is_symlink()):
            limit = f"{path.name} in it is {fault}"
            raise BadParameter("folder", str(self.path), limit, "Remove it.")

    def remove_drafts(self) -> None:
        """Remove drafts of processes that have ended; keep those of running ones."""
        for draft in filter(is_abandoned, (*self.path.glob(".*"), *self._answers.glob(".*"))):
            if draft.is_dir():
                remove_files(draft)
            else:
                draft.unlink(missing_ok=True)

    def products(self, job_id: str) -> Path:
        """Return the file with the products of a job as JSON, numbers as text."""
        return self._answers / f"{job_id}.json"

    def heads(self, job_id: str) -> Path:
        """Return the file with the products as JSON for our own client, without their arrays."""
        return self._answers / f"{job_id}.heads.json"

    def arrays(self, job_id: str) -> Path:
        """Return the file with the bytes of the arrays, for our own client."""
        return self._answers / f"{job_id}.arrays"

    def files(self, job_id: str) -> Path:
        """Return the folder with the products of a job as FITS and region files."""
        return self._answers / f"{job_id}.files"

    def is_complete(self, job_id: str) -> bool:
        """Return True if all files of a job still exist."""
        return self.files(job_id).is_dir() and all(f.is_file() for f in self._json_files(job_id))

    def write(self, job_id: str, product: Product) -> None:
        """Write a product in all forms that clients may request.

        Raises
        ------
        StoreError
            If the disk is full or fails.
        """
        try:
            self._write(job_id, product)
        except (OSError, BadParameter) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            if not isinstance(cause, OSError):
                raise
            reason = os.strerror(cause.errno) if cause.errno else "an unknown error of the disk"
            _LOG.error("%s: products cannot be written: %s", self._answers, reason)
            problem = f"The product was computed, but the server cannot store it ({reason})."
            raise StoreError(problem, _MAKE_ROOM) from error

    def trouble(self) -> str:
        """Return why products cannot be written; empty if they can."""
        try:
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            return f"The folder of the server cannot be used ({error.strerror})."
        if free < _LEAST_ROOM:
            return f"The disk of the server is full: {free >> 20} MB are left. {_MAKE_ROOM}"
        return ""

    def _write(self, job_id: str, product: Product) -> None:
        write_pieces(self.products(job_id), (piece.encode() for piece in json_pieces(product)))
        separate = json_with_arrays(product)
        write_pieces(self.arrays(job_id), separate.arrays)
        write_pieces(self.heads(job_id), (separate.text.encode(),))
        write_files_of(product, self.files(job_id))

    def size(self, job_id: str) -> int:
        """Return the size of all files of a job in bytes."""
        files = [*self._json_files(job_id), *files_in(self.files(job_id)).values()]
        return sum(file.stat().st_size for file in files if file.is_file())

    def remove(self, job_id: str) -> None:
        """Remove all files of a job."""
        remove_files(self.files(job_id))
        for file in self._json_files(job_id):
            with suppress(OSError):
                file.unlink()

    def _json_files(self, job_id: str) -> tuple[Path, ...]:
        return self.products(job_id), self.heads(job_id), self.arrays(job_id)
