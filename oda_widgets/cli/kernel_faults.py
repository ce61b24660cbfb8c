"""Keep errors that the end of a page's kernel causes out of the log of the app."""

from __future__ import annotations

import logging
import warnings

import zmq

_CUT_OFF = "Task was destroyed but it is pending"
_NEVER_BEGUN = r"coroutine '(IPython)?Kernel\.\w+' was never awaited"


def ignore_errors_of_shutdown(logger: str) -> None:
    """Ignore errors which only say that the end of a kernel cut its own work off.

    Parameters
    ----------
    logger
        Name of the kernel's logger.
    """
    for name in (logger, "asyncio"):
        logging.getLogger(name).addFilter(is_fault)
    warnings.filterwarnings("ignore", _NEVER_BEGUN, RuntimeWarning)


def is_fault(record: logging.LogRecord) -> bool:
    """Return False for a record which says that the end of a kernel cut an answer or a task off."""
    error = record.exc_info[1] if record.exc_info else None
    no_socket = isinstance(error, zmq.ZMQError) and error.errno == zmq.ENOTSOCK
    return not no_socket and not record.getMessage().startswith(_CUT_OFF)
