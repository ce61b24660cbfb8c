"""Counts of the shield of SPI: simulated, bundled, and from the services of the ISDC."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.open import open_archive
from oda_widgets.archive.shield.base import ShieldArchive
from oda_widgets.archive.shield.folder import ShieldFolder
from oda_widgets.archive.shield.open import shield_of
from oda_widgets.archive.shield.sample import ShieldSample
from oda_widgets.archive.shield.service import ShieldService
from oda_widgets.archive.simulated.shield import SimulatedShield, is_on, level
from oda_widgets.archive.simulated.shield_bursts import BURSTS, burst_counts
from oda_widgets.errors import (
    ArchiveError,
    BadParameter,
    DamagedFile,
    EmptySelection,
    OdaError,
    ServiceError,
)
from oda_widgets.products.shield_curve import shield_curve
from oda_widgets.request.timespan import SECONDS_PER_DAY, to_ijd
from tests.patience import PATIENCE
from tests.servers.shield_server import PAGE, PLACE, serving_shield

QUIET = to_ijd("2012-05-02T00:00")
IMPATIENT = Patience(
    connect=PATIENCE, read=PATIENCE, tries=2, total=PATIENCE, first_wait=0.01, longest_wait=0.02
)
BELTS = to_ijd("2012-05-01T00:00")


@given(st.floats(0, 3000), st.floats(1, 300), st.floats(0, 3000), st.floats(1, 300))
@settings(max_examples=25)
def test_two_queries_agree_on_the_bins_that_both_have(
    first: float, length: float, second: float, other: float
) -> None:
    shield = SimulatedShield()
    one, two = (
        shield.data(QUIET + begin / SECONDS_PER_DAY, QUIET + (begin + long) / SECONDS_PER_DAY)
        for begin, long in ((first, length), (second, other))
    )
    common, mine, theirs = np.intersect1d(one.counts.start, two.counts.start, return_indices=True)
    np.testing.assert_array_equal(one.counts.counts[mine], two.counts.counts[theirs])
    overlap = min(first + length, second + other) - max(first, second)
    assert len(common) >= max(overlap, 0) / 0.05 - 2


def test_other_seeds_are_other_counts_at_the_same_level() -> None:
    one, two = (SimulatedShield(seed).data(QUIET, QUIET + 0.01).counts.counts for seed in (0, 1))
    assert (one != two).mean() > 0.9
    assert one.mean() == pytest.approx(two.mean(), rel=1e-3)


def test_simulated_noise_is_that_of_real_counts() -> None:
    """1.14 to 1.18 times Poisson's in bins of 0.1 s, around GRB 230307A."""
    counts = SimulatedShield().data(QUIET, QUIET + 1 / 24).counts
    curve = shield_curve(counts, 0.1)
    steps = np.diff(curve.total_counts) / np.sqrt(2)  # a drift does not matter
    assert steps.std() / np.sqrt(curve.total_counts.mean()) == pytest.approx(1.16, abs=0.02)
    pulls = np.diff(curve.rate) / np.hypot(curve.error[1:], curve.error[:-1])
    assert pulls.std() == pytest.approx(1.0, abs=0.02)
    assert (counts.counts % 2 == 0).all()


def test_the_level_is_that_of_real_light_curves() -> None:
    times = np.array([to_ijd("2008-03-19T05:35"), to_ijd("2023-03-07T15:43")])
    np.testing.assert_allclose(level(times), [115_600, 90_640], rtol=0.04)
    days = np.arange(to_ijd("2002-10-20"), to_ijd("2025-02-25"), 0.37)
    on = level(days)[is_on(days)]
    assert 5.5e4 < on.min() < np.median(on) < np.quantile(on, 0.95) < 1.25e5


def test_bursts_come_at_their_times_with_their_counts() -> None:
    for burst in BURSTS:
        start = np.arange(-200, round(burst.end / 0.05)) * 0.05 / SECONDS_PER_DAY + burst.start
        others = [one for one in BURSTS if one is not burst and abs(one.start - burst.start) < 0.02]
        counts = burst_counts(start, 0.05)
        assert counts[:199].sum() == pytest.approx(0, abs=1) or others
        whole = burst.counts + sum(one.counts for one in others)
        assert counts.sum() == pytest.approx(whole, rel=1e-3)
        assert is_on(np.array([burst.start])).all(), burst.name


@pytest.mark.parametrize("name", ["GRB 230307A", "GRB 090902B", "GRB 231115A"])
def test_a_simulated_burst_is_found_and_measured(name: str) -> None:
    (burst,) = (one for one in BURSTS if one.name == name)
    data = SimulatedShield().data(burst.start - 200 / 86400, burst.start + 300 / 86400)
    found = shield_curve(data.counts).burst()
    assert found.seconds(burst.start) == pytest.approx(0, abs=0.3)
    assert found.counts.value == pytest.approx(burst.counts, rel=0.03)
    assert found.t90.value == pytest.approx(burst.t90, rel=0.05, abs=0.05)


def test_the_shield_is_off_in_the_belts() -> None:
    with pytest.raises(EmptySelection, match=r"off in the radiation belts.*it is on from 2012-"):
        SimulatedShield().data(BELTS, BELTS + 0.01)
    with pytest.raises(EmptySelection, match="INTEGRAL did not observe"):
        SimulatedShield().data(to_ijd("2026-01-01"), to_ijd("2026-01-02"))


def test_the_bundled_burst_is_real_and_knows_its_place() -> None:
    start, stop = to_ijd("2023-03-07T15:44"), to_ijd("2023-03-07T15:45")
    data = ShieldSample().data(start, stop)
    assert not data.simulated
    assert data.place == PLACE
    assert len(data.counts) == pytest.approx(600, abs=2)
    with pytest.raises(EmptySelection, match="It has GRB 230307A: 2023-03-07T15:41:0"):
        ShieldSample().data(QUIET, QUIET + 1)


def test_the_default_archive_takes_real_counts_first(tmp_path: Path) -> None:
    shield = shield_of(open_archive("", tmp_path), "", online=False)
    start, stop = to_ijd("2023-03-07T15:44"), to_ijd("2023-03-07T15:45")
    assert not shield.data(start, stop).simulated
    assert shield.data(QUIET, QUIET + 0.001).simulated
    assert shield.content(start, stop) != shield.content(QUIET, QUIET + 0.001)


@pytest.mark.parametrize(("time", "simulated"), [("2023-03-07T15:44", False), (QUIET, True)])
def test_whether_counts_are_simulated_is_known_before_they_are_read(
    tmp_path: Path, time: Any, *, simulated: bool
) -> None:
    shield = shield_of(open_archive("", tmp_path), "", online=False)
    start = to_ijd(time) if isinstance(time, str) else time
    assert shield.are_simulated(start, start + 1e-3) is simulated
    assert shield.data(start, start + 1e-3).simulated is simulated


def differing(shield: ShieldArchive, start: float, stop: float) -> float:
    """Return by how much counts of a service differ from those that it serves."""
    served = SimulatedShield(7).data(start, stop).counts
    got = shield.data(start, stop).counts
    assert len(got) == len(served)
    np.testing.assert_allclose(got.start * 86400, served.start * 86400, atol=1.1e-3, rtol=0)
    return float(np.abs(got.counts - served.counts).max())


def test_both_services_give_the_counts_that_they_have() -> None:
    with serving_shield() as server:
        for address in (server.address, server.older):
            service = ShieldService(address, IMPATIENT)
            assert differing(service, QUIET, QUIET + 90 / SECONDS_PER_DAY) == 0
        data = service.data(QUIET, QUIET + 20 / SECONDS_PER_DAY)
        assert data.place == PLACE
        assert "127.0.0.1" in data.origin


def test_longer_times_are_asked_for_piece_by_piece() -> None:
    with serving_shield() as server:
        start, stop = QUIET, QUIET + 3700 / SECONDS_PER_DAY
        assert differing(ShieldService(server.address, IMPATIENT), start, stop) == 0
        assert sum("genlc" in one for one in server.asked) == 2


def test_a_time_without_counts_is_no_lasting_failure() -> None:
    with serving_shield() as server, pytest.raises(ArchiveError, match="no counts of SPI-ACS"):
        ShieldService(server.address, IMPATIENT).data(BELTS, BELTS + 0.001)


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (200, PAGE.format("bad time format"), 'a page and not with counts: "Generator <exception>'),
        (200, "dump lc exceptions: no such file", "holds no counts"),
        (200, "Over revolution", "refuses so long a time"),
        (200, "3000.23339376 0.0369 5894 20100.03\n" * 3 + "<p>broken off", "a line is not one"),
        (500, PAGE.format("down"), "status 500"),
        (404, "not here", "no such service"),
        (302, "", "redirects to https://elsewhere.example"),
        (200, "x" * (17 << 20), "too long"),
    ],
)
def test_what_is_not_counts_is_refused_in_words(status: int, text: str, words: str) -> None:
    with serving_shield((status, text)) as server, pytest.raises(OdaError) as caught:
        ShieldService(server.address, IMPATIENT).data(QUIET, QUIET + 0.0001)
    assert isinstance(caught.value, ServiceError)
    assert words in str(caught.value)


def test_a_service_that_does_not_answer_is_named() -> None:
    with serving_shield() as server:
        address = server.address
    with pytest.raises(ServiceError, match="does not answer"):
        ShieldService(address, IMPATIENT).data(QUIET, QUIET + 0.0001)


@pytest.mark.parametrize("address", ["http://example.org/api", "file:///etc/passwd", "ftp://x/y"])
def test_services_without_encryption_are_refused(address: str) -> None:
    with pytest.raises(BadParameter):
        ShieldService(address)


def test_offline_no_service_is_asked(three_windows: Path, tmp_path: Path) -> None:
    shield = shield_of(open_archive(three_windows, tmp_path), "https://example.org", online=False)
    with pytest.raises(ServiceError, match="offline"):
        shield.data(QUIET, QUIET + 0.001)


def write_telemetry(folder: Path, counts: NDArray[np.int64]) -> None:
    """Write counts as the ISDC's raw housekeeping has them; the clock began long before."""
    began = 200_000_000_000_000
    middle = began + np.round((np.arange(len(counts)) + 0.5) * 0.05 * 2**20).astype(np.int64)
    words = np.stack([(middle >> shift) & 0xFFFF for shift in (48, 32, 16, 0)], axis=1)
    tables = []
    for name, columns in (
        ("SPI.-OACS-HRW", [fits.Column("ACS_RATE", "J", array=counts)]),
        ("SPI.-OACS-CNV", [fits.Column("OB_TIME", "4I", bzero=32768, array=words)]),
    ):
        table = fits.BinTableHDU.from_columns(columns, name=name)
        table.header["OBTSTART"] = f"{began:020d}"
        tables.append(table)
    (folder / "raw").mkdir(exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(folder / "raw" / "spi_raw_hk.fits")


@pytest.fixture
def folder_with_telemetry(
    three_windows: Path, tmp_path: Path
) -> tuple[IsdcArchive, NDArray[np.int64]]:
    """Give an archive whose first window has counts of the shield, and the counts."""
    shutil.copytree(three_windows, tmp_path / "archive")
    archive = IsdcArchive(tmp_path / "archive")
    window = archive.science_windows()[0]
    (place,) = (tmp_path / "archive").rglob(window.id)
    counts = np.random.default_rng(5).poisson(5000, 1000)
    write_telemetry(place, counts)
    return archive, counts


def test_a_folder_has_the_counts_of_its_telemetry(
    folder_with_telemetry: tuple[IsdcArchive, NDArray[np.int64]],
) -> None:
    archive, counts = folder_with_telemetry
    window = archive.science_windows()[0]
    data = shield_of(archive, "https://example.org", online=False).data(
        window.start, window.start + 30 / SECONDS_PER_DAY
    )
    np.testing.assert_array_equal(data.counts.counts, counts[:600])
    np.testing.assert_allclose(
        (data.counts.start - window.start) * SECONDS_PER_DAY, np.arange(600) * 0.05, atol=2e-6
    )
    assert not data.simulated


def test_what_a_folder_lacks_the_service_has(
    folder_with_telemetry: tuple[IsdcArchive, NDArray[np.int64]],
) -> None:
    archive, _ = folder_with_telemetry
    with serving_shield() as server:
        shield = shield_of(archive, server.address, online=True)
        data = shield.data(QUIET, QUIET + 10 / SECONDS_PER_DAY)
    assert "service" in data.origin


def test_telemetry_without_a_clock_is_refused(
    folder_with_telemetry: tuple[IsdcArchive, NDArray[np.int64]],
) -> None:
    archive, _ = folder_with_telemetry
    (path,) = archive.root.rglob("spi_raw_hk.fits")
    with fits.open(path, mode="update") as hdus:
        for hdu in hdus[1:]:
            del hdu.header["OBTSTART"]
    window = archive.science_windows()[0]
    with pytest.raises(DamagedFile, match="OBTSTART"):
        ShieldFolder(archive).data(window.start, window.stop)
