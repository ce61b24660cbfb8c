"""Folders that are not quite as the layout says: two files of a window, names that headers deny."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.archive import layout
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.members import DEAD_TIME, member_in
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import ArchiveError, DamagedFile, EmptySelection
from tests.archive.conftest import MakeWindow

GOOD, BAD = "006600220010.001", "006600230010.001"


def test_of_a_plain_file_and_a_packed_one_the_plain_one_counts_if_it_is_whole(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    packed = write_isdc(make_window(), tmp_path)
    content = gzip.decompress(packed.read_bytes())
    packed.with_suffix("").write_bytes(content)
    (entry,) = IsdcArchive(tmp_path).science_windows()
    assert entry.id == GOOD
    packed.write_bytes(gzip.compress(content[:2880] + bytes(len(content) - 2880)))
    assert len(IsdcArchive(tmp_path).events(GOOD)) > 0  # the packed one would be refused


@pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
def test_a_plain_file_of_an_unpacking_that_was_broken_off_does_not_count(
    part: float, tmp_path: Path, make_window: MakeWindow
) -> None:
    packed = write_isdc(make_window(), tmp_path)
    whole = IsdcArchive(tmp_path).events(GOOD)
    content = gzip.decompress(packed.read_bytes())
    packed.with_suffix("").write_bytes(content[: int(part * len(content))])
    archive = IsdcArchive(tmp_path)
    assert [window.id for window in archive.science_windows()] == [GOOD]
    assert not archive.unusable_windows()
    assert np.array_equal(archive.events(GOOD).time, whole.time)


def test_members_beside_the_events_are_chosen_alike(tmp_path: Path) -> None:
    assert member_in(tmp_path, DEAD_TIME) is None
    packed, plain = tmp_path / f"{DEAD_TIME}.gz", tmp_path / DEAD_TIME
    packed.write_bytes(gzip.compress(bytes(5760)))
    assert member_in(tmp_path, DEAD_TIME) == packed
    plain.write_bytes(bytes(2880))
    assert member_in(tmp_path, DEAD_TIME) == packed
    plain.write_bytes(bytes(5760))
    assert member_in(tmp_path, DEAD_TIME) == plain
    packed.unlink()
    assert member_in(tmp_path, DEAD_TIME) == plain


@pytest.mark.parametrize(
    ("identifier", "said", "words"),
    [
        (BAD, "SLEW", "says that it is a SLEW (SW_TYPE), but its name 006600230010 that it is POI"),
        (BAD, "ENGINEERING", "says that it is an ENGINEERING (SW_TYPE), but its name 006600230010"),
        (BAD, "slew ", "says that it is a SLEW"),
    ],
)
def test_a_window_whose_header_denies_that_it_points_is_left_out_with_the_reason(
    identifier: str, said: str, words: str, tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    write_isdc(make_window(identifier, keywords={"SW_TYPE": said}), tmp_path)
    archive = IsdcArchive(tmp_path)
    assert [window.id for window in archive.science_windows()] == [GOOD]
    (left_out,) = archive.unusable_windows()
    assert left_out.id == identifier
    assert words in left_out.reason
    with pytest.raises(DamagedFile, match="SW_TYPE"):
        archive.events(identifier)


@pytest.mark.parametrize("said", ["POINTING", "", "UNKNOWN"])
def test_a_type_that_does_not_deny_it_is_no_obstacle(
    said: str, tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(keywords={"SW_TYPE": said}), tmp_path)
    assert len(IsdcArchive(tmp_path).science_windows()) == 1


@pytest.mark.parametrize(("tilt", "refused"), [(0.0, 0), (0.1, 0), (1.0, 1), (60.0, 1)])
def test_axes_that_are_not_at_right_angles_are_no_attitude(
    tilt: float, refused: int, tmp_path: Path, make_window: MakeWindow
) -> None:
    window = make_window().window  # X at 22 degrees north, Z on the equator, 90 degrees east of it
    turned = replace(window, ra_z=window.ra_z - tilt / np.cos(np.radians(window.dec)))
    write_isdc(make_window(window=turned), tmp_path)
    archive = IsdcArchive(tmp_path)
    assert len(archive.unusable_windows()) == refused
    if refused:
        assert "deg apart, not 90" in archive.unusable_windows()[0].reason


def test_a_list_says_which_windows_of_the_folder_cannot_be_read(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    path = write_isdc(make_window(BAD), tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    windows = oda.connect(archive=tmp_path).science_windows()
    assert windows.ids == (GOOD,)
    assert [window.id for window in windows.unusable] == [BAD]
    assert "1 science window of the archive cannot be read (.unusable), the first: " in repr(
        windows
    )


def test_a_folder_of_which_nothing_can_be_read_says_why(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    path = write_isdc(make_window(BAD), tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EmptySelection, match="None of 1 science window can be read; the first: "):
        oda.connect(archive=tmp_path).science_windows()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("isgri_events.fits.gz", "is a link to isgri_events"),
        ("gone", "is a link to gone, which is"),
    ],
)
def test_a_link_that_leads_nowhere_costs_its_own_window_only(
    target: str, reason: str, tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    path = write_isdc(make_window(BAD), tmp_path)
    path.unlink()
    path.symlink_to(target)
    archive = IsdcArchive(tmp_path)
    assert [window.id for window in archive.science_windows()] == [GOOD]
    (left_out,) = archive.unusable_windows()
    assert left_out.id == BAD
    assert reason in left_out.reason
    assert len(archive.events(GOOD)) > 0
    with pytest.raises(DamagedFile, match=reason):
        archive.events(BAD)


def test_a_link_that_leads_nowhere_is_no_obstacle_beside_a_file(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    plain = write_isdc(make_window(), tmp_path).with_suffix("")
    plain.symlink_to(plain.name)
    assert len(IsdcArchive(tmp_path).science_windows()) == 1


def without_right_to(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to look into a folder, as the system does to a user without the right."""
    stat, scandir, access = Path.stat, os.scandir, os.access

    def is_within(path: object) -> bool:
        return closed in (Path(str(path)), *Path(str(path)).parents)

    def refusing_stat(path: Path, **words: bool) -> os.stat_result:
        if path != closed and is_within(path):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **words)

    def refusing_scandir(path: Path) -> object:
        if is_within(path):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(Path, "stat", refusing_stat)
    monkeypatch.setattr(layout.os, "scandir", refusing_scandir)  # type: ignore[attr-defined]
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed and access(path, mode))


@pytest.mark.parametrize("level", ["window", "revolution"])
def test_a_folder_without_permission_costs_its_own_windows_only(
    level: str, tmp_path: Path, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "006700230010.001"
    write_isdc(make_window(), tmp_path)
    folder = write_isdc(make_window(other), tmp_path).parent
    closed = folder if level == "window" else folder.parent
    without_right_to(closed, monkeypatch)
    site = oda.connect(archive=tmp_path)
    windows = site.science_windows()
    assert windows.ids == (GOOD,)
    (left_out,) = windows.unusable
    assert left_out.id == closed.name
    assert f"chmod u+rx {closed}" in left_out.reason
    with pytest.raises(ArchiveError, match=r"chmod u.rx"):
        IsdcArchive(tmp_path).events(other)
    monkeypatch.undo()
    assert site.science_windows().ids == (GOOD, other)
