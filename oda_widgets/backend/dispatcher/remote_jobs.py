"""Remember jobs that run at a server, so that another session finds them."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from oda_widgets.files import write_whole

_FORMAT = "oda_widgets dispatcher job 1"
_LONGEST = 30 * 86400.0  # seconds; servers delete their jobs after about a month
_ID = re.compile(r"[0-9A-Za-z_-]{1,128}")


@dataclass(frozen=True)
class RemoteJob:
    """A job at a server.

    Parameters
    ----------
    session_id, job_id
        Identifiers by which the server finds it.
    submitted
        Time of submission, seconds since 1970.
    """

    session_id: str
    job_id: str
    submitted: float


class RemoteJobs:
    """The jobs that have not ended, one small file each, without tokens.

    Parameters
    ----------
    folder
        Folder of the files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str) -> RemoteJob | None:
        """Return the job for a query (hex digits), or None if it is not remembered."""
        try:
            found = json.loads(self._file(key).read_text(encoding="utf-8"))
            job = RemoteJob(found["session_id"], found["job_id"], float(found["submitted"]))
            if found["format"] != _FORMAT or not (
                _ID.fullmatch(job.session_id) and _ID.fullmatch(job.job_id)
            ):
                return None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return job if time.time() - job.submitted < _LONGEST else None

    def save(self, key: str, job: RemoteJob) -> None:
        """Remember a job; if the folder cannot be written, only in this session."""
        with suppress(OSError):
            document = {"format": _FORMAT, **asdict(job)}
            write_whole(self._file(key), json.dumps(document).encode())

    def remove(self, key: str) -> None:
        """Forget a job that has ended."""
        with suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.json"
