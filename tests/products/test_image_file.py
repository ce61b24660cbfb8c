"""Sky images: written files are read back, with the names that OSA's users know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from tests.products.examples import (
    OBSERVATION,
    all_of,
    catalogs,
    make_image,
    make_wcs,
    names,
    observations,
)

MAPS = ("intensity", "variance", "significance", "exposure")


def assert_same_image(read: SkyImage, written: SkyImage) -> None:
    for name in MAPS:
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), strict=True)
    assert read.energy == written.energy
    assert all_of(read.catalog) == all_of(written.catalog)
    assert read.observation == written.observation
    assert repr(read.target) == repr(written.target)


@pytest.mark.parametrize("name", ["image.fits", "image.fits.gz"])
def test_an_image_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    image = make_image()
    image.write(tmp_path / name)
    assert_same_image(SkyImage.read(tmp_path / name), image)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_image_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    floats = st.floats(width=32, allow_infinity=False)
    positive = st.floats(min_value=2.0**-60, max_value=2.0**60, width=32)
    pixels = {name: data.draw(arrays(np.float32, (3, 4), elements=floats)) for name in MAPS}
    pixels["variance"] = data.draw(arrays(np.float32, (3, 4), elements=positive))
    low = data.draw(st.floats(15, 500))
    image = SkyImage(
        **pixels,
        wcs=make_wcs(data.draw(st.floats(-3, 3))),
        energy=EnergyBand(low, data.draw(st.floats(low, 1000, exclude_min=True))),
        catalog=data.draw(catalogs(names)),
        observation=data.draw(observations()),
        target=data.draw(st.none() | st.builds(Source, names, st.just(1.5), st.just(-2.5))),
    )
    path = tmp_path_factory.mktemp("image") / "image.fits"
    image.write(path)
    assert_same_image(SkyImage.read(path), image)


@pytest.mark.parametrize("rotation", [0.0, 0.3, 1.57, -2.8])
def test_coordinates_keep_every_digit(tmp_path: Path, rotation: float) -> None:
    image = replace(make_image(), wcs=make_wcs(rotation))
    image.write(tmp_path / "image.fits")
    read = SkyImage.read(tmp_path / "image.fits").wcs
    np.testing.assert_array_equal(read.pixel_scale_matrix, image.wcs.pixel_scale_matrix)
    np.testing.assert_array_equal(read.wcs.crval, image.wcs.wcs.crval)
    assert read.wcs.radesys == "FK5"
    pixels = np.array([[0.0, 0.0], [7.0, 5.0]])
    np.testing.assert_array_equal(read.wcs_pix2world(pixels, 0), image.wcs.wcs_pix2world(pixels, 0))


def test_coordinates_in_pc_form_are_understood(tmp_path: Path) -> None:
    wcs = make_wcs(0.0)
    matrix = wcs.pixel_scale_matrix
    del wcs.wcs.cd
    wcs.wcs.pc, wcs.wcs.cdelt = matrix / 0.5, [0.5, 0.5]
    replace(make_image(), wcs=wcs).write(tmp_path / "image.fits")
    read = SkyImage.read(tmp_path / "image.fits").wcs
    np.testing.assert_allclose(read.pixel_scale_matrix, matrix, rtol=1e-15)


def test_the_layout_is_that_of_mmoda(tmp_path: Path) -> None:
    make_image().write(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits") as hdus:
        assert [hdu.name for hdu in hdus] == [
            "PRIMARY", "GROUPING", *["ISGR-MOSA-IMA"] * 4,
            "ISGR-MOSA-RES", "WINDOWS", "SKIPPED", "INTERVALS",
        ]  # fmt: skip
        maps = hdus[2:6]
        assert [hdu.ver for hdu in maps] == [1, 2, 3, 4]
        kinds = [hdu.header["IMATYPE"] for hdu in maps]
        assert kinds == ["INTENSITY", "VARIANCE", "SIGNIFICANCE", "EXPOSURE"]
        assert maps[0].header["BUNIT"] == "count/s"
        assert list(hdus["GROUPING"].data["IMATYPE"]) == kinds
        assert list(hdus["GROUPING"].data["MEMBER_POSITION"]) == [3, 4, 5, 6]
        assert hdus["GROUPING"].data["E_MIN"][0] == 28
        assert hdus["ISGR-MOSA-RES"].columns.names[:9] == [
            "meta_ID", "src_names", "significance", "ra", "dec",
            "NEW_SOURCE", "ISGRI_FLAG", "FLAG", "ERR_RAD",
        ]  # fmt: skip
        assert list(hdus["ISGR-MOSA-RES"].data["NEW_SOURCE"]) == [-32768, -32768, 1]


@pytest.mark.parametrize(
    ("instrument", "name"),
    [("isgri", "ISGR-MOSA-RES"), ("jemx1", "JMX1-MOSA-RES"), ("jemx2", "JMX2-MOSA-RES")],
)
def test_the_catalogue_in_an_image_is_named_after_the_instrument(
    instrument: str, name: str, tmp_path: Path
) -> None:
    image = make_image()
    observation = replace(image.observation, instrument=instrument)
    replace(image, observation=observation).write(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits") as hdus:
        assert name in hdus
    assert SkyImage.read(tmp_path / "image.fits").catalog == image.catalog


def test_keywords_are_those_of_osa(tmp_path: Path) -> None:
    make_image().write(tmp_path / "image.fits")
    header = fits.getheader(tmp_path / "image.fits", 4)
    expected = {
        "TELESCOP": "INTEGRAL", "INSTRUME": "IBIS", "DETNAM": "ISGRI", "REVOL": 2559,
        "TSTART": OBSERVATION.start, "TSTOP": OBSERVATION.stop, "ONTIME": OBSERVATION.ontime,
        "EXPOSURE": OBSERVATION.live_time, "MJDREF": 51544.0, "TIMESYS": "TT", "TIMEREF": "LOCAL",
        "RADESYS": "FK5", "E_MIN": 28.0, "E_MAX": 80.0, "RA_SCX": 293.1, "NAME": "Crab",
    }  # fmt: skip
    assert {keyword: header[keyword] for keyword in expected} == expected
    assert header["DEADC"] == pytest.approx(0.714, abs=1e-3)
    assert header["CREATOR"].startswith("oda_widgets")
    assert header["SIMULATE"] is False


def test_astropy_opens_it_without_a_complaint(tmp_path: Path) -> None:
    # Warnings are errors in these tests.
    make_image().write(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits", checksum=True) as hdus:
        for hdu in hdus[2:6]:
            assert WCS(hdu.header).has_celestial


def test_simulated_data_say_so_in_every_header(tmp_path: Path) -> None:
    simulated = replace(make_image(), observation=replace(OBSERVATION, simulated=True))
    simulated.write(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits") as hdus:
        assert all(hdu.header["SIMULATE"] is True for hdu in hdus[:6])
        assert "not real" in str(hdus[0].header["COMMENT"])
    assert SkyImage.read(tmp_path / "image.fits").observation.simulated


def test_unknown_dead_time_writes_no_factor(tmp_path: Path) -> None:
    observation = replace(OBSERVATION, live_time=OBSERVATION.ontime)
    replace(make_image(), observation=observation).write(tmp_path / "image.fits")
    assert "DEADC" not in fits.getheader(tmp_path / "image.fits", 2)
    assert SkyImage.read(tmp_path / "image.fits").observation == observation


def test_history_goes_to_the_file(tmp_path: Path) -> None:
    lines = ("node 3f2a", "a line that is much longer than one card " * 4, "η Carinae")
    make_image().write(tmp_path / "image.fits", history=lines)
    history = "".join(fits.getheader(tmp_path / "image.fits")["HISTORY"])
    assert "node 3f2a" in history
    assert r"\u03b7 Carinae" in history


def test_equal_images_are_equal_files_but_for_the_date(tmp_path: Path) -> None:
    for name in ("one.fits", "two.fits"):
        make_image().write(tmp_path / name)
    difference = fits.FITSDiff(
        tmp_path / "one.fits", tmp_path / "two.fits", ignore_keywords=["DATE", "CHECKSUM"]
    )
    assert difference.identical


def test_files_satisfy_fitsverify(tmp_path: Path, fitsverify: Callable[[Path], None]) -> None:
    note = "A \u2018note\u2019 longer than a card has room for, with 'apostrophes'. " * 3
    image = replace(make_image(), observation=replace(OBSERVATION, pixels_note=note))
    image.write(tmp_path / "image.fits", history=("why " * 40,))
    fitsverify(tmp_path / "image.fits")
    replace(image, catalog=SourceCatalog(), target=None).write(tmp_path / "empty.fits")
    fitsverify(tmp_path / "empty.fits")


def write_as_osa(path: Path, bands: int = 1) -> None:
    """Write the maps of one window as ii_skyimage does: a residual map, and zeros outside."""
    make_image().write(path)
    with fits.open(path) as hdus:
        maps = [hdu.copy() for hdu in hdus[2:6]]
    residual = maps[0].copy()
    residual.header["IMATYPE"] = "RESIDUAL"
    file = fits.HDUList([fits.PrimaryHDU()])
    for band in range(bands):
        for hdu in (*maps[:3], residual, maps[3]):
            part = hdu.copy()
            part.data = np.nan_to_num(part.data)
            part.name = "ISGR-SKY.-IMA"
            part.header["E_MIN"], part.header["E_MAX"] = 20.0 * (band + 1), 20.0 * (band + 2)
            file.append(part)
    file.writeto(path, overwrite=True)


def test_an_image_of_osa_is_read_and_blank_where_nothing_was_seen(tmp_path: Path) -> None:
    write_as_osa(tmp_path / "osa.fits")
    image = SkyImage.read(tmp_path / "osa.fits")
    assert image.energy == EnergyBand(20, 40)
    assert len(image.catalog) == 0
    assert np.isnan(image.significance[0, :3]).all()
    assert np.isnan(image.variance[0, :3]).all()
    assert np.isfinite(image.significance[1:]).all()


def test_of_several_bands_one_is_chosen(tmp_path: Path) -> None:
    write_as_osa(tmp_path / "osa.fits", bands=2)
    assert SkyImage.read(tmp_path / "osa.fits", energy=(40, 60)).energy == EnergyBand(40, 60)
    with pytest.raises(BadParameter, match=r"several energy bands.*20.40 keV; 40.60 keV"):
        SkyImage.read(tmp_path / "osa.fits")
    with pytest.raises(BadParameter, match="no image of this energy band"):
        SkyImage.read(tmp_path / "osa.fits", energy=(25, 60))


def test_a_file_that_lacks_a_map_says_which(tmp_path: Path) -> None:
    make_image().write(tmp_path / "image.fits")
    with fits.open(tmp_path / "image.fits") as hdus:
        hdus[0].header["CREATOR"] = "fextract"
        fits.HDUList([hdus[0], hdus[2], hdus[4]]).writeto(tmp_path / "part.fits")
    with pytest.raises(DamagedFile, match="no map of VARIANCE"):
        SkyImage.read(tmp_path / "part.fits")


def test_an_image_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((4, 4), np.float32)).writeto(tmp_path / "image.fits")
    with pytest.raises(DamagedFile, match="IMATYPE"):
        SkyImage.read(tmp_path / "image.fits")


def test_no_field_of_the_observation_is_forgotten() -> None:
    empty = type(OBSERVATION)("isgri", (), 0, 0, 0, 0, "", "")
    left = {f.name for f in fields(OBSERVATION)} - {"instrument", "simulated", "telescope"}
    assert all(getattr(OBSERVATION, name) != getattr(empty, name) for name in left)
