"""Small spectra of Poisson counts, written as numbers, through a response that is a formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import ndtr

import oda_widgets as oda
from oda_widgets.products.counts import Counts
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import Background
from tests.fitting.instruments import isgri

COUNTS = (25, 18, 19, 14, 9, 14, 12, 6, 12, 10, 8, 8, 5, 7, 5, 3, 4, 0, 3, 2, 4, 3, 1, 2)
BEHIND = (8, 6, 12, 5, 8, 5, 5, 2, 8, 7, 2, 2, 10, 8, 4, 9, 8, 3, 3, 7, 4, 3, 6, 8)
TRUTH = {"PhoIndex": 2.0, "norm": 10.0}
SECONDS, SECONDS_BEHIND = 200.0, 2000.0


def response() -> Response:
    """Return 24 channels in 20-200 keV with a resolution of 12 % (FWHM) and 100 cm2."""
    edges, channels = np.geomspace(15, 300, 121), np.geomspace(20, 200, 25)
    energy = np.sqrt(edges[:-1] * edges[1:])
    below = ndtr((channels - energy[:, np.newaxis]) / (0.05 * energy[:, np.newaxis]))
    area = np.full(120, 100.0)
    return Response(
        edges[:-1], edges[1:], channels[:-1], channels[1:], np.diff(below, axis=1), area
    )


def counted(*, background: bool) -> Spectrum:
    """Return 194 counts, the last channels nearly empty, with 143 counts of background or none."""
    empty = oda.fakeit("powerlaw", response(), SECONDS, parameters={"norm": 0.0})
    counts = Counts(np.array(COUNTS, dtype=float), np.full(24, SECONDS))
    of_background = Counts(np.array(BEHIND, dtype=float), np.full(24, SECONDS_BEHIND))
    behind = Background(of_background.rate, of_background.error, of_background)
    return replace(
        empty,
        rate=counts.rate,
        error=counts.error,
        counts=counts,
        background=behind if background else None,
    )


def drawn(n_counts: int, part: float, ratio: float, seed: int) -> Spectrum:
    """Return a spectrum in 128 channels of ISGRI, drawn from a power law.

    Parameters
    ----------
    n_counts
        Counts of the source that are expected.
    part
        Counts of the background over those of the source, both in the source spectrum.
    ratio
        Exposure of the background over that of the source.
    seed
        Seed of the draw.
    """
    response = isgri(1.0, 2).response
    rate = oda.fakeit("powerlaw", response, 1e6, parameters=TRUTH).rate.sum()
    seconds, n_channels = n_counts / rate, len(response.channel_low)
    if not part:
        return oda.fakeit("powerlaw", response, seconds, parameters=TRUTH, seed=seed)
    number = np.full(n_channels, n_counts * part * ratio / n_channels)
    counts = Counts(number, np.full(n_channels, seconds * ratio))
    behind = Background(counts.rate, counts.error, counts)
    return oda.fakeit("powerlaw", response, seconds, parameters=TRUTH, background=behind, seed=seed)
