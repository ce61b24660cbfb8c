"""Spectra without photons: responses, exposures and errors for simulated observations.

The response of JEM-X is made of published numbers (effective areas and channels of JEM-X1 in
2022, resolution FWHM/E = 0.40 sqrt(1/E + 1/60 keV)); no RMF of JEM-X is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from scipy.special import ndtr

from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.instruments.isgri.response import isgri_response
from oda_widgets.products.observation import Observation
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.source import Source
from tests.real_data import NOTEBOOK_DATA

_JEMX_CHANNELS = np.array(
    [3.04, 3.52, 4.08, 4.80, 5.52, 6.48, 7.52, 8.82, 10.24, 12.00, 13.92, 16.34, 18.94, 22.06,
     25.88, 30.20, 34.88]
)  # fmt: skip
_JEMX_AREA = ([3, 4, 5, 6, 8, 10, 15, 20, 25, 30], [28.7, 46.1, 54.4, 59.5, 63.8, 64.3, 62.1, 49.4,
                                                   34.1, 23.9])  # fmt: skip


@cache
def ngc_2110() -> Spectrum:
    """Return the real spectrum of NGC 2110 (OSA 10), which cannot be changed: it is read once."""
    return Spectrum.read(NOTEBOOK_DATA / "NGC2110_ursini_spectrum_osa10.fits")


def jemx_response() -> Response:
    """Return a response of JEM-X in 16 channels."""
    edges = np.geomspace(2.0, 45.0, 400)
    low, high = edges[:-1], edges[1:]
    energy = np.sqrt(low * high)
    sigma = 0.40 * np.sqrt(1 / energy + 1 / 60) * energy / 2.355
    within = ndtr((_JEMX_CHANNELS - energy[:, np.newaxis]) / sigma[:, np.newaxis])
    area = np.interp(energy, *_JEMX_AREA, left=0.0)
    return Response(
        low, high, _JEMX_CHANNELS[:-1], _JEMX_CHANNELS[1:], np.diff(within, axis=1), area
    )


def empty(response: Response, exposure: float, background: float, name: str = "source") -> Spectrum:
    """Return a spectrum of zero rate whose errors are those of a background, counts/s/keV."""
    width = response.channel_high - response.channel_low
    n_channels = len(width)
    return Spectrum(
        source=Source(name, 0.0, 0.0, "made up"),
        rate=np.zeros(n_channels),
        error=np.sqrt(background * width / exposure),
        quality=np.zeros(n_channels, dtype=np.int16),
        systematic_error=np.zeros(n_channels),
        response=response,
        observation=Observation(
            "isgri", (), 0.0, 1.0, exposure, exposure, "made up", "made up", simulated=True
        ),
    )


def isgri(exposure: float, channels: int = 1) -> Spectrum:
    """Return an empty ISGRI spectrum, with some neighbouring channels joined.

    Its errors are those of 2.5 counts/s/keV behind the whole detector, and half of the pixels lit.
    """
    response = isgri_response()
    n_energies, n_channels = response.redistribution.shape
    joined = response.redistribution.reshape(n_energies, n_channels // channels, channels)
    coarse = Response(
        response.energy_low,
        response.energy_high,
        response.channel_low[::channels],
        response.channel_high[channels - 1 :: channels],
        joined.sum(axis=2),
        response.area,
    )
    return empty(coarse, exposure, background=4 * 2.5, name="ISGRI")


def jemx(exposure: float) -> Spectrum:
    """Return an empty JEM-X spectrum."""
    return empty(jemx_response(), exposure, background=0.25 * 4, name="JEM-X")


def simulated(
    spectrum: Spectrum,
    model: str,
    parameters: Mapping[str, float],
    seed: int,
    systematic: float = 0.0,
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Spectrum:
    """Return a spectrum with the response and the Gaussian errors of another, drawn from a model.

    `systematic` is the fraction of the rate by which the draw is wider than these errors.
    """
    choices = Choices(start=parameters, limits=limits)
    recipe = prepare(spectrum, model, statistic="chi2", choices=choices)
    problem = Problem(recipe, interpolated=0)
    folded, used = problem.folded(problem.links.start)[0], recipe.datasets[0].used
    error = np.hypot(spectrum.error[used], systematic * folded)
    rate = spectrum.rate.copy()
    rate[used] = folded + error * np.random.default_rng(seed).standard_normal(len(folded))
    observation = replace(spectrum.observation, simulated=True)
    return replace(spectrum, rate=rate, observation=observation, provenance=None)
