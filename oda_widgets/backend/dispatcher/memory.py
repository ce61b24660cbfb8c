"""Jobs that a server works on, remembered so that they are found again by another session."""

from __future__ import annotations

import json
import re
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from oda_widgets.files import write_whole

_FORMAT = "oda_widgets dispatcher job 1"
_LONGEST = 30 * 86400.0  # seconds; servers throw their jobs away after about a month
_SESSION = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ID = re.compile(r"[0-9A-Za-z_-]{1,128}")


@dataclass(frozen=True)
class RemoteJob:
    """A job at a server.

    Parameters
    ----------
    session_id, job_id
        By which the server knows it.
    submitted
        When, seconds since 1970.
    """

    session_id: str
    job_id: str
    submitted: float


def new_session() -> str:
    """Return an identifier of a session, of the form that servers expect."""
    return "".join(secrets.choice(_SESSION) for _ in range(16))


class Memory:
    """The jobs that have not ended, one small file each; no token is written.

    Parameters
    ----------
    folder
        Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, question: str) -> RemoteJob | None:
        """Return the job that works on a question (hex digits), if it is remembered."""
        try:
            found = json.loads(self._file(question).read_text(encoding="utf-8"))
            job = RemoteJob(found["session_id"], found["job_id"], float(found["submitted"]))
            if found["format"] != _FORMAT or not (
                _ID.fullmatch(job.session_id) and _ID.fullmatch(job.job_id)
            ):
                return None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return job if time.time() - job.submitted < _LONGEST else None

    def remember(self, question: str, job: RemoteJob) -> None:
        """Keep a job; without a folder to write to it is known to this session only."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            document = {"format": _FORMAT, **asdict(job)}
            write_whole(self._file(question), json.dumps(document).encode())

    def forget(self, question: str) -> None:
        """Drop a job that has ended."""
        with suppress(OSError):
            self._file(question).unlink()

    def _file(self, question: str) -> Path:
        return self._folder / f"{question}.json"
