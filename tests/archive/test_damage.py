"""Damaged files, as real archives sometimes hold them: each error is ours and names the file."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never

import numpy as np
import pytest
from astropy.io import fits

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import ArchiveError, DamagedFile

MakeWindow = Callable[..., RawWindow]

IDENTIFIER = "006600220010.001"


@pytest.fixture
def event_file(tmp_path: Path, make_window: MakeWindow) -> Path:
    return write_isdc(make_window(), tmp_path)


def refusal(event_file: Path, error: type[Exception] = DamagedFile) -> str:
    """Return the message with which events and index both refuse a file."""
    archive = IsdcArchive(event_file.parents[3])
    with pytest.raises(error) as caught:
        archive.events(IDENTIFIER)
    assert str(event_file) in str(caught.value)
    assert archive.science_windows() == ()
    assert [(w.id, w.reason) for w in archive.unusable_windows()] == [
        (IDENTIFIER, str(caught.value))
    ]
    return str(caught.value)


def edit(path: Path, change: Callable[[fits.HDUList], object]) -> None:
    """Rewrite a file after a change to its list of units."""
    with fits.open(path) as units:
        copy = fits.HDUList([unit.copy() for unit in units])
    change(copy)
    copy.writeto(path, overwrite=True)


def announce(path: Path, rows: int) -> None:
    """Change the number of rows that the header of the events announces."""
    content = gzip.decompress(path.read_bytes())
    before, after = (f"NAXIS2  = {count:20}".encode() for count in (200, rows))
    assert before in content
    path.write_bytes(gzip.compress(content.replace(before, after)))


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.9999])
def test_truncated_gzip(event_file: Path, part: float) -> None:
    content = event_file.read_bytes()
    event_file.write_bytes(content[: int(part * len(content))])
    assert "truncated" in refusal(event_file)


@pytest.mark.parametrize("count", [2879, 2880, 9000, 12000])
def test_truncated_after_unpacking(event_file: Path, count: int) -> None:
    content = gzip.decompress(event_file.read_bytes())
    event_file.write_bytes(gzip.compress(content[:count]))
    message = refusal(event_file)
    assert "truncated" in message or "holds no table ISGR-EVTS-ALL" in message


@pytest.mark.parametrize("position", [0.1, 0.5, 0.95])
def test_a_changed_byte_is_noticed(event_file: Path, position: float) -> None:
    content = bytearray(event_file.read_bytes())
    content[int(position * len(content))] ^= 0xFF
    event_file.write_bytes(content)
    refusal(event_file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no table ISGR-EVTS-ALL"),
        (b"<html>404 not found</html>" * 200, "is not a FITS file"),
        (b"SIMPLE  =", "is truncated"),
        (b"SIMPLE  =".ljust(2880) * 1500, "header without end"),
        (b"SIMPLE  = \xff\xff".ljust(80) + b"END".ljust(2800), "unreadable header"),
    ],
)
def test_files_that_are_not_fits_are_refused(event_file: Path, content: bytes, words: str) -> None:
    event_file.write_bytes(content)
    assert words in refusal(event_file)


def test_fits_of_something_else(event_file: Path) -> None:
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(event_file, overwrite=True)
    assert "it is not a file of ISGRI events" in refusal(event_file)


def test_an_image_where_the_events_should_be(event_file: Path) -> None:
    image = fits.ImageHDU(np.ones((3, 3)), name="ISGR-EVTS-ALL")
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(event_file, overwrite=True)
    assert "has no binary table ISGR-EVTS-ALL" in refusal(event_file)


@pytest.mark.parametrize("column", ["TIME", "ISGRI_ENERGY", "DETY", "DETZ", "SELECT_FLAG"])
def test_a_missing_column(event_file: Path, column: str) -> None:
    edit(event_file, lambda units: units[1].columns.change_name(column, "OTHER"))
    assert f"no usable column {column}" in refusal(event_file)


def test_a_column_with_a_scale(event_file: Path) -> None:
    edit(event_file, lambda units: units[1].header.set("TZERO3", 5))
    assert "no usable column DETY" in refusal(event_file)


def test_a_column_of_another_type(event_file: Path) -> None:
    def change(units: fits.HDUList) -> None:
        energy = fits.Column("ISGRI_ENERGY", "D", array=units[1].data["ISGRI_ENERGY"])
        others = [column for column in units[1].columns if column.name != "ISGRI_ENERGY"]
        units[1] = fits.BinTableHDU.from_columns([*others, energy], header=units[1].header)

    edit(event_file, change)
    assert "it should be 1E, it is 1D" in refusal(event_file)


@pytest.mark.parametrize("keyword", ["TSTART", "TSTOP", "RA_SCX", "DEC_SCX", "RA_SCZ", "DEC_SCZ"])
@pytest.mark.parametrize("value", ["a word", True])
def test_a_keyword_that_is_not_a_number(event_file: Path, keyword: str, value: Any) -> None:
    edit(event_file, lambda units: units[1].header.set(keyword, value))
    assert f"no valid keyword {keyword}" in refusal(event_file)


@pytest.mark.parametrize("keyword", ["TSTART", "TSTOP", "RA_SCX", "DEC_SCX", "RA_SCZ", "DEC_SCZ"])
def test_a_missing_keyword(event_file: Path, keyword: str) -> None:
    edit(event_file, lambda units: units[1].header.remove(keyword))
    assert f"no valid keyword {keyword}" in refusal(event_file)


@pytest.mark.parametrize("keyword", ["RA_SCX", "DEC_SCX", "RA_SCZ", "DEC_SCZ"])
def test_a_pointing_that_is_not_on_the_sky(event_file: Path, keyword: str) -> None:
    outside = 361.0 if keyword.startswith("RA") else 91.0
    edit(event_file, lambda units: units[1].header.set(keyword, outside))
    assert f"no valid keyword {keyword} ({outside})" in refusal(event_file)


def test_a_window_that_ends_before_it_starts(event_file: Path) -> None:
    edit(event_file, lambda units: units[1].header.set("TSTOP", 1.0))
    assert "before it starts" in refusal(event_file)


def test_a_file_of_another_window(event_file: Path) -> None:
    edit(event_file, lambda units: units[1].header.set("SWID", "006600230010"))
    assert "says that it is science window '006600230010'" in refusal(event_file)


def test_a_file_that_names_no_window(event_file: Path) -> None:
    edit(event_file, lambda units: units[1].header.remove("SWID"))
    assert "does not say which science window it is" in refusal(event_file)


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(event_file: Path) -> None:
    event_file.unlink()
    os.mkfifo(event_file)
    assert "cannot be read (it is not a plain file)" in refusal(event_file)


def test_times_that_are_not_ijd(event_file: Path) -> None:
    edit(event_file, lambda units: units[1].header.set("MJDREF", 50000.0))
    assert "counts time from MJD 50000.0" in refusal(event_file)


def test_fewer_rows_than_announced(event_file: Path) -> None:
    announce(event_file, 200000)
    assert "is truncated" in refusal(event_file)


@pytest.mark.parametrize("rows", [10**8, 10**15])
def test_more_rows_announced_than_any_memory_holds(event_file: Path, rows: int) -> None:
    announce(event_file, rows)
    with pytest.raises(DamagedFile, match="more data than there is memory"):
        IsdcArchive(event_file.parents[3]).events(IDENTIFIER)


def test_no_events(tmp_path: Path, make_window: MakeWindow) -> None:
    nothing = {
        name: getattr(make_window(), name)[:0]
        for name in ("time", "energy", "dety", "detz", "select_flag")
    }
    path = write_isdc(make_window(**nothing), tmp_path)
    assert "holds no events" in refusal(path)


def test_no_good_time(tmp_path: Path, make_window: MakeWindow) -> None:
    path = write_isdc(make_window(intervals=np.empty((0, 2))), tmp_path)
    archive = IsdcArchive(tmp_path)
    with pytest.raises(DamagedFile, match="is inside good time"):
        archive.events(path.parent.name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"energy": np.full(200, np.nan, np.float32)}, "none of 200 has an energy"),
        ({"select_flag": np.ones(200, np.uint8)}, r"none of 200 was selected"),
        ({"dety": np.full(200, 200, np.uint8)}, "none of 200 is on the detector"),
        ({"time": np.full(200, np.nan)}, "none of 200 is inside good time"),
    ],
)
def test_no_usable_events(
    changes: dict[str, Any], words: str, tmp_path: Path, make_window: MakeWindow
) -> None:
    path = write_isdc(make_window(**changes), tmp_path)
    with pytest.raises(DamagedFile, match=f"{path} has no usable event: {words}"):
        IsdcArchive(tmp_path).events(IDENTIFIER)


def test_a_file_that_may_not_be_read(event_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_arguments: object) -> Never:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    assert "chmod u+r" in refusal(event_file, ArchiveError)


def test_a_disk_that_fails(event_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, *_arguments: object) -> Never:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(os, "open", fail)
    assert "Input/output error" in refusal(event_file)


def test_bytes_after_the_last_unit_are_ignored(event_file: Path) -> None:
    content = gzip.decompress(event_file.read_bytes())
    before = len(IsdcArchive(event_file.parents[3]).events(IDENTIFIER))
    event_file.write_bytes(gzip.compress(content + bytes(2880)) + bytes(1 << 19))
    assert len(IsdcArchive(event_file.parents[3]).events(IDENTIFIER)) == before


def test_a_wrong_checksum_of_ignored_bytes_is_noticed_too(event_file: Path) -> None:
    content = gzip.decompress(event_file.read_bytes())
    packed = bytearray(gzip.compress(content + np.random.default_rng(0).bytes(1 << 20)))
    packed[-8] ^= 0xFF
    event_file.write_bytes(packed)
    assert "is damaged gzip" in refusal(event_file)


def test_gzip_in_several_members_is_read_to_the_end(event_file: Path) -> None:
    content = gzip.decompress(event_file.read_bytes())
    before = IsdcArchive(event_file.parents[3]).events(IDENTIFIER)
    event_file.write_bytes(gzip.compress(content[:5000]) + gzip.compress(content[5000:]))
    after = IsdcArchive(event_file.parents[3]).events(IDENTIFIER)
    assert np.array_equal(after.time, before.time)
