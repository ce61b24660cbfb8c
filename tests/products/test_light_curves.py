"""Light curves: longer bins, means, fits and variability."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, DataError, EmptySelection
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.request.energy import EnergyBand
from tests.products.examples import make_light_curve


def curve_of(rate: Any, error: Any, time: Any = None, fraction: Any = 1.0) -> LightCurve:
    """Return a light curve with bins of 100 s."""
    number = len(rate)
    flat = np.ones(number)
    time = 1000 + np.arange(number) / 10 if time is None else time
    return replace(
        make_light_curve(number),
        time=np.asarray(time, dtype=float),
        rate=np.asarray(rate, dtype=float),
        error=error * flat,
        width=100 * flat,
        exposed_fraction=fraction * flat,
        total_counts=20 * flat,
        background=flat,
        background_error=flat,
    )


@st.composite
def curves(draw: st.DrawFn) -> LightCurve:
    number = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    time = 1000 + np.sort(rng.choice(500, number, replace=False)) / 50
    fraction = rng.uniform(0.1, 1, number)
    return curve_of(rng.normal(20, 5, number), rng.uniform(1, 9, number), time, fraction)


def fine_and_coarse() -> tuple[Any, Any]:
    return np.arange(1000, 1011.5, 0.25), np.arange(1000, 1011.5, 1.0)


ways = st.one_of(
    st.floats(0.01, 20).map(lambda days: {"days": days}),
    st.floats(0.5, 50).map(lambda snr: {"min_snr": snr}),
    st.just({"edges": fine_and_coarse()[1]}),
)


@given(curves(), ways)
def test_rebinning_conserves_counts_and_exposure(curve: LightCurve, way: dict[str, Any]) -> None:
    longer = curve.rebin(**way)
    assert longer.exposure.sum() == pytest.approx(curve.exposure.sum())
    assert longer.rate @ longer.exposure == pytest.approx(curve.rate @ curve.exposure)
    assert longer.total_counts.sum() == pytest.approx(curve.total_counts.sum())
    assert longer.mean() == pytest.approx(curve.mean())


@given(curves(), ways)
def test_longer_bins_start_and_stop_with_data(curve: LightCurve, way: dict[str, Any]) -> None:
    longer = curve.rebin(**way)
    assert np.isin(longer.edges[:, 0], curve.edges[:, 0]).all()
    assert np.abs(longer.edges[:, 1, None] - curve.edges[:, 1]).min(axis=1).max() < 1e-9
    assert ((longer.edges[:, 0] < longer.time) & (longer.time < longer.edges[:, 1])).all()
    assert (longer.edges[1:, 0] > longer.edges[:-1, 1]).all()


@given(curves())
def test_rebinning_twice_is_rebinning_once_where_edges_nest(curve: LightCurve) -> None:
    fine, coarse = fine_and_coarse()
    twice, once = curve.rebin(edges=fine).rebin(edges=coarse), curve.rebin(edges=coarse)
    for name in ("time", "width", "rate", "error", "exposed_fraction", "background"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name), rel=1e-9)


def test_the_time_of_a_longer_bin_is_the_mean_of_its_good_time() -> None:
    curve = curve_of([1.0, 4.0], 1.0, [1000.0, 1001.0], np.array([1.0, 0.5]))
    (time,) = curve.rebin(days=5).time
    assert time == pytest.approx(1000 + 1 / 3)


def test_longer_bins_reach_the_significance_asked_for() -> None:
    longer = curve_of(np.full(100, 5.0), 2.0).rebin(min_snr=10)
    assert len(longer) == 6  # 16 bins each; the last has what is left over
    assert (longer.rate / longer.error >= 10).all()


def test_a_rebinned_constant_source_pulls_with_a_deviation_of_one() -> None:
    rng = np.random.default_rng(5)
    error = rng.uniform(1, 6, 40_000)
    fraction = rng.uniform(0.2, 1, 40_000)
    longer = curve_of(rng.normal(30, error), error, None, fraction).rebin(days=1)
    pulls = (longer.rate - 30) / longer.error
    assert len(pulls) == 4000
    assert pulls.std() == pytest.approx(1, abs=3 / np.sqrt(2 * len(pulls)))


def test_bins_without_a_rate_are_left_out() -> None:
    longer = curve_of([1.0, np.nan, 3.0], 1.0).rebin(days=9)
    assert longer.rate == pytest.approx([2.0])
    assert longer.good_time == pytest.approx([200.0])


@pytest.mark.parametrize(
    "way",
    [{"seconds": -5}, {"seconds": 5 * u.keV}, {"days": 1, "seconds": 5},
     {}, {"days": 0}, {"min_snr": -1}, {"days": 1, "min_snr": 3}, {"edges": [1001, 1000]},
     {"edges": [1000]}, {"days": float("nan")}, {"days": "month"}, {"edges": 5}, {"edges": "2003"},
     {"edges": [1000, float("nan")]}, {"edges": []}, {"min_snr": float("inf")}],
)  # fmt: skip
def test_rebinning_by_nothing_or_by_two_rules_is_refused(way: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        make_light_curve().rebin(**way)


def test_edges_outside_the_light_curve_select_nothing() -> None:
    with pytest.raises(EmptySelection, match="No bin"):
        make_light_curve().rebin(edges=[1000, 1001])


@pytest.mark.parametrize(
    "way", [{"seconds": 500}, {"seconds": 500 / 60 * u.min}, {"days": 500 * u.s}]
)
def test_the_length_of_bins_has_the_unit_that_is_written(way: dict[str, Any]) -> None:
    longer, same = make_light_curve(20).rebin(**way), make_light_curve(20).rebin(days=500 / 86400)
    assert np.array_equal(longer.edges, same.edges)


@pytest.mark.parametrize("measure", ["mean", "excess_variance", "fractional_variability"])
def test_measures_print_to_two_digits_of_their_errors(measure: str) -> None:
    found = getattr(curve_of([8.0, 12.0, 9.0, 15.0, 6.0], 1.5), measure)()
    value, error = found
    assert found == (value, error)
    assert re.fullmatch(r"\S+ ± \S{1,8}( counts/s)?", str(found))
    assert f"{found}".endswith("counts/s") is (measure == "mean")


def test_longer_bins_survive_a_file(tmp_path: Path) -> None:
    longer = make_light_curve(20).rebin(days=500 / 86400)
    longer.write(tmp_path / "curve.fits")
    again = LightCurve.read(tmp_path / "curve.fits")
    assert np.array_equal(again.edges, longer.edges)
    assert np.array_equal(again.time, longer.time)


def test_the_mean_over_exposure_is_right_for_a_variable_source() -> None:
    curve = curve_of([10.0, 1000.0], np.array([1.0, 10.0]))
    assert curve.mean() == pytest.approx((505.0, np.sqrt(101) / 2))
    assert curve.mean_rate == curve.mean("exposure")
    assert curve.mean("variance")[0] == pytest.approx(
        1000 * (0.02 + 0.01 * 0.99) / 1.01 - 10, rel=0.1
    )
    with pytest.raises(BadParameter, match="weights"):
        curve.mean("equal")


def test_the_fitted_line_is_that_of_numpy() -> None:
    rng = np.random.default_rng(8)
    error = rng.uniform(1, 3, 50)
    curve = curve_of(rng.normal(20, error) + np.arange(50) / 5, error)
    fit = curve.fit("linear")
    days = curve.time - fit.reference
    line, covariance = np.polyfit(days, curve.rate, 1, w=1 / error, cov="unscaled")
    assert (fit.slope, fit.level) == pytest.approx(tuple(line), rel=1e-9)
    assert (fit.slope_error, fit.level_error) == pytest.approx(np.sqrt(np.diag(covariance)))
    residuals = (curve.rate - np.polyval(line, days)) / error
    assert fit.chi2 == pytest.approx(float(residuals @ residuals), rel=1e-9)
    assert fit.degrees == 48
    constant = curve.fit()
    assert constant.level == pytest.approx(curve.mean("variance")[0])
    assert constant.chi2 > fit.chi2
    assert "48 degrees" in repr(fit)


def test_fractional_variability_follows_vaughan() -> None:
    rate, error = np.array([8.0, 12.0, 9.0, 15.0, 6.0]), 1.5
    found, found_error = curve_of(rate, error).fractional_variability()
    fraction = np.sqrt((np.var(rate, ddof=1) - error**2) / np.mean(rate) ** 2)
    noise = np.sqrt(1 / 10) * error**2 / (np.mean(rate) ** 2 * fraction)
    source = np.sqrt(error**2 / 5) / np.mean(rate)
    assert (found, found_error) == pytest.approx((fraction, np.hypot(noise, source)))


def test_noise_alone_has_no_fractional_variability() -> None:
    quiet = curve_of([10.0, 10.1, 9.9], 2.0)
    assert np.isnan(quiet.fractional_variability()).all()
    assert quiet.excess_variance()[0] < 0
    with pytest.raises(EmptySelection):
        curve_of([10.0], 1.0).fractional_variability()


def test_a_steady_source_has_an_upper_limit_of_its_variability() -> None:
    """95 % of light curves without variability have less than their limit, and few far less."""
    quiet = curve_of([10.0, 10.1, 9.9], 2.0).fractional_variability()
    assert str(quiet) == f"no variability seen: below {quiet.upper_limit:.2g} (95 % confidence)"
    rng = np.random.default_rng(4)
    varied = [curve_of(rng.normal(20, np.hypot(2, 2), 200), 2.0) for _ in range(50)]
    steady = [curve_of(rng.normal(20, 2, 200), 2.0) for _ in range(50)]
    found = [curve.fractional_variability() for curve in (*varied, *steady)]
    limits = [one.upper_limit for one in found if np.isfinite(one.upper_limit)]
    assert len(limits) > 15
    assert 0.02 < min(limits) <= max(limits) < 0.1  # of 2/20, which is always seen
    assert all(np.isfinite(one[0]) for one in found[:50])


def test_rates_times_exposures_are_counts_per_second_of_live_time() -> None:
    curve = make_light_curve(20)
    seen = curve.observation
    assert np.allclose(curve.exposure, curve.good_time * seen.live_time / seen.ontime)
    assert np.allclose(curve.good_time, curve.width * curve.exposed_fraction)
    longer = curve.rebin(seconds=500)
    assert longer.exposure.sum() == pytest.approx(curve.exposure.sum())
    assert longer.good_time.sum() == pytest.approx(curve.good_time.sum())
    unknown = replace(curve, observation=replace(seen, live_time=0.0, ontime=0.0))
    assert np.array_equal(unknown.exposure, curve.good_time)
    table = curve.table
    assert table["exposure"].sum() < table["good_time"].sum()


def test_the_live_time_of_a_light_curve_is_the_exposure_of_its_file(tmp_path: Path) -> None:
    """Its bins have the good time of the observation: then all keywords fit together."""
    curve = make_light_curve(20)
    whole = float(curve.good_time.sum())
    seen = replace(curve.observation, ontime=whole, live_time=0.7 * whole)
    replace(curve, observation=seen).write(tmp_path / "curve.fits", time_unit="s")
    with fits.open(tmp_path / "curve.fits") as hdus:
        header, data = hdus[1].header, hdus[1].data
    assert data["GOODTIME"].sum() == pytest.approx(header["ONTIME"])
    assert header["EXPOSURE"] == pytest.approx(0.7 * header["ONTIME"])
    assert header["DEADC"] == pytest.approx(0.7)
    again = LightCurve.read(tmp_path / "curve.fits")
    assert again.exposure.sum() == pytest.approx(header["EXPOSURE"])


def test_prints_say_that_some_bins_are_shorter() -> None:
    curve = curve_of([10.0, 11.0, 9.0], 2.0)
    assert "3 bins of 100 s" in repr(curve)
    shorter = replace(curve, width=np.array([100.0, 100.0, 0.4]))
    assert "3 bins of up to 100 s" in repr(shorter)


def test_the_brightest_bin_is_not_a_short_one_of_large_error() -> None:
    curve = curve_of([205.0, 209.0, 220.2, np.nan], np.array([0.8, 0.8, 11.0, 1.0]))
    assert curve.brightest == (209.0, 0.8)
    flare = curve_of([205.0, 209.0, 320.0], np.array([0.8, 0.8, 11.0]))
    assert str(flare.brightest) == "320 ± 11 counts/s"
    assert np.isnan(curve_of([np.nan], 1.0).brightest).all()


def test_the_error_of_fractional_variability_is_its_scatter() -> None:
    rng = np.random.default_rng(3)
    truth = 20 + 4 * np.sin(np.arange(100))
    found = [curve_of(rng.normal(truth, 2), 2.0).fractional_variability() for _ in range(300)]
    fraction, error = np.array(found).T
    assert fraction.std() == pytest.approx(error.mean(), rel=0.13)


def test_errors_that_bins_of_a_window_share_are_no_variance_within_it() -> None:
    rng = np.random.default_rng(17)
    window = np.repeat(np.arange(5), 40)
    own, shared = 2.0, 1.5
    found = []
    for _ in range(400):
        rate = 50 + rng.normal(0, own, 200) + shared * rng.standard_normal(5)[window]
        curve = curve_of(rate, np.hypot(own, shared))
        curve = replace(curve, common_error=np.full(200, shared), window=window)
        found.append(curve.excess_variance())
    excess, error = np.array(found).T
    assert abs(excess.mean()) < 4 * excess.std() / 20
    assert excess.std() == pytest.approx(error.mean(), rel=0.15)
    within = curve.cut(stop=curve.time[39] + 0.01)
    expected = (within.rate.var(ddof=1) - own**2) / within.rate.mean() ** 2
    assert within.excess_variance()[0] == pytest.approx(expected)


def test_intervals_above_a_rate_join_bins_that_touch() -> None:
    time = 1000 + np.arange(6) * 100 / 86400
    curve = curve_of([1, 9, 9, 1, 9, 1], 1.0, time)
    first, second = curve.intervals(above=5)
    assert first.seconds == pytest.approx(200, abs=1e-3)
    assert second.start == pytest.approx(curve.edges[4, 0])
    assert len(curve.intervals(below=5)) == 3
    assert curve.intervals(above=50) == ()
    with pytest.raises(BadParameter, match="above"):
        curve.intervals()


def test_intervals_of_some_significance_are_not_noise() -> None:
    rng = np.random.default_rng(11)
    rate = rng.normal(0, 2, 5000)
    rate[700:703] = 30
    time = 1000 + np.arange(len(rate)) * 100 / 86400
    curve = curve_of(rate, 2.0, time)
    assert len(curve.intervals(above=0)) > 1000
    (flare,) = curve.intervals(above=0, significance=5)
    assert (flare.start, flare.stop) == pytest.approx((curve.edges[700, 0], curve.edges[702, 1]))
    assert curve.intervals(above=21, significance=5) == ()
    (dip,) = curve_of(-rate, 2.0, time).intervals(below=0, significance=5)
    assert dip.seconds == pytest.approx(flare.seconds)
    with pytest.raises(BadParameter, match="significance"):
        curve.intervals(above=0, significance=-1)


def test_hardness_needs_the_same_bins_of_a_harder_band() -> None:
    soft = curve_of([10.0, 20.0, 5.0], 1.0)
    hard = replace(soft, energy=EnergyBand(80, 150), rate=np.array([10.0, 10.0, -5.0]))
    found = soft.hardness(hard)
    assert found.ratio[:2] == pytest.approx([0, -1 / 3])
    assert found.error[0] == pytest.approx(2 * np.hypot(10, 10) / 400)
    assert np.isnan(found.ratio[2])
    with pytest.raises(BadParameter, match="hard"):
        hard.hardness(soft)
    with pytest.raises(BadParameter, match="no bin in common"):
        soft.hardness(replace(hard, time=hard.time + 0.01))


def test_the_table_is_a_time_series_with_units() -> None:
    curve = make_light_curve()
    table = curve.table
    assert table["time"][0].tt.mjd == pytest.approx(51544 + curve.time[0])
    assert (table["rate"] / table["error"]).unit.is_unity()
    assert list(table["exposure"].to_value("s")) == list(curve.exposure)


def with_history(curve: LightCurve, name: str = "Crab") -> LightCurve:
    """Return a light curve with the provenance of a query."""
    step = Step(name * 8, "ISGRILCSum", "v", {}, seconds=1.0, made="2026-01-01T00:00:00+00:00")
    code = f"import oda_widgets as oda\n\nsite = oda.connect()\ncurves = site.query({name!r})\n"
    repeat = RepeatedText(code)
    history = Provenance((step,), name, "bundled sample", repeat, (f"curve = curves[{name!r}]",))
    return replace(curve, provenance=history)


class Repeated:
    """Stands for oda_widgets in a script: its site answers with light curves made before."""

    def __init__(self, curves: dict[str, LightCurve]) -> None:
        self._curves = curves

    def run(self, code: str, name: str) -> Any:
        names: dict[str, Any] = {"oda": self}
        exec(code.replace("import oda_widgets as oda", ""), names)  # noqa: S102 - our own code
        return names[name]

    def connect(self) -> Repeated:
        return self

    def query(self, name: str) -> dict[str, LightCurve]:
        return {name: self._curves[name]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda curve: curve.rebin(days=0.3), "rebin(days=0.3)"),
        (lambda curve: curve.rebin(edges=[1000, 1000.35, 1001.5]), "rebin(edges=[1000.0, "),
        (lambda curve: curve.rebin(min_snr=5), "rebin(min_snr=5.0)"),
        (lambda curve: curve.cut(1000.2, 1000.7), "cut(start=1000.2, stop=1000.7)"),
        (lambda curve: curve.cut(stop=1000.7).rebin(days=0.3), "cut(stop=1000.7)"),
    ],
)
def test_the_history_of_a_changed_light_curve_repeats_it(change: Any, words: str) -> None:
    curve = with_history(curve_of(np.arange(10.0, 20), 2.0))
    changed = change(curve)
    assert changed.provenance.nodes[-1].inputs[0] in changed.provenance.graph
    assert changed.provenance.id != curve.provenance.id
    assert words in changed.code()
    again = Repeated({"Crab": curve}).run(changed.code(), "curve")
    np.testing.assert_array_equal(again.rate, changed.rate)
    np.testing.assert_array_equal(again.edges, changed.edges)
    assert again.provenance.id == changed.provenance.id


def test_joined_light_curves_are_in_order_and_their_history_has_both() -> None:
    whole = curve_of(np.arange(10.0, 20), 2.0)
    early, late = (
        with_history(whole.cut(stop=1000.45), "A"),
        with_history(whole.cut(start=1000.45), "B"),
    )
    joined = late.join(early)
    np.testing.assert_array_equal(joined.rate, whole.rate)
    assert joined.observation.ontime == pytest.approx(whole.observation.ontime)
    assert {"A" * 8, "B" * 8} <= set(joined.provenance.graph)
    assert joined.code().count("import oda_widgets") == 1
    again = Repeated({"A": early, "B": late}).run(joined.code(), "curve")
    np.testing.assert_array_equal(again.rate, joined.rate)
    assert joined.provenance.prov_json()


def test_hardness_repeats_itself_too() -> None:
    soft = with_history(curve_of([10.0, 20.0], 1.0), "A")
    hard = with_history(replace(soft, energy=EnergyBand(80, 150)), "B")
    found = soft.hardness(hard)
    again = Repeated({"A": soft, "B": hard}).run(found.code(), "hardness")
    np.testing.assert_array_equal(again.ratio, found.ratio)
    with pytest.raises(DataError, match="provenance"):
        curve_of([1.0], 1.0).hardness(hard).code()


@pytest.mark.parametrize(
    "other",
    [
        lambda curve: replace(curve, source=replace(curve.source, name="Cyg X-1")),
        lambda curve: replace(curve, energy=EnergyBand(80, 150)),
        lambda curve: replace(curve, observation=replace(curve.observation, instrument="jemx1")),
        lambda curve: curve,
    ],
)
def test_only_bins_apart_of_one_source_band_and_instrument_are_joined(other: Any) -> None:
    curve = make_light_curve()
    with pytest.raises(BadParameter, match="others"):
        curve.join(other(curve))


def test_a_cut_needs_a_light_curve_inside() -> None:
    with pytest.raises(EmptySelection, match="No bin"):
        make_light_curve().cut(stop=100)
    with pytest.raises(BadParameter, match="stop"):
        make_light_curve().cut(200, 100)
