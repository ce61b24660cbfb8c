"""Open recordings; their readers load astropy's tables, and are imported when needed."""

from __future__ import annotations

import os
from typing import Any

from oda_widgets.backend.base import Backend

_PREFIX = "recorded:"


def is_recording(text: Any) -> bool:
    """Return True for the address of a recording."""
    return isinstance(text, str) and text.startswith(_PREFIX)


def open_recording(address: str) -> Backend:
    """Return the backend that replays a recording.

    Parameters
    ----------
    address
        "recorded:" followed by the path.

    Raises
    ------
    BadParameter
        If there is no such file.
    DamagedFile
        If it is not a recording.
    """
    from oda_widgets.backend.recorded.backend import RecordedBackend  # noqa: PLC0415 - see above

    return RecordedBackend(address.removeprefix(_PREFIX))


def begin_recording(backend: Backend, path: str | os.PathLike[str]) -> Backend:
    """Return a backend that passes queries on to another and records its products in a file.

    Raises
    ------
    BadParameter
        If it cannot be written.
    DamagedFile
        If the file is not a recording.
    """
    from oda_widgets.backend.recorded.recorder import Recorder  # noqa: PLC0415 - see above

    return Recorder(backend, path)
