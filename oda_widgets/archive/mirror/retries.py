"""Repeating requests to servers, without a word on the terminal."""

from __future__ import annotations

import logging
from typing import Any


def retrying(on: type[Exception], **words: Any) -> Any:
    """Return the attempts of a request; see `stamina.retry_context` for the words.

    Parameters
    ----------
    on
        The failure that another try may not meet.
    """
    import stamina  # noqa: PLC0415 - it imports tornado; archives on disk need none of it

    # Python prints what a logger without a handler warns of. Progress and errors say what counts;
    # whoever sets up logging still gets it.
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return stamina.retry_context(on=on, **words)
