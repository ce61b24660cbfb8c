"""The version of a step: the digest of the code that does it.

A number that somebody must remember to raise would one day be forgotten, and a corrected engine
would go on answering with the results of the wrong one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_NO_CODE = frozenset({"__pycache__", "sample"})  # the sample is data: a node by its content
_DIGITS = 12


@cache
def code_version(*parts: str) -> str:
    """Return a digest of modules and folders of this package.

    Parameters
    ----------
    parts
        Paths inside the package, for example "engine" or "backend/merge.py".
    """
    digest = hashlib.sha256()
    for part in sorted(parts):
        for file in _files(_PACKAGE / part):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(_PACKAGE).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def _files(part: Path) -> Iterator[Path]:
    if part.is_file():
        yield part
        return
    for child in sorted(part.iterdir()):
        if child.name not in _NO_CODE:
            yield from _files(child)
