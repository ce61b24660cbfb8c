"""A folder of jobs that belongs to others, in whole or in part, is refused in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.server.folder_lock import only_server
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_table import JobTable
from oda_widgets.server.tokens import secret_in

NOBODY = 65534
IS_ROOT = os.geteuid() == 0


@contextmanager
def as_another_user() -> Iterator[None]:
    """Give up the rights of root, for whom every folder is open."""
    if IS_ROOT:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if IS_ROOT:
            os.seteuid(0)


def begin(path: Path) -> JobFolder:
    """Use a folder as a server does that starts."""
    folder = JobFolder(path)
    folder.make_private()
    with only_server(folder, "sample"), JobTable(folder.table) as table:
        secret_in(folder.secret)
        table.put_back()
        folder.remove_drafts()
    return folder


@pytest.fixture
def folder() -> Iterator[JobFolder]:
    """Give a folder that was in use, where every user may go, unlike those of pytest."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield begin(Path(name) / "jobs")
        (Path(name) / "jobs").chmod(0o700)


@pytest.mark.skipif(not IS_ROOT, reason="gives files to other users")
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o777])
def test_a_folder_of_another_user_is_refused(folder: JobFolder, mode: int) -> None:
    folder.path.chmod(mode)
    with as_another_user(), pytest.raises(BadParameter) as refused:
        begin(folder.path)
    assert refused.value.limit == "cannot be used as a folder (it belongs to another user)"
    assert "--folder" in refused.value.advice


FILES: dict[str, Callable[[JobFolder], Path]] = {
    "the table": lambda folder: folder.table,
    "the lock": lambda folder: folder.lock,
    "the secret": lambda folder: folder.secret,
}


@pytest.mark.skipif(not IS_ROOT, reason="gives files to other users")
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_file_of_another_user_in_it_is_named(
    folder: JobFolder, file: Callable[[JobFolder], Path]
) -> None:
    for path in (folder.path, *folder.path.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    closed = file(folder)
    os.chown(closed, 0, 0)
    closed.chmod(0o600)
    before = closed.read_bytes()
    with as_another_user(), pytest.raises(OdaError) as refused:
        begin(folder.path)
    assert closed.name in str(refused.value)
    assert "Errno" not in str(refused.value)
    assert closed.read_bytes() == before


def test_a_folder_below_one_that_may_not_be_written_is_refused(folder: JobFolder) -> None:
    folder.path.chmod(0o500)
    with as_another_user(), pytest.raises(BadParameter, match="cannot be used as a folder"):
        begin(folder.path / "deeper" / "jobs")
