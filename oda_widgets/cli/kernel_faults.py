"""Which faults of a page's kernel the log of the app keeps: not those that its end causes."""

from __future__ import annotations

import logging
import warnings

import zmq

_CUT_OFF = "Task was destroyed but it is pending"
_NEVER_BEGUN = r"coroutine '(IPython)?Kernel\.\w+' was never awaited"


def leave_out_those_of_the_end(logger: str) -> None:
    """Keep out of the log what says only that the end of a kernel cut its own work off.

    Parameters
    ----------
    logger
        Name of the kernel's logger.
    """
    for name in (logger, "asyncio"):
        logging.getLogger(name).addFilter(is_fault)
    warnings.filterwarnings("ignore", _NEVER_BEGUN, RuntimeWarning)


def is_fault(record: logging.LogRecord) -> bool:
    """Return False for a record which says that the end of the kernel cut an answer or task off."""
    error = record.exc_info[1] if record.exc_info else None
    no_socket = isinstance(error, zmq.ZMQError) and error.errno == zmq.ENOTSOCK
    return not no_socket and not record.getMessage().startswith(_CUT_OFF)
