"""A small archive on a server of HEASARC's kind, and the mirror of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.mirror.open import open_mirror
from oda_widgets.archive.write import write_isdc
from tests.archive.conftest import build_window
from tests.archive.mirror.served import IMPATIENT, write_index
from tests.servers.archive_server import ArchiveServer, serving_archive

WINDOWS = tuple(f"0066{number:04d}0010.001" for number in range(1, 9))
OpenMirror = Callable[..., MirrorArchive]


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of eight small windows with its index; tests do not change it."""
    root = tmp_path_factory.mktemp("served")
    for identifier in WINDOWS:
        write_isdc(build_window(identifier), root)
    write_index(root, IsdcArchive(root).science_windows())
    return root


@pytest.fixture
def root(small_archive: Path, tmp_path: Path) -> Path:
    """Give a copy of the small archive, to be changed."""
    shutil.copytree(small_archive, tmp_path / "served")
    return tmp_path / "served"


@pytest.fixture
def server(root: Path) -> Iterator[ArchiveServer]:
    """Give a server of it."""
    with serving_archive(root) as serving:
        yield serving


@pytest.fixture
def mirror_at(tmp_path: Path) -> OpenMirror:
    """Give the function that opens a mirror with a cache of its own."""

    def opened(address: str, limit: int | None = 1 << 30, **words: Any) -> MirrorArchive:
        words.setdefault("patience", IMPATIENT)
        return open_mirror(address, tmp_path / "cache", limit, **words)

    return opened


def parts_in(folder: Path) -> list[Path]:
    """Return the files below a folder that have not their own name yet."""
    return [path for path in folder.rglob("*") if path.suffix == ".part"]
