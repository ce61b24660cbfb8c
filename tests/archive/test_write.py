"""Written archives: what others' tools and our own reader find in them."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Never

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.write import write_isdc

MakeWindow = Callable[..., RawWindow]

COLUMNS = ("time", "energy", "dety", "detz", "select_flag", "intervals", "height", "rise_time")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the sample as an archive."""
    return SampleArchive().export(tmp_path_factory.mktemp("exported"))


def test_the_sample_is_written_where_the_isdc_keeps_it(exported: Path) -> None:
    assert exported.parts[-4:] == ("scw", "2559", "255900280010.001", "isgri_events.fits.gz")


def test_the_exported_sample_is_bit_for_bit_the_sample(exported: Path) -> None:
    sample, written = SampleArchive().raw(), read_raw_window(exported, "255900280010.001")
    for column in COLUMNS:
        assert getattr(written, column).tobytes() == getattr(sample, column).tobytes()
    assert written.window == sample.window


def test_astropy_reads_the_columns_and_confirms_the_checksums(exported: Path) -> None:
    with fits.open(exported, checksum=True) as units:
        formats = {c.name: (c.format, c.unit) for c in units["ISGR-EVTS-ALL"].columns}
        assert formats == {
            "TIME": ("1D", "d"),
            "ISGRI_ENERGY": ("1E", "keV"),
            "DETY": ("1B", None),
            "DETZ": ("1B", None),
            "SELECT_FLAG": ("1B", None),
            "ISGRI_PHA": ("1I", None),
            "RISE_TIME": ("1B", None),
        }
        assert units["IBIS-GNRL-GTI"].columns.names == ["START", "STOP"]


@pytest.fixture(scope="module")
def rewritten(real_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read the file of the ISDC and write it as an archive."""
    raw = read_raw_window(real_file, "255900280010.001")
    return write_isdc(raw, tmp_path_factory.mktemp("rewritten"))


def test_the_header_of_the_original_is_kept(rewritten: Path, real_file: Path) -> None:
    # What tells how this file is laid out, grouped and was cut, not what was observed.
    layout = (
        r"T[A-Z]{4}\d+|NAXIS1|TFIELDS|CHECKSUM|DATASUM|EXTVER|GRP.*|LONGSTRN"
        r"|COMMENT|HISTORY|TELAPSE"
    )
    before, after = fits.getheader(real_file, "ISGR-EVTS-ALL"), fits.getheader(rewritten, 1)
    meaning = [key for key in before if not re.fullmatch(layout, key)]
    assert len(meaning) > 50
    assert {key: after.get(key) for key in meaning} == {key: before[key] for key in meaning}


def test_fitsverify_finds_no_fault(
    exported: Path, tmp_path: Path, fitsverify: Callable[[Path], None]
) -> None:
    # Unpacked: of a compressed file fitsverify wants all of its bytes in memory at once.
    unpacked = tmp_path / "isgri_events.fits"
    with gzip.open(exported) as packed, unpacked.open("wb") as file:
        shutil.copyfileobj(packed, file)
    fitsverify(unpacked)


def isgri_light_curve(path: Path) -> NDArray[Any]:
    """Return the light curve of the package isgri, 1 s bins from 28 to 150 keV."""
    utils = pytest.importorskip("isgri.utils")
    return utils.LightCurve.load_data(events_path=str(path)).rebin(1.0, 28, 150)[1]


def test_the_package_isgri_reads_what_we_write_as_it_reads_the_original(
    rewritten: Path, real_file: Path
) -> None:
    assert np.array_equal(isgri_light_curve(rewritten), isgri_light_curve(real_file))


def test_the_package_isgri_finds_the_events_of_the_sample_in_the_export(exported: Path) -> None:
    raw = SampleArchive().raw()
    band = (raw.select_flag == 0) & (raw.energy >= 28) & (raw.energy < 150)
    counts = isgri_light_curve(exported)
    assert counts.sum() == pytest.approx(band.sum(), abs=200)  # it may cut its last bin


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 30))
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_columns_survive_writing_and_reading(
    seed: int, count: int, make_window: MakeWindow, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    columns = {
        "time": rng.integers(0, 2**64, count, np.uint64).view(np.float64),
        "energy": rng.integers(0, 2**32, count, np.uint32).view(np.float32),
        "dety": rng.integers(0, 256, count, np.uint8),
        "detz": rng.integers(0, 256, count, np.uint8),
        "select_flag": rng.integers(0, 256, count, np.uint8),
        "height": rng.integers(-(2**15), 2**15, count, np.int16),
        "rise_time": rng.integers(0, 256, count, np.uint8),
    }
    raw = make_window(**columns)
    written = read_raw_window(write_isdc(raw, tmp_path), raw.window.id)
    for column in COLUMNS:
        assert getattr(written, column).tobytes() == getattr(raw, column).tobytes()


def test_a_window_without_a_list_of_good_time_is_written_without(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    path = write_isdc(make_window(intervals=None), tmp_path)
    assert read_raw_window(path, "006600220010.001").intervals is None


def test_the_same_window_gives_the_same_bytes(tmp_path: Path, make_window: MakeWindow) -> None:
    first = write_isdc(make_window(), tmp_path / "first").read_bytes()
    assert write_isdc(make_window(), tmp_path / "second").read_bytes() == first
    assert first[4:8] == bytes(4)  # the time of packing, which gzip would keep


def test_simulated_events_do_not_pass_for_those_of_the_isdc(
    tmp_path: Path, make_window: MakeWindow
) -> None:
    window = replace(make_window().window, simulated=True)
    raw = make_window(window=window, keywords={"ORIGIN": "ISDC", "SIMULATE": False})
    header = fits.getheader(write_isdc(raw, tmp_path), 1)
    assert (header["SIMULATE"], header["ORIGIN"]) == (True, "SIMULATION")


def test_a_failed_write_leaves_nothing_and_keeps_what_was_there(
    tmp_path: Path, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_isdc(make_window(), tmp_path)
    before = path.read_bytes()

    def fail(*_arguments: object) -> Never:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_isdc(make_window(intervals=None), tmp_path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
