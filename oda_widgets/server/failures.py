"""Errors as the server reports them; unexpected ones are logged as defects."""

from __future__ import annotations

import logging

from oda_widgets.errors import JobError, OdaError

_LOG = logging.getLogger(__name__)


def as_failure(error: Exception, what: str) -> OdaError:
    """Return an error that may be shown to clients.

    Parameters
    ----------
    error
        Any error; one that is not ours is logged with its traceback.
    what
        Subject of the log entry, for example "job 0123abcd".
    """
    if isinstance(error, OdaError):
        return error
    _LOG.error("%s failed", what, exc_info=error)
    problem = "Something went wrong in the server that should not."
    return JobError(problem, "Tell those who run it; its log says more.")
