"""Spectra: three files that find each other, and other people's dialects of OGIP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD, Background
from oda_widgets.request.source import Source
from tests.products.examples import (
    make_light_curve,
    make_response,
    make_spectrum,
    names,
    observations,
)
from tests.products.test_response_file import assert_same_response
from tests.real_data import NOTEBOOK_DATA


def assert_same_spectrum(read: Spectrum, written: Spectrum) -> None:
    for name in ("rate", "error", "quality", "systematic_error"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), strict=True)
    assert_same_response(read.response, written.response)
    assert repr(read.source) == repr(written.source)
    assert read.observation == written.observation


@pytest.mark.parametrize("first_channel", [0, 1])
@pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
def test_a_spectrum_is_read_as_it_was_written(
    tmp_path: Path, first_channel: int, suffix: str
) -> None:
    spectrum = make_spectrum(first_channel)
    spectrum.write(tmp_path / f"crab{suffix}")
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {f"crab{suffix}", f"crab_rmf{suffix}", f"crab_arf{suffix}"}
    assert_same_spectrum(Spectrum.read(tmp_path / f"crab{suffix}"), spectrum)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_spectrum_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    finite, positive = st.floats(-1e6, 1e6), st.floats(1e-9, 1e6)
    spectrum = Spectrum(
        source=data.draw(st.builds(Source, names, st.floats(0, 359), st.floats(-90, 90), names)),
        rate=data.draw(arrays(np.float64, 3, elements=finite)),
        error=data.draw(arrays(np.float64, 3, elements=positive)),
        quality=data.draw(arrays(np.int16, 3, elements=st.sampled_from([0, 1, 2, 5]))),
        systematic_error=data.draw(arrays(np.float64, 3, elements=st.floats(0, 1))),
        response=make_response(n_energies=4, n_channels=3),
        observation=data.draw(observations()),
    )
    path = tmp_path_factory.mktemp("spectrum") / "spectrum.fits"
    spectrum.write(path)
    assert_same_spectrum(Spectrum.read(path), spectrum)


def test_the_layout_is_that_of_mmoda_and_ogip(tmp_path: Path) -> None:
    make_spectrum().write(tmp_path / "crab.fits")
    with fits.open(tmp_path / "crab.fits") as hdus:
        table = hdus[1]
        assert table.name == "ISGR-EVTS-SPE"
        assert table.columns.names == [
            "CHANNEL", "RATE", "SYS_ERR", "STAT_ERR", "QUALITY", "GROUPING"
        ]  # fmt: skip
        expected = {
            "HDUCLASS": "OGIP", "HDUCLAS1": "SPECTRUM", "HDUCLAS2": "TOTAL", "HDUCLAS3": "RATE",
            "CHANTYPE": "PI", "DETCHANS": 9, "POISSERR": False, "AREASCAL": 1.0, "BACKSCAL": 1.0,
            "CORRSCAL": 1.0, "BACKFILE": "NONE", "CORRFILE": "NONE", "RESPFILE": "crab_rmf.fits",
            "ANCRFILE": "crab_arf.fits", "NAME": "Crab", "TELESCOP": "INTEGRAL",
            "INSTRUME": "IBIS", "FILTER": "NONE", "EXPOSURE": 2533.6377777,
        }  # fmt: skip
        assert {keyword: table.header[keyword] for keyword in expected} == expected
        assert np.isnan(table.data["RATE"][-1])
        assert table.data["QUALITY"][-1] == BAD
    with fits.open(tmp_path / "crab_rmf.fits") as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "EBOUNDS", "SPECRESP MATRIX"]
        assert hdus[2].header["HDUCLAS3"] == "REDIST"
    assert fits.getheader(tmp_path / "crab_arf.fits", 1)["HDUCLAS2"] == "SPECRESP"


def test_files_satisfy_fitsverify(tmp_path: Path, fitsverify: Callable[[Path], None]) -> None:
    spectrum = replace(make_spectrum(), source=Source("η Carinae with a long name " * 3, 1, 2))
    name = "a_spectrum_with_a_name_so_long_that_its_companions_do_not_fit_on_one_card.fits"
    spectrum.write(tmp_path / name)
    for path in tmp_path.iterdir():
        fitsverify(path)
    assert_same_spectrum(Spectrum.read(tmp_path / name), spectrum)


def test_an_independent_reader_sees_the_same(tmp_path: Path) -> None:
    spec = pytest.importorskip("ogip.spec", reason="pip install ogip")
    spectrum = make_spectrum()
    spectrum.write(tmp_path / "crab.fits")
    # It leaves files open: it is handed their contents.
    peer = spec.PHAI.from_file_name_osa(BytesIO((tmp_path / "crab.fits").read_bytes()))
    rmf = spec.RMF.from_file_name_alt_normal(BytesIO((tmp_path / "crab_rmf.fits").read_bytes()))
    arf = spec.ARF.from_file_name_normal(BytesIO((tmp_path / "crab_arf.fits").read_bytes()))
    np.testing.assert_array_equal(peer._rate, spectrum.rate)
    np.testing.assert_array_equal(peer._stat_err, spectrum.error)
    assert peer._exposure == spectrum.observation.live_time
    np.testing.assert_array_equal(rmf._matrix, spectrum.response.redistribution)
    np.testing.assert_array_equal(rmf._e_min, spectrum.channel_low)
    np.testing.assert_array_equal(arf._arf, spectrum.response.area)


def rewritten(path: Path, change: Callable[[Any], None]) -> None:
    """Change the spectrum in a file as another program might have written it."""
    with fits.open(path) as hdus:
        change(hdus)
        hdus.writeto(path, overwrite=True, output_verify="silentfix")


def foreign(hdus: Any) -> None:
    """Make a file one of another program, so that its checksums are not checked."""
    hdus[0].header["CREATOR"] = "ASCII2PHA 1.1.6"


@pytest.fixture
def pha(tmp_path: Path) -> Path:
    """Return a spectrum that another program may have written."""
    make_spectrum().write(tmp_path / "crab.fits")
    rewritten(tmp_path / "crab.fits", foreign)
    return tmp_path / "crab.fits"


def test_keywords_stand_in_for_columns(pha: Path) -> None:
    def change(hdus: Any) -> None:
        names = ("SYS_ERR", "QUALITY", "GROUPING")
        for name in names:
            hdus[1].columns.del_col(name)
        hdus[1].header["SYS_ERR"], hdus[1].header["QUALITY"] = 0.03, 0

    rewritten(pha, change)
    spectrum = Spectrum.read(pha)
    assert set(spectrum.systematic_error) == {0.03}
    assert list(spectrum.quality) == [0] * 8 + [BAD]


def test_counts_become_rates_with_poisson_errors(pha: Path) -> None:
    def change(hdus: Any) -> None:
        counts = np.arange(9)
        columns = [
            fits.Column("CHANNEL", "I", array=np.arange(9)),
            fits.Column("COUNTS", "J", array=counts),
        ]
        header = hdus[1].header
        hdus[1] = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
        hdus[1].header.extend(
            {key: header[key] for key in ("RESPFILE", "ANCRFILE", "AREASCAL")}.items()
        )
        hdus[1].header["EXPOSURE"] = 100.0

    rewritten(pha, change)
    spectrum = Spectrum.read(pha)
    np.testing.assert_allclose(spectrum.rate[4], 0.04)
    np.testing.assert_allclose(spectrum.error[4], 0.02)
    # Nothing counted is a measurement, though one without an error.
    assert (spectrum.rate[0], spectrum.error[0], spectrum.quality[0]) == (0, 0, 0)


def test_channels_left_out_are_there_without_data(pha: Path) -> None:
    def change(hdus: Any) -> None:
        hdus[1].data = hdus[1].data[2:5]

    rewritten(pha, change)
    spectrum = Spectrum.read(pha)
    assert len(spectrum.rate) == 9
    assert list(spectrum.quality) == [BAD] * 2 + [0] * 3 + [BAD] * 4
    np.testing.assert_array_equal(spectrum.rate[2:5], make_spectrum().rate[2:5])


def test_channels_of_another_response_are_refused(pha: Path) -> None:
    make_response(n_channels=4).write(pha.parent / "other.fits")
    with pytest.raises(BadParameter, match="has the channels 0 to 3, the spectrum has 0 to 8"):
        Spectrum.read(pha, rmf=pha.parent / "other.fits", arf=pha.parent / "other_arf.fits")


@pytest.mark.parametrize(
    "name", ["../elsewhere/rmf.fits", "/etc/passwd", "sub/rmf.fits", "..", "..\\rmf.fits"]
)
def test_names_that_lead_elsewhere_are_not_followed(pha: Path, name: str) -> None:
    elsewhere = pha.parent.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (pha.parent / "crab_rmf.fits").rename(elsewhere / "rmf.fits")
    rewritten(pha, lambda hdus: hdus[1].header.set("RESPFILE", name))
    with pytest.raises(BadParameter, match=r"not followed|not beside it"):
        Spectrum.read(pha)
    assert Spectrum.read(pha, rmf=elsewhere / "rmf.fits").name == "Crab"


@pytest.mark.parametrize("name", ["NONE", "none", "", "UNKNOWN"])
def test_a_spectrum_that_names_no_response_asks_for_it(pha: Path, name: str) -> None:
    rewritten(pha, lambda hdus: hdus[1].header.set("RESPFILE", name))
    with pytest.raises(BadParameter, match=r"names no such file.*rmf="):
        Spectrum.read(pha)


def test_a_companion_that_is_not_there_is_named(pha: Path) -> None:
    (pha.parent / "crab_rmf.fits").unlink()
    with pytest.raises(BadParameter, match=r"crab_rmf\.fits.*not beside it"):
        Spectrum.read(pha)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda hdus: hdus[1].columns.del_col("RATE"), "no column COUNTS"),
        (lambda hdus: hdus[1].columns.del_col("STAT_ERR"), "no column STAT_ERR"),
        (lambda hdus: hdus.__delitem__(1), "no spectrum in it"),
    ],
)
def test_unusable_files_are_refused_in_words(
    pha: Path, change: Callable[[Any], None], message: str
) -> None:
    rewritten(pha, change)
    with pytest.raises(DamagedFile, match=message):
        Spectrum.read(pha)


def test_a_background_is_scaled_to_the_area_of_the_source(pha: Path) -> None:
    behind = pha.parent / "behind.fits"
    behind.write_bytes(pha.read_bytes())
    rewritten(behind, lambda hdus: hdus[1].header.set("BACKSCAL", 4.0))
    rewritten(pha, lambda hdus: hdus[1].header.set("BACKFILE", "behind.fits"))
    spectrum = Spectrum.read(pha)
    assert spectrum.background is not None
    np.testing.assert_allclose(spectrum.background.rate, spectrum.rate / 4)
    whole = np.hypot(spectrum.error, spectrum.systematic_error * spectrum.rate)
    np.testing.assert_allclose(spectrum.background.error, whole / 4)
    rewritten(pha, lambda hdus: hdus[1].header.set("BACKFILE", "gone.fits"))
    with pytest.warns(FileWarning, match=r"gone\.fits.*not beside it.*background=False"):
        assert Spectrum.read(pha).background is None
    assert Spectrum.read(pha, background=False).background is None
    assert Spectrum.read(pha, background=behind).background is not None


def test_a_background_is_written_beside_its_spectrum(tmp_path: Path) -> None:
    spectrum = make_spectrum()
    behind = Background(spectrum.rate / 3, spectrum.error / 2)
    replace(spectrum, background=behind).write(tmp_path / "crab.fits")
    read = Spectrum.read(tmp_path / "crab.fits")
    assert read.background is not None
    np.testing.assert_array_equal(read.background.rate, behind.rate)
    np.testing.assert_array_equal(read.background.error, behind.error)


def test_of_several_spectra_in_one_file_none_is_the_first(pha: Path) -> None:
    def change(hdus: Any) -> None:
        columns = [
            fits.Column("CHANNEL", "9I", array=np.tile(np.arange(9), (2, 1))),
            fits.Column("RATE", "9E", array=np.ones((2, 9))),
        ]
        hdus[1] = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
        hdus[1].header["RESPFILE"] = "crab_rmf.fits"

    rewritten(pha, change)
    with pytest.raises(BadParameter, match=r"has 2 spectra.*by row"):
        Spectrum.read(pha)


def test_a_source_without_position_gets_none_in_a_file(tmp_path: Path) -> None:
    source = Source.without_position("the lamp")
    for product in (make_spectrum(), make_light_curve()):
        replace(product, source=source).write(tmp_path / "lamp.fits", overwrite=True)
        header = fits.getheader(tmp_path / "lamp.fits", 1)
        assert header["OBJECT"] == "the lamp"
        assert not {"RA_OBJ", "DEC_OBJ"} & set(header)
        read = type(product).read(tmp_path / "lamp.fits").source
        assert (read.name, read.has_position) == ("the lamp", False)


def test_a_spectrum_that_names_no_source_takes_the_name_it_is_given() -> None:
    path = NOTEBOOK_DATA / "NGC2110_ursini_spectrum_osa10.fits"
    assert Spectrum.read(path).name == "NGC2110_ursini_spectrum_osa10"
    assert Spectrum.read(path, source="NGC 2110").name == "NGC 2110"
