"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from oda_widgets.errors import BadParameter


def write_files(contents: Mapping[Path, bytes], *, overwrite: bool) -> None:
    """Write files that belong together.

    Each is written in full under a temporary name in its own folder and read back. Only when all
    are good do they take their names, in the order given: put the file that names the others last.

    Parameters
    ----------
    contents
        What goes into each file.
    overwrite
        Replace files that exist.

    Raises
    ------
    BadParameter
        If a file exists, a folder does not, or the disk refuses. No temporary file is left.
    """
    for path in contents:
        _check_target(path, overwrite=overwrite)
    drafts = {path: _draft_name(path) for path in contents}
    try:
        for path, content in contents.items():
            _write_draft(drafts[path], content)
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        limit = f"could not be written ({error.strerror or error})"
        advice = "Make room on the disk, or choose a folder you may write to."
        raise BadParameter("path", _names(contents), limit, advice) from error
    finally:
        _remove(drafts)


def _check_target(path: Path, *, overwrite: bool) -> None:
    if not path.parent.is_dir():
        limit = "its folder does not exist"
        raise BadParameter("path", str(path), limit, f"Create {path.parent} first.")
    if path.is_dir():
        raise BadParameter("path", str(path), "a folder, not a file", "Add the name of a file.")
    if path.exists() and not overwrite:
        advice = "Choose another name, or say overwrite=True."
        raise BadParameter("path", str(path), "exists already", advice)


def _draft_name(path: Path) -> Path:
    return path.with_name(f".{uuid4().hex}.part")


def _write_draft(draft: Path, content: bytes) -> None:
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if draft.read_bytes() != content:
        raise OSError(errno.EIO, "what was read back differs from what was written")


def _remove(drafts: Mapping[Path, Path]) -> None:
    for draft in drafts.values():
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _names(contents: Mapping[Path, bytes]) -> str:
    return ", ".join(str(path) for path in contents)
