"""What a page's kernel writes into the log of the app: faults, and nothing of its end."""

from __future__ import annotations

import logging

import zmq


def is_fault(record: logging.LogRecord) -> bool:
    """Return whether a record is more than an answer that was cut off by the end of the kernel."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, zmq.ZMQError) and error.errno == zmq.ENOTSOCK)
