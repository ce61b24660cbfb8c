"""The index of an archive: made once, kept up to date, never trusted blindly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Never

import numpy as np
import pytest

from oda_widgets.archive import event_file, index
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import DamagedFile
from oda_widgets.request.science_windows import ScienceWindow

MakeWindow = Callable[..., RawWindow]
Folders = tuple[Path, Path]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the identifiers of the files that are read, in order."""
    seen: list[str] = []
    read_beginning = index.read_beginning

    def spy(path: Path, identifier: str) -> ScienceWindow:
        seen.append(identifier)
        return read_beginning(path, identifier)

    monkeypatch.setattr(index, "read_beginning", spy)
    return seen


@pytest.fixture
def folders(tmp_path: Path, make_window: MakeWindow) -> Folders:
    """Make an archive of three windows and name a folder for its index."""
    for pointing in (1, 2, 3):
        write_isdc(make_window(f"0066000{pointing}0010.001"), tmp_path / "archive")
    return tmp_path / "archive", tmp_path / "cache"


def index_file(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def test_each_file_is_read_once_in_all_sessions(folders: Folders, reads: list[str]) -> None:
    first = IsdcArchive(*folders).science_windows()
    assert sorted(reads) == [f"0066000{n}0010.001" for n in (1, 2, 3)]
    assert IsdcArchive(*folders).science_windows() == first
    assert len(reads) == 3


def test_without_a_folder_for_the_index_each_file_is_read_once_in_a_session(
    folders: Folders, reads: list[str]
) -> None:
    archive = IsdcArchive(folders[0])
    assert archive.science_windows() == archive.science_windows()
    assert len(reads) == 3


def test_only_the_beginning_of_a_file_is_read(
    folders: Folders, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is in the middle of it."""
    path = write_isdc(of_many_events(make_window), folders[0])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    archive = IsdcArchive(*folders)
    with monkeypatch.context() as patch:
        patch.setattr(event_file, "read_summary", None)
        assert [window.id for window in archive.science_windows()][-1] == "006600090010.001"
    with pytest.raises(DamagedFile, match="damaged gzip"):
        archive.events("006600090010.001")


def test_a_file_that_is_not_whole_is_noticed_by_its_end(
    folders: Folders, make_window: MakeWindow
) -> None:
    path = write_isdc(of_many_events(make_window), folders[0])
    whole = path.read_bytes()
    for part in (0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(part * len(whole))])
        (skipped,) = IsdcArchive(folders[0]).unusable_windows()
        assert "truncated" in skipped.reason


def of_many_events(make_window: MakeWindow, number: int = 100_000) -> RawWindow:
    """Return a window whose events fill more than what is read of a file at once."""
    few, rng = make_window("006600090010.001"), np.random.default_rng(1)
    row, names = rng.integers(0, len(few), number), ("energy", "dety", "detz", "select_flag")
    events: dict[str, Any] = {name: getattr(few, name)[row] for name in names}
    time = np.sort(rng.uniform(few.window.start, few.window.stop, number))
    return replace(few, time=time, **events)


def test_a_changed_file_is_read_again(
    folders: Folders, reads: list[str], make_window: MakeWindow
) -> None:
    archive = IsdcArchive(*folders)
    before = archive.science_windows()
    other = replace(before[1], ra=84.0)
    path = write_isdc(make_window("006600020010.001", window=other), folders[0])
    after = archive.science_windows()
    assert reads[3:] == ["006600020010.001"]
    assert (before[1].ra, after[1].ra) == (83.6, 84.0)
    os.utime(path, ns=(0, 0))
    archive.science_windows()
    assert reads[4:] == ["006600020010.001"]


def test_a_new_file_is_found_and_a_vanished_one_forgotten(
    folders: Folders, make_window: MakeWindow
) -> None:
    archive = IsdcArchive(*folders)
    archive.science_windows()
    write_isdc(make_window("006600040010.001"), folders[0])
    (folders[0] / "scw/0066/006600010010.001/isgri_events.fits.gz").unlink()
    expected = [f"0066000{n}0010.001" for n in (2, 3, 4)]
    assert [window.id for window in archive.science_windows()] == expected
    kept = json.loads(index_file(folders[1]).read_text())
    assert [entry["id"] for entry in kept["entries"]] == expected


def test_a_damaged_file_is_reported_and_tried_again_only_when_it_changes(
    folders: Folders, reads: list[str], make_window: MakeWindow
) -> None:
    path = folders[0] / "scw/0066/006600020010.001/isgri_events.fits.gz"
    path.write_bytes(path.read_bytes()[:3000])
    archive = IsdcArchive(*folders)
    assert [window.id for window in archive.science_windows()] == [
        "006600010010.001",
        "006600030010.001",
    ]
    (skipped,) = IsdcArchive(*folders).unusable_windows()
    assert skipped.id == "006600020010.001"
    assert "truncated" in skipped.reason
    assert len(reads) == 3
    write_isdc(make_window("006600020010.001"), folders[0])
    assert len(archive.science_windows()) == 3
    assert archive.unusable_windows() == ()


def test_a_file_out_of_reach_is_tried_again_though_it_has_not_changed(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, *_arguments: object) -> Never:
        raise PermissionError

    archive = IsdcArchive(*folders)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        assert len(archive.unusable_windows()) == 3
    assert len(archive.science_windows()) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"format": "oda_widgets archive index 1"}',
        b'{"format": "another", "checksum": "", "entries": []}',
        b'{"format": "oda_widgets archive index 1", "checksum": "", "entries": [1]}',
    ],
)
def test_a_damaged_or_foreign_index_is_made_again(content: bytes, folders: Folders) -> None:
    expected = IsdcArchive(*folders).science_windows()
    index_file(folders[1]).write_bytes(content)
    assert IsdcArchive(*folders).science_windows() == expected
    assert len(json.loads(index_file(folders[1]).read_text())["entries"]) == 3


def test_an_edited_index_is_not_trusted(folders: Folders) -> None:
    expected = IsdcArchive(*folders).science_windows()
    path = index_file(folders[1])
    path.write_text(path.read_text().replace('"ra": 83.6', '"ra": 38.6'))
    assert IsdcArchive(*folders).science_windows() == expected


def test_the_archive_itself_is_never_written_to(folders: Folders) -> None:
    before = sorted(folders[0].rglob("*"))
    IsdcArchive(*folders).science_windows()
    assert sorted(folders[0].rglob("*")) == before


def test_archives_at_two_places_have_two_indices(
    folders: Folders, tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path / "other")
    IsdcArchive(*folders).science_windows()
    IsdcArchive(tmp_path / "other", folders[1]).science_windows()
    assert len(list(folders[1].iterdir())) == 2
    assert len(IsdcArchive(*folders).science_windows()) == 3


def test_an_index_that_cannot_be_kept_does_no_harm(folders: Folders, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    assert len(IsdcArchive(folders[0], blocked).science_windows()) == 3


def test_progress_counts_the_files_that_are_read(folders: Folders) -> None:
    seen = []
    archive = IsdcArchive(*folders, progress=lambda done, total: seen.append((done, total)))
    archive.science_windows()
    archive.science_windows()
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_an_interruption_keeps_what_was_read(folders: Folders, reads: list[str]) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        IsdcArchive(*folders, progress=interrupt).science_windows()
    assert len(json.loads(index_file(folders[1]).read_text())["entries"]) == 2
    reads.clear()
    assert len(IsdcArchive(*folders).science_windows()) == 3
    assert len(reads) == 1
