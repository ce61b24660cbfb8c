"""Opening recordings; what reads and writes them loads astropy's tables, and is imported then."""

from __future__ import annotations

import os
from typing import Any

from oda_widgets.backend.base import Backend

_PREFIX = "recorded:"


def is_recording(text: Any) -> bool:
    """Return True for what names a recording."""
    return isinstance(text, str) and text.startswith(_PREFIX)


def open_recording(address: str) -> Backend:
    """Return the backend that replays a recording.

    Parameters
    ----------
    address
        "recorded:" and the path.

    Raises
    ------
    BadParameter
        If there is no such file.
    DamagedFile
        If it is no recording.
    """
    from oda_widgets.backend.recorded.backend import RecordedBackend  # noqa: PLC0415 - see above

    return RecordedBackend(address.removeprefix(_PREFIX))


def begin_recording(backend: Backend, path: str | os.PathLike[str]) -> Backend:
    """Return a backend that answers as another does, and records its products in a file.

    Raises
    ------
    BadParameter
        If it cannot be written.
    DamagedFile
        If something else has this name.
    """
    from oda_widgets.backend.recorded.recorder import Recorder  # noqa: PLC0415 - see above

    return Recorder(backend, path)
