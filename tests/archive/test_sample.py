"""The bundled sample: real events, complete and unchanged."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from timeit import repeat

import numpy as np
import pytest

from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.usable import usable_events
from oda_widgets.errors import ArchiveError, BadParameter, DamagedFile
from oda_widgets.instruments.events import WindowEvents

# SHA-256 of the columns of the ISDC's file, in the byte order of little-endian machines.
CHECKSUMS = {
    "time": "54015cfa9a0658466518a7fe4e19eb600fd7e2d8509093ddca695ce7dfcd789b",
    "energy": "5898cb10b51db75c434ab260d3447b4b073e5afcc6cae0d9dc41186cbe46ebb8",
    "dety": "6cdf22f1dd2d16c3ab2a2977a6795f33e7656e440bf5cdc5e9699379024ad769",
    "detz": "ef3c2b9913c8c649a742205a31ade50ea5a45937c936c44fc4379d617c4f5480",
    "height": "1f3a684283e6ae3f2cd086ddc715db547b8d43268c1cff54b48d96bc19bc0a6d",
    "rise_time": "eafd9bf002828f0b9ca8b9ae8986dbb2d82853bb8abae38df1b188f21d87ccc6",
    "select_flag": "366588018a3e1661cfc2959bef94b425789d8fd7595dc81738508d43e622b203",
    "intervals": "dd3e7b4cd4143829739b75c9097267a2bac0e074f287cdba18010a31f72f4a4c",
}
EVENT_COLUMNS = [name for name in CHECKSUMS if name != "intervals"]


@pytest.fixture(scope="module")
def raw() -> RawWindow:
    return SampleArchive().raw()


@pytest.mark.parametrize("column", CHECKSUMS)
def test_its_columns_are_bit_for_bit_those_of_the_original(raw: RawWindow, column: str) -> None:
    content = np.ascontiguousarray(getattr(raw, column))
    little = content.astype(content.dtype.newbyteorder("<"))
    assert hashlib.sha256(little.tobytes()).hexdigest() == CHECKSUMS[column]


@pytest.fixture(scope="module")
def part(raw: RawWindow, real_file: Path) -> RawWindow:
    """Give those events of the sample that the file of the ISDC holds."""
    chosen = np.isin(raw.time, read_raw_window(real_file, raw.window.id).time)
    return replace(raw, **{name: getattr(raw, name)[chosen] for name in EVENT_COLUMNS})


def test_reading_a_file_of_the_isdc_gives_the_same_events(part: RawWindow, real_file: Path) -> None:
    original = read_raw_window(real_file, part.window.id)
    assert len(original) == 64_230
    assert original.window == part.window
    assert dict(original.keywords) == dict(part.keywords)
    for column in CHECKSUMS:
        assert getattr(original, column).tobytes() == getattr(part, column).tobytes()


def test_it_offers_one_real_window() -> None:
    (window,) = SampleArchive().science_windows()
    assert (window.id, window.revolution, window.simulated) == ("255900280010.001", 2559, False)
    assert window.good_time == pytest.approx(3548.47, abs=0.01)
    assert (window.ra, window.dec) == pytest.approx((286.8229, 20.2763), abs=1e-4)


def test_its_events_are_those_selected_in_good_time() -> None:
    events = SampleArchive().events("255900280010")
    assert len(events) == len(events.pulses) == 2_352_182
    assert np.sum(events.energy > 0) == 2_282_507
    assert events.flagged_counts.sum() == 119_863
    assert len(events.good_time) == 6
    assert np.all(np.diff(events.time) >= 0)


def test_its_bursts_are_there() -> None:
    events = SampleArchive().events("255900280010.001")
    band = (events.energy >= 28) & (events.energy < 150)
    seconds = (events.time[band] - events.window.start) * 86400
    counts = np.histogram(seconds, np.arange(0, 3574))[0]
    assert counts.max() > 10 * np.median(counts)


def test_it_is_small() -> None:
    sample = files("oda_widgets.archive") / "sample" / "255900280010.001.npz"
    assert len(sample.read_bytes()) < 16e6


def best_of_five(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes when the machine does nothing else."""
    return min(repeat(call, number=1, repeat=5))


@pytest.mark.slow
def test_it_is_there_at_once() -> None:
    sample = SampleArchive()
    assert best_of_five(sample.science_windows) < 0.01
    assert best_of_five(lambda: sample.events("255900280010")) < 0.5


@pytest.mark.slow
def test_reading_an_event_file_costs_little_more_than_unpacking_it(tmp_path: Path) -> None:
    path = SampleArchive().export(tmp_path)

    def read() -> WindowEvents:
        return usable_events(read_raw_window(path, "255900280010.001"), path)

    def unpack() -> bytes:
        return gzip.decompress(path.read_bytes())

    assert best_of_five(read) < 2.5 * best_of_five(unpack)


def test_it_comes_with_its_licence() -> None:
    text = (files("oda_widgets.archive") / "sample" / "LICENSE.isgri.txt").read_text()
    assert "MIT License" in text
    assert "Pacholski" in text


def test_another_window_is_not_in_it() -> None:
    with pytest.raises(ArchiveError, match=r"The bundled sample has no events.*Did you mean"):
        SampleArchive().events("255900290010.001")


def test_an_identifier_is_checked() -> None:
    with pytest.raises(BadParameter):
        SampleArchive().events("2559")


def test_a_damaged_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample").mkdir()
    monkeypatch.setattr("oda_widgets.archive.sample.files", lambda _: tmp_path)
    with pytest.raises(DamagedFile, match="Install oda_widgets again"):
        SampleArchive().science_windows()
    (tmp_path / "sample" / "255900280010.001.npz").write_bytes(b"PK\x03\x04 not a zip file")
    with pytest.raises(DamagedFile, match="Install oda_widgets again"):
        SampleArchive().events("255900280010.001")


def test_an_archive_of_the_isdc_gives_the_same_usable_events(
    part: RawWindow, real_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "scw" / "2559" / "255900280010.001"
    folder.mkdir(parents=True)
    (folder / "isgri_events.fits.gz").symlink_to(real_file)
    archive, sample = IsdcArchive(tmp_path), usable_events(part, "sample")
    original = archive.events("255900280010")
    assert original.window == part.window
    assert original.good_time == sample.good_time
    for name in ("time", "energy", "dety", "detz", "flagged_counts"):
        assert np.array_equal(getattr(original, name), getattr(sample, name))
