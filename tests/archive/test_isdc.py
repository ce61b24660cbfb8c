"""An archive in the ISDC's layout: which windows it offers and which events they have."""

from __future__ import annotations

import gzip
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Never

import numpy as np
import pytest

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import ArchiveError, BadParameter

MakeWindow = Callable[..., RawWindow]


def test_pointings_are_offered_in_order_of_time(tmp_path: Path, make_window: MakeWindow) -> None:
    for identifier in ("006700010010.001", "006600220010.001", "006600230010.001"):
        write_isdc(make_window(identifier), tmp_path)
    offered = IsdcArchive(tmp_path).science_windows()
    assert [window.id for window in offered] == [
        "006600220010.001",
        "006600230010.001",
        "006700010010.001",
    ]


def test_a_window_is_described_as_its_file_describes_it(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    """Good time is known when the whole file is read; before, it is the length of the window."""
    raw = make_window()
    write_isdc(raw, tmp_path)
    archive = IsdcArchive(tmp_path)
    assert archive.events(raw.window.id).window == raw.window
    (listed,) = archive.science_windows()
    assert listed == replace(raw.window, good_time=pytest.approx(1000.0))


@pytest.mark.parametrize("identifier", ["006600220021.001", "006600220012.001"])
def test_slews_and_engineering_windows_are_readable_but_not_offered(
    identifier: str, tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    write_isdc(make_window(identifier), tmp_path)
    archive = IsdcArchive(tmp_path)
    assert identifier not in [window.id for window in archive.science_windows()]
    assert archive.events(identifier).window.id == identifier


def test_the_highest_version_of_a_window_counts(tmp_path: Path, make_window: MakeWindow) -> None:
    for version in ("000", "002", "001"):
        write_isdc(make_window(f"006600220010.{version}"), tmp_path)
    archive = IsdcArchive(tmp_path)
    assert [window.id for window in archive.science_windows()] == ["006600220010.002"]
    assert archive.events("006600220010").window.id == "006600220010.002"


def test_a_version_without_events_does_not_count(tmp_path: Path, make_window: MakeWindow) -> None:
    path = write_isdc(make_window("006600220010.000"), tmp_path)
    (path.parents[1] / "006600220010.001").mkdir()
    assert IsdcArchive(tmp_path).events("006600220010").window.id == "006600220010.000"


def test_a_superseded_version_is_refused_and_the_present_one_named(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    for version in ("000", "001"):
        write_isdc(make_window(f"006600220010.{version}"), tmp_path)
    with pytest.raises(ArchiveError, match=r"Did you mean 006600220010\.001\?"):
        IsdcArchive(tmp_path).events("006600220010.000")


def test_the_scw_level_may_be_missing(tmp_path: Path, make_window: MakeWindow) -> None:
    raw = make_window()
    write_isdc(raw, tmp_path)
    (listed,) = IsdcArchive(tmp_path / "scw").science_windows()
    assert listed.id == raw.window.id


def test_beside_an_scw_folder_other_copies_of_a_window_do_not_count(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    shutil.copytree(tmp_path / "scw" / "0066", tmp_path / "0066")
    assert len(IsdcArchive(tmp_path).science_windows()) == 1


def test_a_window_in_the_folder_of_another_revolution_is_not_part_of_the_archive(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    misplaced = write_isdc(make_window("006600230010.001"), tmp_path).parent
    shutil.move(misplaced, tmp_path / "scw" / "0067" / misplaced.name)
    assert [window.id for window in IsdcArchive(tmp_path).science_windows()] == ["006600220010.001"]


def test_plain_files_are_read_as_packed_ones(tmp_path: Path, make_window: MakeWindow) -> None:
    path = write_isdc(make_window(), tmp_path)
    packed = IsdcArchive(tmp_path).events("006600220010")
    path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    path.unlink()
    plain = IsdcArchive(tmp_path).events("006600220010")
    assert np.array_equal(plain.time, packed.time)
    assert np.array_equal(plain.energy, packed.energy)


def test_events_are_those_selected_in_good_time_with_an_energy_on_the_detector(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    raw = make_window()
    raw.energy[:3] = [0, np.nan, np.inf]
    raw.dety[3], raw.detz[4] = 130, 134
    write_isdc(raw, tmp_path)
    events = IsdcArchive(tmp_path).events("006600220010.001")
    expected = [
        row
        for row in range(5, 200)
        if raw.select_flag[row] == 0
        and any(start <= raw.time[row] < stop for start, stop in raw.intervals)
    ]
    for name in ("time", "energy", "dety", "detz"):
        assert np.array_equal(getattr(events, name), getattr(raw, name)[expected])


def test_a_pulse_is_enough_where_the_file_has_no_energy(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    raw = make_window(
        height=np.arange(200, dtype=np.int16), rise_time=np.arange(200, dtype=np.uint8)
    )
    raw.energy[:] = 0
    raw.select_flag[:100] = 0
    write_isdc(raw, tmp_path)
    events = IsdcArchive(tmp_path).events("006600220010.001")
    assert events.pulses is not None
    assert np.array_equal(events.pulses.height, events.pulses.row)
    assert np.array_equal(events.pulses.rise_time, events.pulses.row)
    assert events.pulses.height[0] == 1  # a pulse without height has no energy either
    assert np.array_equal(raw.time[events.pulses.row], events.time)


def test_an_event_at_the_start_of_good_time_counts_and_one_at_its_end_does_not(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    raw = make_window(select_flag=np.zeros(200, np.uint8))
    raw.time[:2] = raw.intervals[0]
    write_isdc(raw, tmp_path)
    times = IsdcArchive(tmp_path).events("006600220010.001").time
    assert raw.intervals[0, 0] in times
    assert raw.intervals[0, 1] not in times


def test_events_out_of_order_are_put_in_order_with_all_their_properties(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    raw = make_window()
    order = np.random.default_rng(1).permutation(200)
    names = ("time", "energy", "dety", "detz", "select_flag")
    write_isdc(raw, tmp_path / "sorted")
    shuffled = replace(raw, **{name: getattr(raw, name)[order] for name in names})
    write_isdc(shuffled, tmp_path / "shuffled")
    first = IsdcArchive(tmp_path / "sorted").events("006600220010")
    second = IsdcArchive(tmp_path / "shuffled").events("006600220010")
    for name in names[:-1]:
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_overlapping_and_unsorted_good_time_is_merged(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    start = make_window().window.start
    seconds = np.array([[500, 900], [0, 300], [200, 400], [700, 100], [np.nan, 5]])
    write_isdc(make_window(intervals=start + seconds / 86400), tmp_path)
    events = IsdcArchive(tmp_path).events("006600220010")
    found = [(i.start - start, i.stop - start) for i in events.good_time]
    assert np.allclose(np.array(found) * 86400, [[0, 400], [500, 900]], atol=1e-6)
    assert events.ontime == pytest.approx(800)


def test_good_time_ends_with_the_window(tmp_path: Path, make_window: MakeWindow) -> None:
    window = make_window().window
    wide = np.array([[window.start - 1, window.stop + 1]])
    write_isdc(make_window(intervals=wide), tmp_path)
    assert IsdcArchive(tmp_path).events("006600220010").ontime == pytest.approx(1000)


def test_without_a_list_of_good_time_the_whole_window_is_good(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    raw = make_window(intervals=None)
    write_isdc(raw, tmp_path)
    archive = IsdcArchive(tmp_path)
    assert archive.science_windows()[0].good_time == pytest.approx(1000)
    assert len(archive.events("006600220010")) == np.sum(raw.select_flag == 0)


def test_refused_events_are_counted_per_pixel(tmp_path: Path, make_window: MakeWindow) -> None:
    raw = make_window(dety=np.full(200, 7, np.uint8), detz=np.full(200, 100, np.uint8))
    write_isdc(raw, tmp_path)
    flagged = IsdcArchive(tmp_path).events("006600220010").flagged_counts
    assert flagged[100, 7] == np.sum(raw.select_flag) == flagged.sum()


def test_dead_time_is_not_invented(tmp_path: Path, make_window: MakeWindow) -> None:
    write_isdc(make_window(), tmp_path)
    assert IsdcArchive(tmp_path).events("006600220010").live_fraction is None


def test_simulated_events_stay_labelled_on_disk(tmp_path: Path, make_window: MakeWindow) -> None:
    window = replace(make_window().window, simulated=True)
    write_isdc(make_window(window=window), tmp_path)
    archive = IsdcArchive(tmp_path)
    assert archive.science_windows()[0].simulated
    assert archive.events("006600220010").window.simulated


def test_an_unknown_window_is_named_with_its_near_matches(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    with pytest.raises(ArchiveError, match=r"006600240010.*Did you mean 006600220010\.001"):
        IsdcArchive(tmp_path).events("006600240010")


def test_a_window_of_an_absent_revolution_is_an_archive_error(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    write_isdc(make_window(), tmp_path)
    with pytest.raises(ArchiveError, match="no events of science window 250000240010"):
        IsdcArchive(tmp_path).events("250000240010.001")


@pytest.mark.parametrize("identifier", ["../../etc/passwd", "0066/0220010.001", "", None, 66])
def test_texts_that_are_not_identifiers_never_reach_the_disk(
    identifier: str, tmp_path: Path
) -> None:
    with pytest.raises(BadParameter, match="not a science-window identifier"):
        IsdcArchive(tmp_path).events(identifier)


def test_an_empty_folder_is_not_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no science window with ISGRI events"):
        IsdcArchive(tmp_path).science_windows()


def test_a_file_is_not_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(ArchiveError, match="is a file, not a folder"):
        IsdcArchive(path)


def test_a_missing_folder_is_not_an_archive() -> None:
    with pytest.raises(ArchiveError, match="does not exist"):
        IsdcArchive(Path("no") / "such" / "folder")


def test_a_folder_that_may_not_be_listed_is_named(
    tmp_path: Path, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_isdc(make_window(), tmp_path)

    def refuse(folder: object) -> Never:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("oda_widgets.archive.layout.os.scandir", refuse)
    with pytest.raises(ArchiveError, match=f"{tmp_path}/scw may not be read"):
        IsdcArchive(tmp_path).science_windows()


def test_an_archive_travels_to_worker_processes(tmp_path: Path, make_window: MakeWindow) -> None:
    write_isdc(make_window(), tmp_path)
    archive = IsdcArchive(tmp_path, progress=lambda _done, _total: None)
    archive.science_windows()
    copy = pickle.loads(pickle.dumps(archive))
    assert copy.name == archive.name
    assert len(copy.events("006600220010")) == len(archive.events("006600220010"))
