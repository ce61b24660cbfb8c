"""Read the reply of a dispatcher to ``run_analysis``, without trusting it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oda_widgets.errors import DamagedFile, shorten

STATES = ("submitted", "progress", "ready", "done", "failed")

RAW = "application/vnd.oda-widgets"
"""Content type of replies with the bytes of all arrays after the JSON, for our own client."""

SEPARATOR = b"\0"
"""Byte between the JSON, which cannot contain it, and the bytes of the arrays."""

LARGEST_REPLY = 512 << 20
"""Largest size of a reply in bytes; a mosaic of fifty windows takes about 30 MB."""

STOCK_FAILURE = "failed: get dataserver products "
"""Message of dispatchers for any failed analysis; oda_api chooses its error class by it."""

_LONGEST_TEXT = 500
_JOB_ID = re.compile(r"[0-9A-Za-z_-]{1,128}")
_MOST_REPORTS = 10_000
_ADVICE = "Ask again; if it happens again, tell those who run the server."
_FINISHED = frozenset({"main done", "restored from cache", "task complete"})


@dataclass(frozen=True)
class ProgressReport:
    """One message about the progress of a job.

    Parameters
    ----------
    window
        Identifier of the science window; empty if the message is about all of them.
    node
        Name of the analysis step.
    message
        State of the step, for example "main done".
    """

    window: str
    node: str
    message: str

    @property
    def finished(self) -> bool:
        """Whether the step has ended."""
        return self.message in _FINISHED

    def __str__(self) -> str:
        where = f" of {self.window}" if self.window else ""
        return f"{self.node}{where}: {self.message}" if self.node else self.message


@dataclass(frozen=True)
class Reply:
    """A reply to ``run_analysis``.

    Parameters
    ----------
    state
        One of `STATES`.
    job_id
        Identifier to send with the next request for the same job.
    products
        The products as JSON; empty until the job is done.
    message, comment
        Reason of a failure; remarks on parameters that were not used.
    advice
        Advice on the failure; only servers of this package send it.
    reports
        Progress reports, the oldest first.
    """

    state: str
    job_id: str
    products: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    comment: str = ""
    reports: tuple[ProgressReport, ...] = ()
    advice: str = ""

    @property
    def echoed(self) -> Any:
        """The parameters as the server understood them."""
        return self.products.get("analysis_parameters")


def unusable(what: str, found: object = None) -> DamagedFile:
    """Return the error for a part of a reply that cannot be used.

    Parameters
    ----------
    what
        The fault, as a clause.
    found
        The value at fault.
    """
    shown = "" if found is None else f" (found {shorten(found)})"
    return UnusableReply(f"{what}{shown}")


class UnusableReply(DamagedFile):
    """A part of a reply that cannot be used.

    Parameters
    ----------
    fault
        The fault, as a clause.
    """

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"The server's reply cannot be used: {fault}.", _ADVICE)

    def __reduce__(self) -> tuple[type, tuple[str]]:
        """Keep the fault when worker processes send the error."""
        return type(self), (self.fault,)


def read_document(content: bytes) -> dict[str, Any]:
    """Return the mapping in the body of a reply.

    Parameters
    ----------
    content
        JSON, perhaps followed by the bytes of arrays (see `RAW`). They are not copied.

    Raises
    ------
    DamagedFile
        If it is too large, not JSON, or not a mapping.
    """
    if len(content) > LARGEST_REPLY:
        raise unusable(f"it has {len(content)} bytes")
    try:
        document = _with_arrays(content) if SEPARATOR in content else json.loads(content)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        start = content[:60].decode("utf-8", "replace")
        raise unusable("it is not JSON", start) from error
    if not isinstance(document, dict):
        raise unusable("it is not a mapping", document)
    return document


def _with_arrays(content: bytes) -> Any:
    """Return decoded JSON in which each "raw" is a view of the bytes of its array."""
    end = content.index(SEPARATOR)
    arrays = memoryview(content)[end + 1 :]

    def insert_bytes(document: dict[str, Any]) -> dict[str, Any]:
        position = document.get("raw")
        if position is None:
            return document
        start, length = map(int, position)
        if not (start >= 0 and length >= 0 and start + length <= len(arrays)):
            raise ValueError(position)
        return document | {"raw": arrays[start : start + length]}

    return json.loads(content[:end], object_hook=insert_bytes)


def read_reply(content: bytes) -> Reply:
    """Return the reply in the body of a response.

    Raises
    ------
    DamagedFile
        If it is not a reply to ``run_analysis``.
    """
    document = read_document(content)
    monitor, status = _mapping(document, "job_monitor"), _mapping(document, "exit_status")
    state, job_id = document.get("query_status"), monitor.get("job_id")
    if state not in STATES:
        raise unusable("it is in no known state", state)
    if not (isinstance(job_id, str) and _JOB_ID.fullmatch(job_id)):
        raise unusable("it names no job", job_id)
    message, advice = _failure_reason(status), ""
    if status.get("advised") is True:  # our own servers add advice after the fault
        message, _, advice = message.partition(". ")
    return Reply(
        state=state,
        job_id=job_id,
        products=_mapping(document, "products"),
        message=message,
        advice=advice,
        comment=one_line(status.get("comment")),
        reports=_reports(monitor),
    )


def _failure_reason(status: Mapping[str, Any]) -> str:
    texts = [one_line(status.get(key)) for key in ("message", "error_message")]
    reasons = dict.fromkeys(text for text in texts if text)
    if len(reasons) > 1:
        reasons.pop(one_line(STOCK_FAILURE), None)
    return " · ".join(reasons)


def one_line(text: Any) -> str:
    """Return text from outside as one printable line of at most 500 characters."""
    if not isinstance(text, str):
        return ""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text[:4000]).split())
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[: _LONGEST_TEXT - 3]}..."


def _mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    if not isinstance(found, dict):
        raise unusable(f"its {name} is missing", found)
    return found


def _reports(monitor: Mapping[str, Any]) -> tuple[ProgressReport, ...]:
    entries = monitor.get("full_report_dict_list")
    if not isinstance(entries, list):
        return ()
    return tuple(
        ProgressReport(
            one_line(entry.get("scwid")),
            one_line(entry.get("node")),
            one_line(entry.get("message")),
        )
        for entry in entries[-_MOST_REPORTS:]
        if isinstance(entry, dict)
    )
