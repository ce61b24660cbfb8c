"""Saving a result of fits as a table or as a figure, as the suffix of the name says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.files import write_files
from oda_widgets.products.files.suffixes import FIGURES, path_with_suffix
from oda_widgets.request.options import refuse_options


def save_as(
    result: Any,
    path: str | Path,
    tables: Mapping[str, Callable[[], bytes]],
    kind: str,
    *,
    overwrite: bool,
    options: Mapping[str, Any],
) -> None:
    """Save a result in the form that the suffix of a path names.

    Parameters
    ----------
    result
        A value that `abilities` can draw.
    path
        Its suffix is that of a table or of a figure.
    tables
        By suffix, functions that return the content of files that are no figures.
    kind
        Name of such a file, for the message that it takes no options.
    overwrite
        Replace a file that exists.
    options
        Of a figure.

    Raises
    ------
    BadParameter
        If the suffix is another, the file exists or cannot be written, or an option cannot be
        accepted.
    """
    target, suffix = path_with_suffix(path, (*tables, *FIGURES))
    if suffix in tables:
        refuse_options(options, kind)
        content = tables[suffix]()
    else:
        content = abilities().picture(result, suffix.removeprefix("."), **options)
    write_files({target: content}, overwrite=overwrite)
