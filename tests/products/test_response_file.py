"""Responses: OGIP matrices however they are packed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import oda_widgets
from oda_widgets.errors import BadParameter, DamagedFile, printable
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from tests.products.examples import make_response

SHIPPED = (
    Path(oda_widgets.__path__[0]) / "instruments" / "isgri" / "data" / "isgri_rmf_2022.fits.gz"
)


def assert_same_response(read: Response, written: Response) -> None:
    for field in fields(Response):
        expected = getattr(written, field.name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(getattr(read, field.name), expected, strict=True)
        else:
            assert getattr(read, field.name) == expected


@pytest.mark.parametrize("first_channel", [0, 1, 46])
@pytest.mark.parametrize("name", ["isgri.fits", "isgri_rmf.fits.gz"])
def test_a_response_is_read_as_it_was_written(
    tmp_path: Path, first_channel: int, name: str
) -> None:
    response = make_response(first_channel=first_channel)
    response.write(tmp_path / name)
    assert len(list(tmp_path.iterdir())) == 2
    assert_same_response(Response.read(tmp_path / name), response)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    matrix=arrays(np.float64, (5, 3), elements=st.floats(0, 0.3)).filter(np.any),
    area=arrays(np.float64, 5, elements=st.floats(0, 1e4)).filter(np.any),
    origin=st.text(max_size=80).map(printable).filter(lambda text: text.strip() == text),
)
def test_any_response_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, matrix: np.ndarray, area: np.ndarray, origin: str
) -> None:
    edges, bounds = np.linspace(15, 90.1, 6), np.linspace(20.2, 80.3, 4)
    response = Response(edges[:-1], edges[1:], bounds[:-1], bounds[1:], matrix, area, origin=origin)
    path = tmp_path_factory.mktemp("response") / "isgri.fits"
    response.write(path)
    assert_same_response(Response.read(path), response)


def test_files_satisfy_fitsverify(tmp_path: Path, fitsverify: Callable[[Path], None]) -> None:
    make_response().write(tmp_path / "isgri.fits")
    for name in ("isgri.fits", "isgri_arf.fits"):
        fitsverify(tmp_path / name)


def test_the_shipped_response_of_isgri() -> None:
    response = Response.read(SHIPPED)
    assert response.redistribution.shape == (2466, 256)
    assert (response.channel_low[0], response.channel_high[-1]) == (12.5, 1029.5)
    assert response.first_channel == 0
    sums = response.redistribution.sum(axis=1)
    np.testing.assert_allclose(sums[sums != 0], 1)
    # Row sums of the file at 20, 60 and 100 keV, cm2 (facts.md section 3).
    at = np.searchsorted(response.energy_low, [20, 60, 100]) - 1
    np.testing.assert_allclose(response.area[at], [724, 1271, 876], rtol=0.02)


def test_area_taken_out_of_a_matrix_folds_to_the_same_rates() -> None:
    with fits.open(SHIPPED) as hdus:
        table = hdus["SPECRESP MATRIX"].data
        rows = [np.asarray(row, dtype=np.float64) for row in table["MATRIX"]]
        starts, lengths = table["F_CHAN"].ravel(), table["N_CHAN"].ravel()
    photons = Response.read(SHIPPED).energy_low ** -2.1
    by_hand = np.zeros(256)
    for flux, row, start, length in zip(photons, rows, starts, lengths, strict=True):
        by_hand[start : start + length] += flux * row
    np.testing.assert_allclose(Response.read(SHIPPED).fold(photons), by_hand, rtol=1e-9)


def packed(runs: list[list[tuple[int, list[float]]]], offset: int) -> fits.BinTableHDU:
    """Return a matrix in runs of channels, with columns of variable length."""
    n_energies = len(runs)
    ragged = np.empty((3, n_energies), dtype=object)
    for row, row_runs in enumerate(runs):
        ragged[0, row] = np.array([start + offset for start, _ in row_runs], dtype=np.int16)
        ragged[1, row] = np.array([len(values) for _, values in row_runs], dtype=np.int16)
        ragged[2, row] = np.array([v for _, values in row_runs for v in values], dtype=np.float32)
    columns = [
        fits.Column("ENERG_LO", "E", array=20.0 + np.arange(n_energies)),
        fits.Column("ENERG_HI", "E", array=21.0 + np.arange(n_energies)),
        fits.Column("N_GRP", "I", array=[len(row_runs) for row_runs in runs]),
        fits.Column("F_CHAN", "PI()", array=ragged[0]),
        fits.Column("N_CHAN", "PI()", array=ragged[1]),
        fits.Column("MATRIX", "PE()", array=ragged[2]),
    ]
    return fits.BinTableHDU.from_columns(columns, name="MATRIX")


def bounds(n_channels: int, first_channel: int) -> fits.BinTableHDU:
    """Return channel bounds."""
    columns = [
        fits.Column("CHANNEL", "I", array=np.arange(n_channels) + first_channel),
        fits.Column("E_MIN", "E", array=20.0 + np.arange(n_channels)),
        fits.Column("E_MAX", "E", array=21.0 + np.arange(n_channels)),
    ]
    return fits.BinTableHDU.from_columns(columns, name="EBOUNDS")


RUNS = [[(0, [0.5, 0.25])], [(0, [0.125]), (2, [0.25, 0.5])], []]
UNPACKED = [[0.5, 0.25, 0, 0], [0.125, 0, 0.25, 0.5], [0, 0, 0, 0]]


def write_rmf(path: Path, *hdus: fits.BinTableHDU) -> Path:
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path)
    return path


@pytest.mark.parametrize("first_channel", [0, 1])
@pytest.mark.parametrize("stated", [True, False])
def test_runs_of_channels_are_unpacked(tmp_path: Path, first_channel: int, stated: bool) -> None:  # noqa: FBT001
    table = packed(RUNS, first_channel)
    if stated:
        table.header["TLMIN4"] = first_channel
    table.header["HDUCLAS3"] = "FULL"
    rmf = write_rmf(tmp_path / "foreign.rmf", table, bounds(4, first_channel))
    response = Response.read(rmf)
    np.testing.assert_allclose(response.redistribution * response.area[:, None], UNPACKED)
    assert response.first_channel == first_channel


def test_a_run_outside_the_channels_is_refused(tmp_path: Path) -> None:
    rmf = write_rmf(tmp_path / "foreign.rmf", packed([[(3, [0.5] * 3)]], 0), bounds(4, 0))
    with pytest.raises(DamagedFile, match="leaves the 4 channels"):
        Response.read(rmf)


def test_a_bare_matrix_needs_its_area(tmp_path: Path) -> None:
    rmf = write_rmf(tmp_path / "foreign.rmf", packed(RUNS, 0), bounds(4, 0))
    with pytest.raises(BadParameter, match="arf"):
        Response.read(rmf)


def write_arf(path: Path, area: list[float]) -> Path:
    columns = [
        fits.Column("ENERG_LO", "E", array=20.0 + np.arange(len(area))),
        fits.Column("ENERG_HI", "E", array=21.0 + np.arange(len(area))),
        fits.Column("SPECRESP", "E", array=area),
    ]
    return write_rmf(path, fits.BinTableHDU.from_columns(columns, name="ISGR-ARF.-RSP"))


def test_osa_names_and_a_separate_area_are_understood(tmp_path: Path) -> None:
    table, channels = packed(RUNS, 0), bounds(4, 0)
    table.name, channels.name = "ISGR-RMF.-RSP", "ISGR-EBDS-MOD"
    rmf = write_rmf(tmp_path / "osa.fits", table, channels)
    response = Response.read(rmf, write_arf(tmp_path / "arf.fits", [100, 200, -3]))
    np.testing.assert_array_equal(response.redistribution, UNPACKED)
    np.testing.assert_array_equal(response.area, [100, 200, -3])


def test_a_full_matrix_with_an_area_of_ones_keeps_its_area(tmp_path: Path) -> None:
    runs = [[(0, [300.0, 100.0])], [(1, [50.0])], []]
    rmf = write_rmf(tmp_path / "full.fits", packed(runs, 0), bounds(4, 0))
    response = Response.read(rmf, write_arf(tmp_path / "arf.fits", [1, 1, 1]))
    np.testing.assert_array_equal(response.area, [400, 50, 0])
    np.testing.assert_array_equal(response.redistribution[0], [0.75, 0.25, 0, 0])


def test_an_area_of_another_matrix_is_refused(tmp_path: Path) -> None:
    rmf = write_rmf(tmp_path / "foreign.rmf", packed(RUNS, 0), bounds(4, 0))
    with pytest.raises(BadParameter, match="2 energies where the matrix has 3"):
        Response.read(rmf, write_arf(tmp_path / "arf.fits", [1, 1]))


@pytest.mark.parametrize(
    ("hdus", "message"),
    [
        ([bounds(4, 0)], "redistribution matrix"),
        ([packed(RUNS, 0)], "bounds of the channels"),
        ([], "redistribution matrix"),
    ],
)
def test_a_file_without_a_part_says_which(
    tmp_path: Path, hdus: list[fits.BinTableHDU], message: str
) -> None:
    with pytest.raises(DamagedFile, match=message):
        Response.read(write_rmf(tmp_path / "part.fits", *hdus))


def test_channels_with_gaps_are_refused(tmp_path: Path) -> None:
    channels = bounds(4, 0)
    channels.data["CHANNEL"][2:] += 1
    with pytest.raises(DamagedFile, match="one by one"):
        Response.read(write_rmf(tmp_path / "gap.fits", packed(RUNS, 0), channels))


def jemx_rmf(path: Path) -> None:
    """Write an RMF with the tables of JEM-X's: a grouping first, channels from 1, two areas."""
    matrix = packed([[(0, [0.5, 0.25])], [(1, [0.5, 0.25])]], offset=1)
    matrix.name = "SPECRESP MATRIX"
    matrix.header["TLMIN4"], matrix.header["HDUCLAS3"] = 1, "REDIST"
    areas = []
    for name, area in (("JMX1-AXIS-ARF", [60.0, 50.0]), ("JMX1-IMAG-ARF", [1.0, 1.0])):
        columns = [
            fits.Column("ENERG_LO", "E", "keV", array=[20.0, 21.0]),
            fits.Column("ENERG_HI", "E", "keV", array=[21.0, 22.0]),
            fits.Column("SPECRESP", "E", "dm**2", array=area),  # it is cm**2, whatever it says
        ]
        areas.append(fits.BinTableHDU.from_columns(columns, name=name))
    grouping = fits.BinTableHDU.from_columns(
        [fits.Column("MEMBER_NAME", "8A", array=["A"])], name="GROUPING"
    )
    grouping.header["DETCHANS"] = 256
    hdus = [fits.PrimaryHDU(), grouping, matrix, bounds(3, 1), *areas]
    fits.HDUList(hdus).writeto(path)


def test_a_response_of_jemx_brings_its_own_area(tmp_path: Path) -> None:
    jemx_rmf(tmp_path / "jmx1_rmf.fits")
    response = Response.read(tmp_path / "jmx1_rmf.fits")
    np.testing.assert_array_equal(response.area, [60, 50])
    np.testing.assert_array_equal(response.redistribution, [[0.5, 0.25, 0], [0, 0.5, 0.25]])
    assert response.first_channel == 1


def test_a_spectrum_of_jemx_is_read(tmp_path: Path) -> None:
    """As jemx_spectrum products are: channels from 1, rates of 8 bytes, NET, a SYS_ERR column."""
    jemx_rmf(tmp_path / "jmx1_rmf.fits")
    columns = [
        fits.Column("CHANNEL", "I", array=[1, 2, 3]),
        fits.Column("RATE", "D", "count/s", array=[1.0, 2.0, np.nan]),
        fits.Column("STAT_ERR", "D", "count/s", array=[0.1, 0.2, np.inf]),
        fits.Column("SYS_ERR", "E", array=[0.03, 0.03, 0.0]),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="JMX1-PHA1-SPE")
    table.header["HDUCLAS1"], table.header["HDUCLAS2"] = "SPECTRUM", "NET"
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "jmx1.fits")
    spectrum = Spectrum.read(tmp_path / "jmx1.fits", rmf=tmp_path / "jmx1_rmf.fits")
    np.testing.assert_array_equal(spectrum.rate[:2], [1, 2])
    assert list(spectrum.quality == 0) == [True, True, False]
    np.testing.assert_allclose(spectrum.systematic_error[:2], 0.03)
