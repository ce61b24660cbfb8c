"""Light curves: ours without loss, OSA's as far as they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from tests.products.examples import make_light_curve, names, observations


def assert_same_curve(read: LightCurve, written: LightCurve) -> None:
    for field in fields(LightCurve):
        expected = getattr(written, field.name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(getattr(read, field.name), expected, strict=True)
        else:
            assert getattr(read, field.name) == expected
    assert read.source.resolved_by == written.source.resolved_by


@pytest.mark.parametrize("name", ["curve.fits", "curve.fits.gz"])
@pytest.mark.parametrize("n_bins", [0, 7])
def test_a_light_curve_is_read_as_it_was_written(tmp_path: Path, name: str, n_bins: int) -> None:
    curve = make_light_curve(n_bins)
    curve.write(tmp_path / name)
    assert_same_curve(LightCurve.read(tmp_path / name), curve)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_light_curve_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    columns = [f.name for f in fields(LightCurve) if f.type == "NDArray[np.float64]"]
    assert len(columns) == 8
    curve = LightCurve(
        source=data.draw(st.builds(Source, names, st.floats(0, 359), st.floats(-90, 90), names)),
        energy=EnergyBand(data.draw(st.floats(15, 99)), data.draw(st.floats(100, 1000))),
        observation=data.draw(observations()),
        **{name: data.draw(arrays(np.float64, 4)) for name in columns if name != "width"},
        width=data.draw(arrays(np.float64, 4, elements=st.floats(0.01, 1e6))),
    )
    path = tmp_path_factory.mktemp("curve") / "curve.fits"
    curve.write(path)
    assert_same_curve(LightCurve.read(path), curve)


def test_the_layout_is_that_of_mmoda(tmp_path: Path) -> None:
    make_light_curve().write(tmp_path / "curve.fits")
    with fits.open(tmp_path / "curve.fits") as hdus:
        table = hdus[1]
        assert table.name == "ISGR-SRC.-LCR"
        assert table.columns.names[:9] == [
            "TIME", "TOT_COUNTS", "BACKV", "BACKE", "RATE", "ERROR", "FRACEXP", "XAX_E", "TIMEDEL"
        ]  # fmt: skip
        expected = {"NAME": "Crab", "TIMEPIXR": 0.5, "E_MIN": 28.0, "E_MAX": 80.0, "MJDREF": 51544}
        assert {keyword: table.header[keyword] for keyword in expected} == expected
        np.testing.assert_allclose(table.data["TIMEDEL"] * 86400, 100)
        np.testing.assert_allclose(table.data["XAX_E"] * 86400, 50)
        assert table.header["TIMEDEL"] * 86400 == pytest.approx(100)


def test_the_file_satisfies_fitsverify(tmp_path: Path, fitsverify: Callable[[Path], None]) -> None:
    make_light_curve().write(tmp_path / "curve.fits")
    fitsverify(tmp_path / "curve.fits")


def changed(path: Path, change: Callable[[Any], None]) -> None:
    make_light_curve().write(path)
    with fits.open(path) as hdus:
        hdus[0].header["CREATOR"] = "lc_pick 3.3"
        change(hdus)
        hdus.writeto(path, overwrite=True)


def drop(*names: str) -> Callable[[Any], None]:
    def change(hdus: Any) -> None:
        for name in names:
            hdus[1].columns.del_col(name)

    return change


@pytest.mark.parametrize("left_out", [("WIDTH",), ("WIDTH", "TIMEDEL"), ("WIDTH", "XAX_E")])
def test_lengths_of_bins_are_found_wherever_they_are(
    tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    changed(tmp_path / "curve.fits", drop(*left_out))
    np.testing.assert_allclose(LightCurve.read(tmp_path / "curve.fits").width, 100)


def test_lengths_of_bins_may_stand_in_the_header(tmp_path: Path) -> None:
    changed(tmp_path / "curve.fits", drop("WIDTH", "XAX_E", "TIMEDEL"))
    np.testing.assert_allclose(LightCurve.read(tmp_path / "curve.fits").width, 100)


def test_what_osa_does_not_write_is_left_open(tmp_path: Path) -> None:
    changed(tmp_path / "curve.fits", drop("TOT_COUNTS", "BACKV", "BACKE", "FRACEXP"))
    curve = LightCurve.read(tmp_path / "curve.fits")
    assert np.isnan(curve.total_counts).all()
    assert np.isnan(curve.background).all()
    assert set(curve.exposed_fraction) == {1.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("ERROR"), "no column ERROR"),
        (drop("RATE"), "no light curve in it"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    changed(tmp_path / "curve.fits", change)
    with pytest.raises(DamagedFile, match=message):
        LightCurve.read(tmp_path / "curve.fits")


def test_a_band_that_is_not_stated_is_that_of_the_instrument_or_as_the_user_says(
    tmp_path: Path,
) -> None:
    changed(tmp_path / "curve.fits", lambda hdus: hdus[1].header.remove("E_MIN"))
    with pytest.warns(FileWarning, match=r"energy band.*E_MIN"):
        assert LightCurve.read(tmp_path / "curve.fits").energy == EnergyBand(15, 1000)
    curve = LightCurve.read(tmp_path / "curve.fits", energy=(20, 40))
    assert curve.energy == EnergyBand(20, 40)


def test_bins_without_length_last_until_the_next(tmp_path: Path) -> None:
    def change(hdus: Any) -> None:
        drop("WIDTH", "XAX_E", "TIMEDEL")(hdus)
        hdus[1].header.remove("TIMEDEL")

    changed(tmp_path / "curve.fits", change)
    with pytest.warns(FileWarning, match="how long its bins are"):
        np.testing.assert_allclose(LightCurve.read(tmp_path / "curve.fits").width, 100, rtol=1e-5)


def test_bins_of_any_length_keep_theirs(tmp_path: Path) -> None:
    curve = replace(make_light_curve(3), width=np.array([0.01, 100.0, 33.3333]))
    curve.write(tmp_path / "curve.fits")
    assert_same_curve(LightCurve.read(tmp_path / "curve.fits"), curve)
