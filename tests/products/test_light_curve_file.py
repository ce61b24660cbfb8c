"""Light curves: ours without loss, OSA's with all that they hold."""

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

from oda_widgets.errors import BadParameter, DamagedFile, DataError, FileWarning
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from tests.products.examples import make_light_curve, observations, printable_names


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
    possible = {
        "time": st.floats(0, 20000),
        "width": st.floats(0.01, 1e6),
        "error": st.one_of(st.floats(0, 1e9), st.just(np.nan)),
        "exposed_fraction": st.floats(0, 1),
    }
    curve = LightCurve(
        source=data.draw(
            st.builds(
                Source, printable_names, st.floats(0, 359), st.floats(-90, 90), printable_names
            )
        ),
        energy=EnergyBand(data.draw(st.floats(15, 99)), data.draw(st.floats(100, 1000))),
        observation=data.draw(observations()),
        **{name: data.draw(arrays(np.float64, 4)) for name in columns if name not in possible},
        **{
            name: np.sort(data.draw(arrays(np.float64, 4, elements=numbers)))
            for name, numbers in possible.items()
        },
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


def test_values_that_osa_does_not_write_are_left_open(tmp_path: Path) -> None:
    changed(tmp_path / "curve.fits", drop("TOT_COUNTS", "BACKV", "BACKE", "FRACEXP"))
    curve = LightCurve.read(tmp_path / "curve.fits")
    assert np.isnan(curve.total_counts).all()
    assert np.isnan(curve.background).all()
    assert set(curve.exposed_fraction) == {1.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("ERROR"), "RATE have no errors"),
        (drop("RATE"), "no light curve in it"),
    ],
)
def test_missing_columns_are_named(
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


def without_lengths(hdus: Any) -> None:
    drop("WIDTH", "XAX_E", "TIMEDEL", "FRACEXP")(hdus)
    hdus[1].header.remove("TIMEDEL")


def test_exposures_of_bins_without_length_are_not_made_up(tmp_path: Path) -> None:
    changed(tmp_path / "curve.fits", without_lengths)
    with pytest.warns(FileWarning, match="how long its bins are"):
        curve = LightCurve.read(tmp_path / "curve.fits")
    np.testing.assert_allclose(curve.width, 100, rtol=1e-5)
    assert np.isnan(curve.exposure).all()
    assert np.isnan(curve.good_time).all()
    assert "bins of unknown length" in repr(curve)
    assert repr(curve).endswith("weighted by errors, as exposures are not known")
    expected = np.average(curve.rate, weights=curve.error**-2)
    assert curve.mean().value == pytest.approx(expected)
    assert curve.rebin(seconds=1e6).rate == pytest.approx(expected)
    with pytest.raises(DataError, match="how long its bins are"):
        curve.bursts()
    with pytest.raises(DataError, match="how long its bins are"):
        curve.intervals(above=0)


@pytest.mark.parametrize("unit", ["d", "s"])
def test_lengths_that_were_not_known_are_not_handed_on(tmp_path: Path, unit: str) -> None:
    changed(tmp_path / "curve.fits", without_lengths)
    with pytest.warns(FileWarning, match="how long its bins are"):
        curve = LightCurve.read(tmp_path / "curve.fits")
    curve.write(tmp_path / "again.fits", time_unit=unit)
    with fits.open(tmp_path / "again.fits") as hdus:
        assert "TIMEDEL" not in hdus[1].header
        assert not {"WIDTH", "TIMEDEL", "XAX_E", "FRACEXP"} & set(hdus[1].columns.names)
    with pytest.warns(FileWarning, match="how long its bins are"):
        assert np.isnan(LightCurve.read(tmp_path / "again.fits").exposure).all()


def test_bins_of_any_length_keep_theirs(tmp_path: Path) -> None:
    curve = replace(make_light_curve(3), width=np.array([0.01, 100.0, 33.3333]))
    curve.write(tmp_path / "curve.fits")
    assert_same_curve(LightCurve.read(tmp_path / "curve.fits"), curve)


def set_row(column: str, row: int, value: float) -> Callable[[Any], None]:
    def change(hdus: Any) -> None:
        hdus[1].data[column][row - 1] = value

    return change


@pytest.mark.parametrize(
    ("column", "value", "left"),
    [
        ("TIME", np.inf, 6),
        ("TIME", np.nan, 6),
        ("WIDTH", 0.0, 6),
        ("WIDTH", -100.0, 6),
        ("ERROR", -4.0, 7),
        ("FRACEXP", 1.5, 7),
    ],
)
def test_a_row_that_cannot_be_right_is_named_and_mended(
    tmp_path: Path, column: str, value: float, left: int
) -> None:
    changed(tmp_path / "curve.fits", set_row(column, 3, value))
    with pytest.warns(FileWarning, match=rf"Row 3 of {column}"):
        curve = LightCurve.read(tmp_path / "curve.fits")
    assert len(curve) == left
    assert np.isfinite(curve.time).all()
    assert (curve.width > 0).all()
    assert not (curve.error < 0).any()
    assert (curve.exposed_fraction <= 1).all()


def test_rows_out_of_order_are_sorted_with_a_warning(tmp_path: Path) -> None:
    def turn(hdus: Any) -> None:
        hdus[1].data = hdus[1].data[::-1].copy()

    changed(tmp_path / "curve.fits", turn)
    with pytest.warns(FileWarning, match="From row 2 on, TIME is not in order"):
        curve = LightCurve.read(tmp_path / "curve.fits")
    np.testing.assert_array_equal(curve.rate, make_light_curve().rate)


def test_a_light_curve_without_any_time_is_refused(tmp_path: Path) -> None:
    def blank(hdus: Any) -> None:
        hdus[1].data["TIME"] = np.nan

    changed(tmp_path / "curve.fits", blank)
    with pytest.warns(FileWarning), pytest.raises(DamagedFile, match=r"No row has a time"):
        LightCurve.read(tmp_path / "curve.fits")


def as_stingray_reads(path: Path) -> tuple[Any, Any]:
    """Return times (MJD) and rates by the rules of stingray and HENDRICS.

    Seconds since MJDREF, and rates that are divided by FRACEXP wherever there is one.
    """
    with fits.open(path) as hdus:
        header, table = hdus[1].header, hdus[1].data
        assert header["TIMEUNIT"] == "s"
        assert header["TSTART"] <= table["TIME"][0] <= table["TIME"][-1] <= header["TSTOP"]
        fraction = table["FRACEXP"] if "FRACEXP" in hdus[1].columns.names else 1.0
        middle = table["TIME"] + (0.5 - header["TIMEPIXR"]) * table["TIMEDEL"]
        return header["MJDREF"] + middle / 86400, table["RATE"] / fraction


@pytest.mark.parametrize(
    "curve", [make_light_curve(30), make_light_curve(30).rebin(days=500 / 86400)]
)
def test_seconds_are_read_right_by_programs_for_time_series(
    tmp_path: Path, curve: LightCurve
) -> None:
    curve.save(tmp_path / "curve.fits", time_unit="s")
    time, rate = as_stingray_reads(tmp_path / "curve.fits")
    np.testing.assert_allclose(time, 51544 + curve.edges.mean(axis=1), rtol=0, atol=1e-11)
    np.testing.assert_array_equal(rate, curve.rate)
    with fits.open(tmp_path / "curve.fits") as hdus:
        good = hdus["GTI"].data
        assert len(good) == 2  # the gap of the light curve
        assert good["START"][0] == pytest.approx(curve.edges[0, 0] * 86400, abs=1e-6)
    again = LightCurve.read(tmp_path / "curve.fits")
    for name in ("time", "edges", "exposed_fraction"):
        np.testing.assert_allclose(getattr(again, name), getattr(curve, name), rtol=0, atol=1e-11)


def test_times_of_joined_bins_are_their_middle_for_others(tmp_path: Path) -> None:
    longer = make_light_curve(20).rebin(days=500 / 86400)
    longer.write(tmp_path / "curve.fits")
    with fits.open(tmp_path / "curve.fits") as hdus:
        table = hdus[1].data
        np.testing.assert_allclose(table["TIME"] - table["XAX_E"], longer.edges[:, 0], rtol=1e-12)
        assert hdus[1].header["TIMEPIXR"] == 0.5
        assert not np.array_equal(table["TIME"], table["MEANTIME"])


@pytest.mark.parametrize("options", [{"time_unit": "h"}, {"dpi": 100}])
def test_options_that_a_file_does_not_have_are_refused(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(BadParameter, match=next(iter(options))):
        make_light_curve().save(tmp_path / "curve.fits", **options)
    assert not list(tmp_path.iterdir())
