"""The statistic that suits a spectrum: counts are Poisson, rates with errors Gaussian."""

from __future__ import annotations

import numpy as np

from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Counts
from oda_widgets.products.spectrum import Spectrum

_WHOLE = 1e-2  # counts; rates of 4-byte numbers times exposure
_CLOSE = 1e-2  # relative; errors that are meant to be the root of the counts


def suitable(spectrum: Spectrum, asked: str | None, systematic: float | None) -> str:
    """Return the name of the requested statistic, or of the one that suits the data.

    Counts are Poisson; with a background they are fitted by the profile statistic W, which XSPEC
    uses for cstat as well. Only chi2 can take a systematic error: one that is given, or
    one of the file (SYS_ERR) that is above the error of the counts of a channel.
    """
    if asked == "chi2" or (asked is None and (systematic or not is_poisson(spectrum))):
        return "chi2"
    if asked is None and systematic is None and _systematic_dominates(spectrum):
        return "chi2"
    if counts_of(spectrum) is None:
        limit = f"{spectrum.name} holds rates with errors of their own, not counts"
        raise BadParameter("statistic", asked, limit, 'Use statistic="chi2".')
    if asked == "pgstat":
        _check_gaussian_background(spectrum)
        return "pgstat"
    background = spectrum.background
    if background is None and asked == "wstat":
        limit = f"{spectrum.name} has no background beside it"
        raise BadParameter("statistic", asked, limit, 'Use statistic="cstat".')
    if background is None:
        return "cstat"
    if background.counts is not None:
        return "wstat"
    if asked is None:
        return "pgstat" if np.all(background.error[spectrum.good] > 0) else "chi2"
    limit = f"the background of {spectrum.name} holds rates with errors of their own, not counts"
    raise BadParameter("statistic", asked, limit, 'Use statistic="pgstat".')


def _systematic_dominates(spectrum: Spectrum) -> bool:
    """Return whether systematic errors of a spectrum of counts exceed the errors of its counts."""
    good = spectrum.good
    systematic = spectrum.systematic_error[good] * spectrum.rate[good]
    return bool(np.any(systematic > spectrum.error[good]))


def _check_gaussian_background(spectrum: Spectrum) -> None:
    background = spectrum.background
    if background is None:
        limit = f"{spectrum.name} has no background beside it"
        raise BadParameter("statistic", "pgstat", limit, 'Use statistic="cstat".')
    if np.any(background.error[spectrum.good] <= 0):
        limit = f"the background of {spectrum.name} has channels without an error"
        other = "wstat" if background.counts is not None else "chi2"
        raise BadParameter("statistic", "pgstat", limit, f'Use statistic="{other}".')


def is_poisson(spectrum: Spectrum) -> bool:
    """Return whether a spectrum holds counts with the errors of counts."""
    counts, good = counts_of(spectrum), spectrum.good
    if spectrum.counts is not None or counts is None:
        return counts is not None
    seen = good & (np.where(good, counts.number, 0.0) > 0)
    return bool(seen.any()) and np.allclose(spectrum.error[seen], counts.error[seen], rtol=_CLOSE)


def counts_of(spectrum: Spectrum) -> Counts | None:
    """Return counts; rates that are whole numbers times the exposure are counts too."""
    if spectrum.counts is not None:
        return spectrum.counts
    seconds = spectrum.observation.live_time
    number = np.where(spectrum.good, spectrum.rate, 0.0) * seconds
    whole = np.abs(number - np.rint(number)) <= _WHOLE + 1e-5 * np.abs(number)
    if seconds <= 0 or np.any(number < 0) or not whole.all():
        return None
    return Counts(np.rint(number), np.full(len(number), seconds))
