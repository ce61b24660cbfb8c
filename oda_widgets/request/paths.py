"""Names of files and folders that people give."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from oda_widgets.errors import BadParameter, text_of

PathLike = str | os.PathLike[str]


def file_path(parameter: str, value: Any) -> Path:
    """Return the path of a file or folder, which need not exist; ``~`` is the home folder.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    value
        Text or a `pathlib.Path`.

    Raises
    ------
    BadParameter
        If no file can have that name, or its folder cannot be searched.

    Examples
    --------
    >>> file_path("path", "crab.fits").name
    'crab.fits'
    """
    advice = f'Write it as in {parameter}="name".'
    if not isinstance(value, str | os.PathLike):
        raise BadParameter(parameter, value, "not the name of a file or folder", advice)
    try:
        path = Path(value).expanduser()
        with suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
    except Exception as error:  # noqa: BLE001 - of the system, or of a foreign path that raises anything
        limit = f"no file can be called that ({getattr(error, 'strerror', None) or text_of(error)})"
        raise BadParameter(parameter, value, limit, advice) from None
    return path


def folder_path(parameter: str, value: Any) -> Path:
    """Return the path of a folder, which need not exist; ``~`` is the home folder.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    value
        Text or a `pathlib.Path`.

    Raises
    ------
    BadParameter
        If no folder can have that name, or it is the name of a file.

    Examples
    --------
    >>> folder_path("folder", "surveys").name
    'surveys'
    """
    path = file_path(parameter, value)
    if path.exists() and not path.is_dir():
        advice = "Give the name of a folder."
        raise BadParameter(parameter, str(path), "a file, not a folder", advice)
    return path
