"""What a dispatcher answers to ``run_analysis``: read with care, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oda_widgets.protocol.encode import SEPARATOR
from oda_widgets.protocol.refuse import LARGEST_ANSWER, refused

STATES = ("submitted", "progress", "ready", "done", "failed")
_LONGEST_TEXT = 500
_JOB = re.compile(r"[0-9A-Za-z_-]{1,128}")
_MOST_REPORTS = 10_000


@dataclass(frozen=True)
class Report:
    """One message about the progress of a job.

    Parameters
    ----------
    window
        The science window it is about, if any.
    node
        The step of the analysis.
    message
        What happened to it.
    """

    window: str
    node: str
    message: str

    @property
    def finished(self) -> bool:
        """True when the step came to its end."""
        return self.message in {"main done", "restored from cache", "task complete"}

    def __str__(self) -> str:
        where = f" of {self.window}" if self.window else ""
        return f"{self.node}{where}: {self.message}" if self.node else self.message


@dataclass(frozen=True)
class Answer:
    """An answer to ``run_analysis``.

    Parameters
    ----------
    state
        One of `STATES`.
    job_id
        By which to ask on.
    products
        What was made; empty until it is done.
    message, comment
        What the server says of a failure, and of parameters it did not use.
    reports
        Messages about progress, the oldest first.
    """

    state: str
    job_id: str
    products: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    comment: str = ""
    reports: tuple[Report, ...] = ()

    @property
    def echoed(self) -> Any:
        """The parameters as the server has understood them."""
        return self.products.get("analysis_parameters")


def document_of(content: bytes) -> dict[str, Any]:
    """Return the mapping that the body of an answer holds.

    Parameters
    ----------
    content
        JSON; the bytes of arrays may stand behind it (see `encode.RAW`), and are put in their
        places without being copied.

    Raises
    ------
    DamagedFile
        If it is too large, not JSON, or something else.
    """
    if len(content) > LARGEST_ANSWER:
        raise refused(f"it has {len(content)} bytes")
    try:
        document = _with_arrays(content) if SEPARATOR in content else json.loads(content)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        start = content[:60].decode("utf-8", "replace")
        raise refused("it is not JSON", start) from error
    if not isinstance(document, dict):
        raise refused("it is no mapping", document)
    return document


def _with_arrays(content: bytes) -> Any:
    end = content.index(SEPARATOR)
    arrays = memoryview(content)[end + 1 :]

    def placed(document: dict[str, Any]) -> dict[str, Any]:
        place = document.get("raw")
        if place is None:
            return document
        start, length = map(int, place)
        if not (start >= 0 and length >= 0 and start + length <= len(arrays)):
            raise ValueError(place)
        return document | {"raw": arrays[start : start + length]}

    return json.loads(content[:end], object_hook=placed)


def answer_of(content: bytes) -> Answer:
    """Return the answer in a body.

    Raises
    ------
    DamagedFile
        If it is none.
    """
    document = document_of(content)
    monitor, status = _mapping(document, "job_monitor"), _mapping(document, "exit_status")
    state, job_id = document.get("query_status"), monitor.get("job_id")
    if state not in STATES:
        raise refused("it is in no known state", state)
    if not (isinstance(job_id, str) and _JOB.fullmatch(job_id)):
        raise refused("it names no job", job_id)
    texts = (clean(status.get(key)) for key in ("message", "error_message"))
    return Answer(
        state=state,
        job_id=job_id,
        products=_mapping(document, "products"),
        message=" · ".join(dict.fromkeys(text for text in texts if text)),
        comment=clean(status.get("comment")),
        reports=_reports(monitor),
    )


def clean(text: Any) -> str:
    """Return a text from outside in one line, of reasonable length, without control characters."""
    if not isinstance(text, str):
        return ""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text[:4000]).split())
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[: _LONGEST_TEXT - 3]}..."


def _mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    if not isinstance(found, dict):
        raise refused(f"its {name} is missing", found)
    return found


def _reports(monitor: Mapping[str, Any]) -> tuple[Report, ...]:
    entries = monitor.get("full_report_dict_list")
    if not isinstance(entries, list):
        return ()
    return tuple(
        Report(clean(entry.get("scwid")), clean(entry.get("node")), clean(entry.get("message")))
        for entry in entries[-_MOST_REPORTS:]
        if isinstance(entry, dict)
    )
