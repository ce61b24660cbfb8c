"""The bundled sample: real events, complete and unchanged."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from time import perf_counter

import numpy as np
import pytest

from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.usable import usable_events
from oda_widgets.errors import ArchiveError, BadParameter, DamagedFile

# SHA-256 of the columns of the ISDC's file, in the byte order of little-endian machines.
CHECKSUMS = {
    "time": "54015cfa9a0658466518a7fe4e19eb600fd7e2d8509093ddca695ce7dfcd789b",
    "energy": "5898cb10b51db75c434ab260d3447b4b073e5afcc6cae0d9dc41186cbe46ebb8",
    "dety": "6cdf22f1dd2d16c3ab2a2977a6795f33e7656e440bf5cdc5e9699379024ad769",
    "detz": "ef3c2b9913c8c649a742205a31ade50ea5a45937c936c44fc4379d617c4f5480",
    "select_flag": "366588018a3e1661cfc2959bef94b425789d8fd7595dc81738508d43e622b203",
    "intervals": "dd3e7b4cd4143829739b75c9097267a2bac0e074f287cdba18010a31f72f4a4c",
}


@pytest.fixture(scope="module")
def raw():
    return SampleArchive().raw()


@pytest.mark.parametrize("column", CHECKSUMS)
def test_its_columns_are_bit_for_bit_those_of_the_original(raw, column):
    content = np.ascontiguousarray(getattr(raw, column))
    little = content.astype(content.dtype.newbyteorder("<"))
    assert hashlib.sha256(little.tobytes()).hexdigest() == CHECKSUMS[column]


def test_it_is_what_reading_the_original_gives(raw, real_file):
    original = read_raw_window(real_file, raw.window.id)
    assert original.window == raw.window
    assert dict(original.keywords) == dict(raw.keywords)
    for column in CHECKSUMS:
        assert getattr(original, column).tobytes() == getattr(raw, column).tobytes()


def test_it_offers_one_real_window():
    (window,) = SampleArchive().science_windows()
    assert (window.id, window.revolution, window.simulated) == ("255900280010.001", 2559, False)
    assert window.good_time == pytest.approx(3548.47, abs=0.01)
    assert (window.ra, window.dec) == pytest.approx((286.8229, 20.2763), abs=1e-4)


def test_its_events_are_those_selected_in_good_time():
    events = SampleArchive().events("255900280010")
    assert len(events) == 2_282_507
    assert events.flagged_counts.sum() == 119_863
    assert len(events.good_time) == 6
    assert np.all(np.diff(events.time) >= 0)
    assert events.energy.min() > 0


def test_its_bursts_are_there():
    events = SampleArchive().events("255900280010.001")
    band = (events.energy >= 28) & (events.energy < 150)
    seconds = (events.time[band] - events.window.start) * 86400
    counts = np.histogram(seconds, np.arange(0, 3574))[0]
    assert counts.max() > 20 * np.median(counts)


def test_it_is_small_and_quick():
    sample = files("oda_widgets.archive") / "sample" / "255900280010.001.npz"
    assert len(sample.read_bytes()) < 16e6
    start = perf_counter()
    SampleArchive().science_windows()
    assert perf_counter() - start < 0.1


def test_it_comes_with_its_licence():
    text = (files("oda_widgets.archive") / "sample" / "LICENSE.isgri.txt").read_text()
    assert "MIT License" in text
    assert "Pacholski" in text


def test_another_window_is_not_in_it():
    with pytest.raises(ArchiveError, match=r"The bundled sample has no events.*Did you mean"):
        SampleArchive().events("255900290010.001")


def test_an_identifier_is_checked():
    with pytest.raises(BadParameter):
        SampleArchive().events("2559")


def test_a_damaged_installation_is_named(tmp_path, monkeypatch):
    (tmp_path / "sample").mkdir()
    monkeypatch.setattr("oda_widgets.archive.sample.files", lambda _: tmp_path)
    with pytest.raises(DamagedFile, match="Install oda_widgets again"):
        SampleArchive().science_windows()
    (tmp_path / "sample" / "255900280010.001.npz").write_bytes(b"PK\x03\x04 not a zip file")
    with pytest.raises(DamagedFile, match="Install oda_widgets again"):
        SampleArchive().events("255900280010.001")


def test_the_original_archive_gives_the_same_usable_events(raw, real_file, tmp_path):
    folder = tmp_path / "scw" / "2559" / "255900280010.001"
    folder.mkdir(parents=True)
    (folder / "isgri_events.fits.gz").symlink_to(real_file)
    archive, sample = IsdcArchive(tmp_path), usable_events(raw, "sample")
    assert archive.science_windows() == (raw.window,)
    original = archive.events("255900280010")
    assert original.good_time == sample.good_time
    for name in ("time", "energy", "dety", "detz", "flagged_counts"):
        assert np.array_equal(getattr(original, name), getattr(sample, name))
