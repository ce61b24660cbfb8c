"""Repeat requests to servers, without output on the terminal."""

from __future__ import annotations

import logging
from typing import Any


def retrying(on: type[Exception], **words: Any) -> Any:
    """Return the attempts of a request; see `stamina.retry_context` for the keywords.

    Parameters
    ----------
    on
        The failure after which another attempt may succeed.
    """
    import stamina  # noqa: PLC0415 - it imports tornado; archives on disk need none of it

    # Python prints warnings of loggers without handlers. Progress and errors tell what matters;
    # users who set up logging still get the warnings.
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return stamina.retry_context(on=on, **words)
