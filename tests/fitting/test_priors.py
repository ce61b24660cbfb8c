"""Priors of a chain, against exact results."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from scipy.stats import gamma

import oda_widgets as oda
from oda_widgets.errors import BadParameter, JobCancelled
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.chains.priors import log_jeffreys
from oda_widgets.fitting.result import Fit
from tests.fitting.instruments import isgri, ngc_2110

RANGE = (22, 200)
ONE_SIGMA = (0.16, 0.5, 0.84)


def quiet(_done: int, _wanted: int) -> None:
    pass


@pytest.fixture(scope="module")
def chain() -> Chain:
    fit: Fit = ngc_2110().fit("powerlaw", energy=RANGE)
    return fit.chain(1000, seed=3, progress=quiet)


def test_of_nine_counts_the_priors_make_the_two_gamma_distributions_of_the_textbooks() -> None:
    empty = isgri(1000.0, 32)
    counts = np.zeros(len(empty.rate))
    counts[:5] = 4, 2, 2, 0, 1
    spectrum = replace(empty, rate=counts / 1000.0, background=None)
    fit = oda.fit(spectrum, "powerlaw", freeze={"PhoIndex": 2.0}, statistic="cstat")
    per_norm = 1000.0 * fit.problem.folded(np.array([1.0]))[0].sum()
    chains = [fit.chain(1000, seed=seed, progress=quiet) for seed in range(1, 6)]
    for prior, shape in (("flat", 10.0), ("jeffreys", 9.5)):
        weighted = [chain.with_prior(prior, progress=quiet) for chain in chains]
        found = np.mean([chain.quantiles("norm", ONE_SIGMA) for chain in weighted], axis=0)
        expected = gamma(shape).ppf(ONE_SIGMA)
        # Half a count separates the two; samples of one chain are good to 0.03 sigma of 3 counts.
        # One chain would be luck: each processor rounds its own way and walks another path.
        np.testing.assert_allclose(per_norm * found, expected, atol=0.2)


def test_jeffreys_prior_does_not_depend_on_how_a_model_is_written() -> None:
    by_norm = ngc_2110().fit("powerlaw", energy=RANGE)
    by_flux = ngc_2110().fit("pegpwrlw", energy=RANGE, freeze={"eMin": 20, "eMax": 100})
    differences = []
    for index, norm in ((1.7, 0.03), (1.9, 0.05), (2.4, 0.2)):
        flux = 1e12 * by_norm_flux(index, norm)
        sizes = np.array([0.02, 0.02 * norm]), np.array([0.02, 0.02 * flux])
        density = log_jeffreys(by_norm.problem, np.array([index, norm]), sizes[0])
        other = log_jeffreys(by_flux.problem, np.array([index, flux]), sizes[1])
        # Densities of the norm and of the flux, for one and the same share of both.
        differences.append(density - other)
    np.testing.assert_allclose(differences, differences[0], atol=2e-3)


def by_norm_flux(index: float, norm: float) -> float:
    """Return the flux of a power law in 20-100 keV, erg/cm2/s."""
    energies = np.geomspace(20.0, 100.0, 4001)
    return float(np.trapezoid(norm * energies ** (1.0 - index), energies)) * 1.602176634e-9


def test_both_priors_agree_where_the_data_decide(chain: Chain) -> None:
    weighted = chain.with_prior("jeffreys", progress=quiet)
    assert weighted.prior == "jeffreys"
    assert "Jeffreys' prior leaves 9" in weighted.verdict
    flat, other = chain.interval("PhoIndex"), weighted.interval("PhoIndex")
    assert other.value == pytest.approx(flat.value, abs=0.2 * flat.plus)
    assert other.plus == pytest.approx(flat.plus, rel=0.15)
    np.testing.assert_array_equal(weighted.with_prior("flat").values, chain.values)


def test_weighting_is_repeatable_and_tells_how_far_it_is(chain: Chain) -> None:
    told: list[tuple[int, int]] = []
    first = chain.with_prior("jeffreys", progress=lambda done, wanted: told.append((done, wanted)))
    assert told[-1] == (5000, 5000)
    again = chain.with_prior("jeffreys", progress=quiet)
    np.testing.assert_array_equal(first.values, again.values)


def test_weighting_can_be_cancelled(chain: Chain) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(JobCancelled, match="the chain is kept"):
        chain.with_prior("jeffreys", progress=quiet, cancel=stop)


def test_a_prior_that_does_not_exist_is_refused(chain: Chain) -> None:
    with pytest.raises(BadParameter, match="Choose one of flat, jeffreys"):
        chain.with_prior("uniform")


def test_jeffreys_has_no_prior_for_what_the_data_do_not_tell() -> None:
    fit = ngc_2110().fit("powerlaw + bbodyrad", energy=RANGE, freeze={"bbodyrad.norm": 0.0})
    chain = fit.chain(50, progress=quiet)
    with pytest.raises(BadParameter, match="the data tell nothing about one of"):
        chain.with_prior("jeffreys", progress=quiet)
