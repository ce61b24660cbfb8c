"""Light curves of SPI-ACS from a site: a span of time, no windows and no sources."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, EmptySelection, IncompleteProduct, ServiceError
from oda_widgets.request.timespan import to_ijd
from tests.servers.shield_server import PAGE, PLACE, serving_shield

QUIET = {"start": "2012-05-02T00:00", "stop": "2012-05-02T00:10"}
GRB = {"start": "2023-03-07T15:41:10", "stop": "2023-03-07T15:50", "time_bin": 0.1}


@pytest.fixture(scope="module")
def site() -> oda.Site:
    """Give the site over the bundled data and the simulated mission."""
    return oda.connect(archive="")


def shield(site: oda.Site, **words: Any) -> oda.LightCurve:
    """Return a light curve of SPI-ACS."""
    return site.light_curves(instrument="spi_acs", **words)["SPI-ACS"]


def test_a_span_of_time_is_all_that_is_needed(site: oda.Site) -> None:
    curve = shield(site, **QUIET, time_bin=0.05)
    assert len(curve) == pytest.approx(12_000, abs=1)
    assert curve.observation.label.startswith("SIMULATED · SPI-ACS · 599.9")
    assert curve.rate.mean() == pytest.approx(88_500, rel=0.05)
    assert curve.observation.start >= to_ijd(QUIET["start"])


def test_without_a_time_it_asks_for_one_and_says_what_there_is(site: oda.Site) -> None:
    with pytest.raises(BadParameter, match=r"SPI-ACS is asked for no time.*start=.* intervals="):
        site.light_curves(instrument="spi_acs")
    with pytest.raises(BadParameter, match=r"Science windows in the archive: 20.*UTC"):
        site.light_curves(instrument="spi_acs")


def test_the_bundled_burst_comes_before_the_simulated_one(site: oda.Site) -> None:
    curve = shield(site, **GRB)
    assert not curve.observation.simulated
    assert curve.observation.place == PLACE
    assert curve.burst().t90.value == pytest.approx(28.4, rel=0.02)


def test_longer_bins_hold_the_counts_of_shorter_ones(site: oda.Site) -> None:
    short, long = (shield(site, **QUIET, time_bin=each) for each in (0.05, 1.0))
    whole = len(short) // 20
    np.testing.assert_array_equal(
        long.total_counts[:whole], short.total_counts[: whole * 20].reshape(whole, 20).sum(axis=1)
    )


def test_intervals_and_windows_choose_the_time(site: oda.Site) -> None:
    first, second = (
        ("2012-05-02T00:00", "2012-05-02T00:01"),
        ("2012-05-02T00:05", "2012-05-02T00:06"),
    )
    curve = shield(site, intervals=[first, second])
    assert len(curve) == pytest.approx(120, abs=2)
    assert np.diff(curve.time).max() * 86400 > 200
    windows = site.science_windows("Crab", limit=1)
    inside = shield(site, windows=windows, time_bin=100)
    assert inside.observation.start >= windows[0].start
    assert inside.observation.stop <= windows[0].stop


def test_an_interval_without_counts_is_left_out_with_a_warning(site: oda.Site) -> None:
    belts, quiet = (
        ("2012-05-01T00:00", "2012-05-01T00:10"),
        ("2012-05-02T00:00", "2012-05-02T00:01"),
    )
    with pytest.warns(IncompleteProduct, match="left out: The shield has no bin in this time"):
        assert len(shield(site, intervals=[belts, quiet])) == pytest.approx(60, abs=1)


def test_a_light_curve_has_a_history_and_a_script_that_repeats_it(site: oda.Site) -> None:
    curve = shield(site, **QUIET)
    assert [step.name for step in curve.provenance.nodes] == ["SPIACSCounts", "spi_acs_lc"]
    names: dict[str, Any] = {}
    exec(curve.code(), names)  # noqa: S102 - our own script
    np.testing.assert_array_equal(names["curve"].rate, curve.rate)


def test_a_second_query_computes_nothing(site: oda.Site) -> None:
    shield(site, **QUIET, time_bin=2)
    again = shield(site, **QUIET, time_bin=2)
    assert all(step.from_store for step in again.provenance.nodes)


def test_a_plan_says_what_is_in_the_store(site: oda.Site) -> None:
    query = oda.LightCurveQuery(instrument="spi_acs", intervals=[(4505.1, 4505.101)], time_bin=1)
    assert repr(site.plan(query)).startswith("1 interval, 0 in the store")
    site.submit(query).result()
    assert repr(site.plan(query)).startswith("1 interval, 1 in the store")


def test_a_written_light_curve_is_labelled(site: oda.Site, tmp_path: Path) -> None:
    shield(site, **QUIET).write(tmp_path / "acs.fits")
    again = oda.LightCurve.read(tmp_path / "acs.fits")
    assert again.observation.simulated
    assert again.observation.instrument == "spi_acs"


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (GRB | {"time_bin": 0.05}, BadParameter, "shorter than the bins of the data, 0.1 s"),
        (QUIET | {"time_bin": 0.12}, BadParameter, "not a multiple of 0.05 s"),
        (QUIET | {"catalog": ["Crab"]}, BadParameter, "one rate, that of the whole sky"),
        (QUIET | {"energy": (100, 200)}, BadParameter, "energy"),
        (QUIET | {"stop": "2012-06-02"}, BadParameter, "stop='2012-06-02T00:00:00': 31.0 d after"),
        (
            {"intervals": [(4505, 4507), (4510, 4512)]},
            BadParameter,
            "intervals=.*2012-05-06T.*: 4.0 d in all, more than 3 at once",
        ),
        (QUIET | {"stop": None}, BadParameter, "stop=None: only the other end"),
        (QUIET | {"intervals": [(4505.1, 4505.2)]}, BadParameter, "start and stop are given too"),
        ({"start": "2012-05-01T00:00", "stop": "2012-05-01T00:10"}, EmptySelection, "belts"),
    ],
)
def test_what_cannot_be_is_refused(
    site: oda.Site, words: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        shield(site, **words)


@pytest.mark.parametrize(
    "ask",
    [
        lambda site: site.image("Crab", instrument="spi_acs"),
        lambda site: site.spectra(catalog=["Crab"], instrument="spi_acs"),
    ],
)
def test_the_shield_has_no_images_and_no_spectra(site: oda.Site, ask: Any) -> None:
    with pytest.raises(BadParameter, match=r"SPI-ACS has no (images|spectra), only light curves"):
        ask(site)


def test_archives_of_real_windows_ask_the_service(
    three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_shield() as server:
        monkeypatch.setenv("ODA_WIDGETS_SHIELD_SERVICE", server.address)
        real = oda.connect(archive=three_windows)
        curve = shield(real, **QUIET | {"stop": "2012-05-02T00:01"})
        asked = len(server.asked)
        again = shield(real, **QUIET | {"stop": "2012-05-02T00:01"}, time_bin=2)
        assert len(server.asked) == asked  # longer bins are joined from the counts in the store
    assert curve.observation.place == PLACE
    assert "service of the ISDC" in curve.observation.rates_note
    assert again.total_counts.sum() == pytest.approx(curve.total_counts.sum())


def test_a_page_of_the_service_is_an_error_in_words(
    three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_shield((200, PAGE.format("It is down."))) as server:
        monkeypatch.setenv("ODA_WIDGETS_SHIELD_SERVICE", server.address)
        with pytest.raises(ServiceError, match=r"answers with a page .*It is down\."):
            shield(oda.connect(archive=three_windows), start=4505.2, stop=4505.2001)


def test_time_without_data_is_told_with_both_numbers(site: oda.Site) -> None:
    """The bundled data end; the simulated mission does not stand in for them."""
    sample = oda.connect(archive="sample")
    with pytest.warns(IncompleteProduct, match=r"540\.\d* s of the 1,500\.000 s requested"):
        shield(sample, start="2023-03-07T15:30", stop="2023-03-07T15:55", time_bin=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error", IncompleteProduct)
        shield(sample, **GRB)
        shield(site, **QUIET, time_bin=7)
