"""Turn errors into ones for clients, and log the unexpected ones."""

from __future__ import annotations

import errno
import logging
import re
import traceback

from oda_widgets.errors import JobError, OdaError, readable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# Folders before the name of a file, but not the slashes of addresses, fractions and dates.
_FOLDERS = re.compile(r"(?<![\w:/.%-])/(?:[^\s/'\"?&=]+/)+(?=[^\s/])")
_LOG = logging.getLogger(__name__)


def as_failure(error: Exception, what: str) -> OdaError:
    """Return an error that can be shown to clients.

    Parameters
    ----------
    error
        Any error; it is logged with its traceback unless it is an `OdaError`.
    what
        Subject of the log entry, for example "job 0123abcd".
    """
    if isinstance(error, OdaError):
        return _without_folders(error, what)
    if isinstance(error, OSError) and error.errno in _FULL:
        _LOG.error("%s: %s", what, error)
        return JobError("The disk of the server is full.", "Those who run it can make room there.")
    # Escape each line: the message may hold text from a client or from a file.
    lines = "".join(traceback.format_exception(error)).splitlines()
    _LOG.error("%s failed\n%s", what, "\n".join(readable(line) for line in lines))
    problem = "Something went wrong in the server that should not."
    return JobError(problem, "Tell those who run it; its log says more.")


def without_folders(text: str) -> str:
    """Return a text without the names of folders of this machine."""
    return _FOLDERS.sub("", text)


def _without_folders(error: OdaError, what: str) -> OdaError:
    """Return an error without the names of folders of this machine."""
    problem, advice = map(without_folders, (error.problem, error.advice))
    if (problem, advice) != (error.problem, error.advice):
        _LOG.warning("%s: %s", what, error)  # the log keeps the whole path
        error.problem, error.advice = problem, advice
        error.args = (problem, advice)
    return error
