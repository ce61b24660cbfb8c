"""Which records of a page's kernel the log of the app keeps: not those of its end."""

from __future__ import annotations

import logging

import zmq


def is_fault(record: logging.LogRecord) -> bool:
    """Return False for a record that only says that the end of the kernel cut an answer off."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, zmq.ZMQError) and error.errno == zmq.ENOTSOCK)
