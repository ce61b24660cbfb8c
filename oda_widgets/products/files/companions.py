"""Find the files that a file names: RMF, ARF and background of a spectrum."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from astropy.io import fits

from oda_widgets.errors import BadParameter, text_of
from oda_widgets.products.files.cards import text_value
from oda_widgets.products.files.container import label_of
from oda_widgets.request.paths import PathLike

_NUMBER = re.compile(r"(?P<path>.+)\{(?P<number>\d{1,6})\}")
_NO_FILE = frozenset({"NONE", "UNKNOWN", ""})


def names_file(header: fits.Header, keyword: str) -> bool:
    """Return whether a keyword names a file."""
    return (text_value(header, keyword) or "").upper() not in _NO_FILE


def companion(
    header: fits.Header, keyword: str, path: PathLike | fits.HDUList, parameter: str
) -> Path:
    """Return the path of the file that a keyword names.

    Only names in the same folder are followed: a header may come from anywhere, and must not make a
    reader open other files of this machine.

    Parameters
    ----------
    header, keyword
        Header, and the keyword that holds the name.
    path
        File with the header.
    parameter
        Argument for the file, for the message.

    Raises
    ------
    BadParameter
        If the header names no file, a file in another folder, or one that does not exist.
    """
    name = text_value(header, keyword)
    if name is None or name.upper() in _NO_FILE or isinstance(path, fits.HDUList):
        limit = f"{label_of(path)} names no such file ({keyword})"
        raise BadParameter(parameter, None, limit, f"Give {parameter}=... .")
    name, number = _without_number(name.removeprefix("./"))  # as oda_api writes it
    if not _is_bare(name):
        limit = f"{path} names a file in another folder ({keyword}), which is not followed"
        raise BadParameter(parameter, name, limit, f"If you trust it, give {parameter}=... .")
    folder = Path(path).expanduser().parent
    names = (name, f"{name}.gz", name.removesuffix(".gz"))
    found = next((folder / each for each in names if (folder / each).is_file()), None)
    if found is None:
        limit = f"{path} names it ({keyword}), but it is not beside it"
        raise BadParameter(parameter, name, limit, f"Put it there, or give {parameter}=... .")
    return found.with_name(f"{found.name}{number}")


def _without_number(name: str) -> tuple[str, str]:
    """Return a name without extensions in brackets, and the number in braces that follows it."""
    found = re.fullmatch(r"(.*?)(\{\d+\})?(\[[^]]*\])*", name)
    return (found[1], found[2] or "") if found else (name, "")


def numbered_path(path: PathLike | fits.HDUList) -> tuple[PathLike | fits.HDUList, int | None]:
    """Return a path, and the number in braces that follows it, as in "name{2}"; else None."""
    if isinstance(path, fits.HDUList):
        return path, None
    found = _NUMBER.fullmatch(text_of(path))
    return (found["path"], int(found["number"])) if found else (path, None)


def _is_bare(name: str) -> bool:
    return name == PurePosixPath(name).name == PureWindowsPath(name).name and name != ".."
