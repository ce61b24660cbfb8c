"""The version of a step: the digest of all code of this package that can affect its result.

A version number, or a list of files, would one day not be updated, and the store would return
results of old code. So the version is computed from the source: the module with the function of the
step, all modules of this package that it imports, directly or indirectly and anywhere in the file,
and the data files of the package that any of them names.

After an edit, the steps that import the edited file are computed again, and all that is made from
their results. Comments count as code. Imports under ``if TYPE_CHECKING:`` do not count, nor does
the ``__init__`` of a package, which only exports. Methods that call rooms above
(`oda_widgets.abilities`) are not followed: a step that needs their numbers imports the function.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_DIGITS = 12
_FOR_TYPES_ONLY = re.compile(rb"^if TYPE_CHECKING:\n(?:(?:[ \t].*)?\n)+", re.MULTILINE)
_IMPORT = rb"^[ \t]*(?:from (%s[\w.]*) import (\([^)]*\)|.*)|import (.*\b%s\b.*))"
_COMMENT = re.compile(rb"#.*")


@dataclass(frozen=True)
class _Source:
    """A file that results depend on.

    Parameters
    ----------
    digest
        Hex SHA-256 of the content.
    reached
        Files that it imports or names.
    """

    digest: str
    reached: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Tree:
    """The files of a package by their paths inside it, with "/" between folders.

    Parameters
    ----------
    modules
        Paths of modules by their dotted names.
    data
        Paths of all other files, each with its name as bytes, to be searched for in sources.
    """

    modules: dict[str, str]
    data: tuple[tuple[str, bytes], ...]


@cache
def code_version(module: str, package: Path = PACKAGE) -> str:
    """Return the version of a step, from the source of all files that its function can reach.

    Parameters
    ----------
    module
        Name of the module that holds the function: ``__name__`` where the step is defined.
    package
        Folder of the package.

    Raises
    ------
    KeyError
        If the package has no such module.
    """
    lines = (f"{file} {_source(file, package).digest}\n" for file in reached(module, package))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:_DIGITS]


def reached(module: str, package: Path = PACKAGE) -> tuple[str, ...]:
    """Return the files that results of a module can depend on, as paths inside the package.

    Parameters
    ----------
    module, package
        See `code_version`.

    Raises
    ------
    KeyError
        If the package has no such module.
    """
    found: set[str] = set()
    ahead = [_tree(package).modules[module]]
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead += _source(file, package).reached
    return tuple(sorted(found))


@cache
def _source(file: str, package: Path) -> _Source:
    """Return the digest of a file, and the files that it imports or names."""
    content = (package / file).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if not file.endswith(".py"):
        return _Source(digest)
    tree = _tree(package)
    modules = (tree.modules.get(name) for name in _imported(content, package.name))
    named = (path for path, name in tree.data if name in content)
    return _Source(digest, (*filter(None, modules), *named))


@cache
def _tree(package: Path) -> _Tree:
    """Return the files of a package."""
    modules: dict[str, str] = {}
    data: list[tuple[str, bytes]] = []
    for folder, _, names in os.walk(package):
        inside = Path(folder).relative_to(package).parts
        for name in names:
            path = "/".join((*inside, name))
            stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a path costs more than all else
            if suffix == ".py":
                parts = inside if stem == "__init__" else (*inside, stem)
                modules[".".join((package.name, *parts))] = path
            elif suffix != ".pyc":
                data.append((path, name.encode()))
    return _Tree(modules, tuple(data))


def _imported(source: bytes, package: str) -> Iterator[str]:
    """Iterate over the names that source code imports from a package, modules and others."""
    if b"TYPE_CHECKING" in source:
        source = _FOR_TYPES_ONLY.sub(b"", source)
    for origin, names, modules in _imports_of(package).findall(source):
        if modules:
            yield from re.findall(r"[\w.]+", modules.decode())
            continue
        yield origin.decode()
        # An imported name may be a module.
        for name in re.findall(rb"\w+", _COMMENT.sub(b"", names)):
            yield f"{origin.decode()}.{name.decode()}"


@cache
def _imports_of(package: str) -> re.Pattern[bytes]:
    """Return the pattern of statements that import from a package."""
    name = re.escape(package).encode()
    return re.compile(_IMPORT % (name, name), re.MULTILINE)
