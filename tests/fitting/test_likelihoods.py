"""Poisson counts: the default statistic suits them, and gives what sherpa gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.fitting import fakeit as fakeit_module
from oda_widgets.fitting.minimise import jacobian
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.statistics import ProfiledCash, SmoothedCash
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD, Background
from tests.fitting.counted import COUNTS, counted, drawn, response
from tests.fitting.instruments import ngc_2110

# Statistic, index, norm, and their errors from second derivatives, by sherpa 4.19: cstat, wstat,
# and chi2datavar of groups of 20 counts (tests/benchmarks/sherpa_statistics.py).
SHERPA = {
    "cstat": (16.533634, 2.155215, 0.383517, 0.126950, 0.181586),
    "wstat": (16.616975, 2.247509, 0.499063, 0.145396, 0.266212),
    "chi2": (2.655350, 2.144068, 0.363031, 0.131784, 0.178481),
}


def spectrum_for(statistic: str) -> Spectrum:
    spectrum = counted(background=statistic == "wstat")
    return spectrum.group(min_counts=20) if statistic == "chi2" else spectrum


@pytest.mark.parametrize("statistic", SHERPA)
def test_statistic_best_fit_and_errors_are_those_of_sherpa(statistic: str) -> None:
    fit = spectrum_for(statistic).fit("powerlaw", statistic=statistic)
    index, norm = fit.parameters["PhoIndex"], fit.parameters["norm"]
    found = (fit.statistic, index.value, norm.value)
    assert found == pytest.approx(SHERPA[statistic][:3], rel=1e-5)
    assert (index.sigma, norm.sigma) == pytest.approx(SHERPA[statistic][3:], rel=4e-3)


@pytest.mark.parametrize(
    ("spectrum", "statistic"),
    [
        (counted(background=False), "cstat"),
        (counted(background=True), "wstat"),
        (ngc_2110(), "chi2"),
        (replace(counted(background=False), background=Background(np.ones(24), np.ones(24))),
         "pgstat"),
    ],
)  # fmt: skip
def test_the_default_statistic_suits_the_data_and_is_named(
    spectrum: Spectrum, statistic: str
) -> None:
    fit = spectrum.fit("powerlaw")
    assert fit.statistic_name == statistic
    assert statistic == "chi2" or any("Poisson counts" in note for note in fit.notes)


def test_spectra_of_several_kinds_have_a_statistic_each() -> None:
    fit = oda.fit([counted(background=False), ngc_2110()], "constant*powerlaw")
    assert fit.statistic_name == "cstat + chi2"
    assert "C + χ²" in repr(fit)
    assert fit.statistic == pytest.approx(sum(fit.statistics))


def test_zero_counts_are_data() -> None:
    assert 0 in COUNTS
    assert counted(background=False).fit("powerlaw").dof == len(COUNTS) - 2


def test_only_chi2_takes_a_systematic_error() -> None:
    spectrum = counted(background=False)
    fit = spectrum.fit("powerlaw", systematic=np.float32(0.1))
    assert fit.statistic_name == "chi2"
    assert any("systematic error of 10 % is added" in note for note in fit.notes)
    fit = spectrum.fit("powerlaw", systematic=0.1, statistic="cstat")
    assert any("is not used by cstat" in note for note in fit.notes)


def test_chi2_of_few_counts_says_that_it_is_biased() -> None:
    fit = counted(background=False).fit("powerlaw", statistic="chi2")
    assert any('statistic="cstat"' in note for note in fit.notes)


@pytest.mark.parametrize(
    ("spectrum", "statistic", "message"),
    [
        (counted(background=False), "wstat", 'no background beside it.*"cstat"'),
        (counted(background=False), "pgstat", 'no background beside it.*"cstat"'),
        (replace(counted(background=False), background=Background(np.ones(24), np.ones(24))),
         "cstat", 'errors of their own, not counts.*"pgstat"'),
        (replace(counted(background=True), background=Background(np.ones(24), np.zeros(24))),
         "pgstat", 'without an error.*"chi2"'),
        (ngc_2110(), "cstat", 'errors of their own, not counts.*"chi2"'),
    ],
)  # fmt: skip
def test_the_advised_statistic_is_accepted(
    spectrum: Spectrum, statistic: str, message: str
) -> None:
    with pytest.raises(BadParameter, match=message) as raised:
        spectrum.fit("powerlaw", statistic=statistic)
    advised = str(raised.value).split('Use statistic="')[1].split('"')[0]
    assert spectrum.fit("powerlaw", statistic=advised).statistic_name == advised


def test_w_with_a_background_of_groups_is_w_where_each_channel_is_a_group() -> None:
    rng = np.random.default_rng(2)
    one = np.ones(30)
    data = ProfiledCash(rng.poisson(3.0, 30) * one, 2 * one, rng.poisson(4.0, 30) + one, 5 * one)
    same = SmoothedCash(
        data.counts, data.exposure, data.background, data.background_exposure, np.arange(30)
    )
    model = rng.uniform(0.01, 5.0, 30)
    np.testing.assert_allclose(same.values(model), data.values(model), rtol=1e-9)
    for mine, other in zip(same.derivatives(model), data.derivatives(model), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6)


@pytest.mark.parametrize("starts", [np.arange(12), np.array([0, 5, 6])])
def test_derivatives_are_those_of_the_statistic(starts: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    one = np.ones(12)
    data = SmoothedCash(
        rng.poisson(2.0, 12) * one, one, rng.poisson(3.0, 12) + one, 4 * one, starts
    )
    model = rng.uniform(0.1, 5.0, 12)
    step = 1e-6
    for index in range(12):
        there, back = model.copy(), model.copy()
        there[index] += step
        back[index] -= step
        slope = (data.values(there).sum() - data.values(back).sum()) / (2 * step)
        assert 2 * data.derivatives(model)[0][index] == pytest.approx(slope, abs=1e-4)


def test_the_background_is_grouped_where_w_would_be_biased() -> None:
    """50 counts beside 10 of a background of the same exposure, in 128 channels."""
    spectra = [drawn(50, 0.2, 1.0, seed) for seed in range(20)]
    fits = [spectrum.fit("powerlaw") for spectrum in spectra]
    assert all("constant within groups" in " ".join(fit.notes) for fit in fits)
    index = np.array([fit.parameters["PhoIndex"].value for fit in fits])
    assert abs(index.mean() - 2.0) < 3 * index.std() / np.sqrt(len(fits))
    plain = [spectrum.fit("powerlaw", statistic="wstat") for spectrum in spectra]
    assert np.mean([fit.parameters["PhoIndex"].value for fit in plain]) > 2.3
    assert "W is biased for so few counts" in " ".join(plain[0].notes)


def test_the_errors_of_counts_follow_from_second_derivatives() -> None:
    fit = counted(background=False).fit("powerlaw")
    model, free = fit.problem.model, fit.minimum.values
    slopes = jacobian(model, free, fit.problem.bounds, len(COUNTS))
    expected = model(free) * 200.0
    information = 200.0**2 * (slopes.T * (np.array(COUNTS) / expected**2)) @ slopes
    # The observed information of a power law: its second derivatives with the norm vanish.
    second = np.linalg.inv(information)
    sigma = fit.parameters["norm"].sigma
    assert sigma == pytest.approx(np.sqrt(second[1, 1]), rel=0.1)


def test_the_grouping_of_a_file_is_used_by_chi2_and_can_be_switched_off(tmp_path: Path) -> None:
    flags = np.where(np.arange(24) % 3 == 0, 1, -1).astype(np.int16)
    spectrum = replace(counted(background=False), grouping=flags)
    spectrum.write(tmp_path / "grouped.fits")
    read = Spectrum.read(tmp_path / "grouped.fits")
    by_file = read.fit("powerlaw", statistic="chi2")
    assert by_file.dof == 8 - 2
    assert by_file.statistic == pytest.approx(
        read.group(channels=3).fit("powerlaw", statistic="chi2").statistic
    )
    assert read.fit("powerlaw").dof == 24 - 2
    assert read.group(channels=1).fit("powerlaw", statistic="chi2").dof == 24 - 2


def test_groups_hold_what_was_asked_for_and_all_counts() -> None:
    spectrum = counted(background=True)
    by_counts, by_snr = spectrum.group(min_counts=20), spectrum.group(min_snr=3)
    assert by_counts.counts is not None
    assert by_counts.counts.number.min() >= 20
    for grouped in (by_counts, by_snr, spectrum.group(channels=5)):
        assert grouped.counts is not None
        assert grouped.counts.number.sum() == sum(COUNTS)
        assert grouped.rate.sum() == pytest.approx(spectrum.rate.sum())
        np.testing.assert_allclose(
            grouped.response.redistribution.sum(axis=1),
            spectrum.response.redistribution.sum(axis=1),
        )
    assert by_snr.background is not None
    net = by_snr.rate - by_snr.background.rate
    assert (net / np.hypot(by_snr.error, by_snr.background.error)).min() >= 3
    assert ".group(min_counts=20)" in by_counts.fit("powerlaw").code()


def test_a_group_begins_at_its_first_good_channel() -> None:
    spectrum = counted(background=False)
    quality = spectrum.quality.copy()
    quality[:5] = BAD
    grouped = replace(spectrum, quality=quality).group(min_counts=20)
    assert grouped.quality[:2].tolist() == [BAD, 0]
    assert grouped.channel_low[1] == spectrum.channel_low[5]


def test_bad_channels_are_in_no_group() -> None:
    spectrum = counted(background=False)
    quality = spectrum.quality.copy()
    quality[1] = BAD
    grouped = replace(spectrum, quality=quality).group(channels=2)
    assert grouped.counts is not None
    assert grouped.counts.number[0] == COUNTS[0]
    assert grouped.rate[0] == pytest.approx(COUNTS[0] / 200.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of min_counts, min_snr, channels is needed"),
        ({"channels": 2, "min_snr": 3}, "one of"),
        ({"channels": 0}, "1 or more"),
        ({"min_counts": 20}, "errors of their own, not counts.*min_snr"),
    ],
)
def test_groups_that_cannot_be_are_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        ngc_2110().group(**options)


def test_counts_are_read_as_they_were_written(tmp_path: Path) -> None:
    counted(background=True).write(tmp_path / "counts.fits")
    read = Spectrum.read(tmp_path / "counts.fits")
    fit, expected = read.fit("powerlaw"), counted(background=True).fit("powerlaw")
    assert fit.statistic_name == "wstat"
    assert fit.statistic == pytest.approx(expected.statistic)
    assert fit.parameters["norm"].value == pytest.approx(expected.parameters["norm"].value)


def test_a_poor_fit_of_counts_says_so_and_a_good_one_does_not() -> None:
    spectrum = counted(background=False)
    assert "poor" not in repr(spectrum.fit("powerlaw"))
    steep: Fit = spectrum.fit("powerlaw", freeze={"PhoIndex": 3.2})
    assert "poor fit" in repr(steep)


def test_fakeit_draws_what_the_model_says() -> None:
    truth = {"PhoIndex": 1.5, "norm": 2.0}
    drawn = oda.fakeit("powerlaw", response(), 1e5, parameters=truth, seed=4)
    again = oda.fakeit("powerlaw", counted(background=False), 1e5, parameters=truth, seed=4)
    np.testing.assert_array_equal(drawn.rate, again.rate)
    assert "SIMULATED" in drawn.observation.label
    fit = drawn.fit("powerlaw")
    for name, value in truth.items():
        assert abs(fit.parameters[name].value - value) < 4 * fit.parameters[name].sigma
    behind = counted(background=True).background
    with_background = oda.fakeit("powerlaw", response(), 1e5, background=behind, seed=4)
    assert with_background.fit("powerlaw").statistic_name == "wstat"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("powerlow", response(), 1e3), "Did you mean powerlaw"),
        (("powerlaw", "crab.rmf", 1e3), "not a response"),
        (("powerlaw", response(), -1.0), "exposure"),
    ],
)
def test_spectra_that_cannot_be_simulated_are_refused(
    arguments: tuple[object, ...], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        fakeit_module.fakeit(*arguments)  # type: ignore[arg-type]
    with pytest.raises(BadParameter, match="24 channels"):
        oda.fakeit("powerlaw", response(), 1e3, background=ngc_2110())
