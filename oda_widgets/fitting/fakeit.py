"""Spectra simulated from a model, as XSPEC's fakeit makes them: ``oda.fakeit(...)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.products.counts import Counts
from oda_widgets.products.observation import Observation
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import Background
from oda_widgets.request.keywords import suggesting
from oda_widgets.request.numbers import number_within, whole_number
from oda_widgets.request.source import Source

_SHORTEST, _LONGEST = 1e-6, 1e12  # seconds
_NOTE = "simulated by fakeit"


@suggesting
def fakeit(  # noqa: PLR0913 - those of fakeit of XSPEC
    model: str,
    response: Response | Spectrum,
    exposure: float,
    *,
    parameters: Mapping[str, float] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    background: Spectrum | Background | None = None,
    seed: int = 0,
    name: str = "fakeit",
    instrument: str = "isgri",
) -> Spectrum:
    """Simulate a spectrum: Poisson counts drawn from a model through a response.

    Parameters
    ----------
    model
        Expression in XSPEC's notation.
    response
        Response, or a spectrum whose response is taken.
    exposure
        Exposure, seconds.
    parameters
        Values of parameters by name; others are at XSPEC's defaults.
    limits
        Limits of parameters whose values are beyond XSPEC's.
    background
        Spectrum, or background of a spectrum, in the same channels. Its rate is added to that of
        the model, and the background beside the result is drawn from it with its own exposure.
    seed
        Seed of the draw: the same seed gives the same spectrum.
    name
        Name of the source.
    instrument
        Name of the instrument, for labels and files.

    Returns
    -------
    Spectrum
        Labelled as simulated.

    Raises
    ------
    BadParameter
        If an argument cannot be accepted, or the channels of background and response differ.

    Examples
    --------
    >>> import oda_widgets as oda
    >>> real = oda.Spectrum.read("notebooks/data/NGC2110_ursini_spectrum_osa10.fits")
    >>> truth = {"PhoIndex": 1.8, "norm": 0.04}
    >>> fake = oda.fakeit("powerlaw", real.response, 1e5, parameters=truth)
    >>> fake.fit("powerlaw").statistic_name
    'cstat'
    """
    exposure = number_within("exposure", exposure, _SHORTEST, _LONGEST, "s")
    empty = _empty(_check_response(response), exposure, name, instrument)
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    given: object = parameters
    if not isinstance(given, Mapping | None):
        advice = 'Write for example parameters={"norm": 0.04}.'
        raise BadParameter("parameters", parameters, "not a dictionary of names and values", advice)
    rate = _folded(empty, model, Choices(start=parameters, limits=limits))
    added = None if background is None else _check_background(background, len(rate))
    if added is not None:
        rate = rate + np.maximum(added.rate, 0.0)
    counts = Counts(_poisson_counts(rate * exposure, rng), np.full(len(rate), exposure))
    return _with_counts(empty, counts, None if added is None else _drawn_background(added, rng))


def _check_response(value: Any) -> Response:
    found: Any = value.response if isinstance(value, Spectrum) else value
    if not isinstance(found, Response):
        advice = "Give a Response, for example Response.read(...), or a spectrum."
        raise BadParameter("response", value, "not a response", advice)
    return found


def _check_background(value: Any, n_channels: int) -> Background:
    advice = "Give a spectrum of the background in the channels of the response."
    if not isinstance(value, Spectrum | Background):
        raise BadParameter("background", value, "not a spectrum", advice)
    if len(value.rate) != n_channels:
        limit = f"the response has {n_channels} channels"
        raise BadParameter("background", len(value.rate), limit, advice)
    if isinstance(value, Background):
        return value
    return Background(value.rate, value.error, value.counts)


def _folded(empty: Spectrum, model: str, choices: Choices) -> Floats:
    """Return the counts/s that a model leads to in all channels."""
    problem = Problem(prepare(empty, model, statistic="cstat", choices=choices), interpolated=0)
    folded: Floats = np.maximum(problem.folded(problem.links.start)[0], 0.0)
    if not np.isfinite(folded).all():
        limit = "it gives no numbers for these parameters"
        raise BadParameter("model", model, limit, "Give other values in parameters={...}.")
    return folded


def _drawn_background(background: Background, rng: np.random.Generator) -> Background:
    if background.counts is None:
        rate = background.rate + background.error * rng.standard_normal(len(background.rate))
        return Background(rate, background.error)
    counts = Counts(_poisson_counts(background.counts.number, rng), background.counts.exposure)
    return Background(counts.rate, counts.error, counts)


def _poisson_counts(expected: Floats, rng: np.random.Generator) -> Floats:
    return rng.poisson(np.where(expected > 0, expected, 0.0)).astype(np.float64)


def _empty(response: Response, exposure: float, name: str, instrument: Any) -> Spectrum:
    """Return a spectrum without counts, labelled as simulated."""
    n_channels = len(response.channel_low)
    if not isinstance(instrument, str):
        advice = 'Write for example instrument="isgri".'
        raise BadParameter("instrument", instrument, "not a name", advice)
    observation = Observation(
        instrument, (), 0.0, 0.0, exposure, exposure, _NOTE, _NOTE, simulated=True
    )
    zeros = np.zeros(n_channels)
    return Spectrum(
        source=Source(name, 0.0, 0.0, _NOTE),
        rate=zeros,
        error=zeros,
        quality=np.zeros(n_channels, dtype=np.int16),
        systematic_error=zeros,
        response=response,
        observation=observation,
        counts=Counts(zeros, np.full(n_channels, exposure)),
    )


def _with_counts(empty: Spectrum, counts: Counts, background: Background | None) -> Spectrum:
    return replace(
        empty, rate=counts.rate, error=counts.error, counts=counts, background=background
    )
