"""Files appear whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.cli.doctor import _check_cache_folder
from oda_widgets.errors import BadParameter
from oda_widgets.files import (
    drafts,
    open_regular,
    read_regular,
    write_files,
    write_pieces,
    write_whole,
)

Write = Callable[[Path, bytes], object]


def whole(path: Path, content: bytes) -> None:
    write_whole(path, content)


def pieces(path: Path, content: bytes) -> None:
    write_pieces(path, (content[:2], content[2:]))


def for_a_user(path: Path, content: bytes) -> None:
    write_files({path: content}, overwrite=True)


def by_hand(path: Path, content: bytes) -> None:
    with drafts(path) as (draft,):
        draft.write_bytes(content)


WAYS = [whole, pieces, for_a_user, by_hand]


@pytest.mark.parametrize("write", WAYS)
def test_a_file_is_replaced_by_its_new_content(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "file"
    for content in (b"first", b"second"):
        write(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("trouble", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_the_old_file_stays_when_the_new_one_cannot_take_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write, trouble: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"precious")

    def interrupted(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises((OSError, BadParameter, KeyboardInterrupt)):
        write(path, b"new content")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("file", b"precious")
    ]


def test_pieces_that_end_in_an_error_leave_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise BadParameter("query", 1, "cannot be written", "Try another.")

    with pytest.raises(BadParameter, match="cannot be written"):
        write_pieces(tmp_path / "file", broken())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [whole, for_a_user])
def test_a_disk_that_lies_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _path: b"something else")
    with pytest.raises((OSError, BadParameter), match="read back"):
        write(tmp_path / "file", b"content")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [pieces, for_a_user, by_hand])
def test_irreplaceable_files_are_on_the_disk_before_they_have_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: (done.append("stored"), fsync(number)))
    monkeypatch.setattr(Path, "replace", lambda a, b: (done.append("named"), replace(a, b))[1])
    write(tmp_path / "file", b"content")
    assert done == ["stored", "named"]


def test_the_longest_name_that_a_disk_takes_can_be_written(tmp_path: Path) -> None:
    for write in WAYS:
        write(tmp_path / ("n" * 255), b"content")


def test_what_waits_for_messages_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe, and files without a size, as those of /proc that wait for the kernel."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a plain file"):
        open_regular(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    assert read_regular(tmp_path / "empty") == b""
    (tmp_path / "full").write_bytes(b"content")
    assert read_regular(tmp_path / "full") == b"content"


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="is Linux's")
@pytest.mark.parametrize("name", ["/proc/kmsg", "/proc/kcore", "/proc/self/mem"])
@pytest.mark.parametrize("read", [oda.open, oda.read_catalog, oda.Spectrum.read])
def test_no_file_of_the_kernel_is_waited_for(name: str, read: Callable[[str], object]) -> None:
    with pytest.raises(oda.OdaError, match=name):
        read(name)


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_the_cache_is_for_its_user_alone_whoever_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "new" / "cache"
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(cache))
    before = os.umask(0o022)
    try:
        site = oda.connect(archive="sample", executor="none")
        moment = [("2022-10-12T15:20:27", "2022-10-12T15:20:33")]
        site.spectra(catalog=["SGR 1935+2154"], intervals=moment)
    finally:
        os.umask(before)
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
    assert cache / "store" in folders
    assert [path for path in folders if path.stat().st_mode & 0o077] == []


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_an_open_cache_is_closed_once_and_stays_as_its_user_has_it_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path))
    tmp_path.chmod(0o755)
    oda.connect(archive="sample", executor="none")
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert "by you alone" in _check_cache_folder()
    tmp_path.chmod(0o750)
    oda.connect(archive="sample", executor="none")
    assert tmp_path.stat().st_mode & 0o777 == 0o750
    assert "other users can read it" in _check_cache_folder()
