"""Write spectra as counts on and off the source, for gammapy.

gammapy has no rates with errors, only counts with the source (on), counts of the background (off),
and the factor between the two. A rate whose background was fitted is written as the pair whose
difference is the rate and whose sum is its variance. Chi2 of the pair is then that of the rate, and
gammapy's statistic W agrees if there are enough counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.products.files.cards import Card
from oda_widgets.products.files.columns import float_column, integer_column
from oda_widgets.products.files.container import encode
from oda_widgets.products.files.observation_keywords import observation_tables, primary_hdu
from oda_widgets.products.files.response_file import response_hdus
from oda_widgets.products.files.spectrum_file import COUNT_CARDS, spectrum_table
from oda_widgets.products.files.suffixes import is_compressed, sibling
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import GOOD

_OF_RATES: tuple[Card, ...] = (
    ("HDUCLAS3", "COUNT", "counts with the net rate and its error"),
    ("POISSERR", False, "errors are in STAT_ERR"),
)
_NAME, _MATRIX = "SPECTRUM", "MATRIX"  # names of tables that gammapy needs
_RUNS = frozenset({"F_CHAN", "N_CHAN"})
_NO_BACKGROUND = 1e-6  # factor from off to on if no background is expected
_ADVICE = "Leave the layout out: rates with their errors are written then."
_SAME_EDGE = 1e-6  # largest relative difference of equal edges


@dataclass(frozen=True)
class _Pair:
    """Counts on and off a source, shape (n_channels,) each.

    Parameters
    ----------
    on, off
        Counts on and off the source.
    scale
        Expected background counts on the source for each count off it.
    whole
        True for real counts, False if they are made from a rate and its error.
    """

    on: Floats
    off: Floats
    scale: Floats
    whole: bool


def on_off_contents(
    spectrum: Spectrum, target: Path, history: tuple[str, ...] = ()
) -> dict[Path, bytes]:
    """Return the contents of the files of a spectrum for gammapy, the PHA last.

    Raises
    ------
    BadParameter
        If the spectrum has no exposure, its channels do not adjoin, or an error is smaller than the
        Poisson error of the counts.
    """
    plain = replace(spectrum, response=replace(spectrum.response, first_channel=0))
    pair = _pair_of(plain)
    rmf, arf, off = (sibling(target, ending) for ending in ("_rmf", "_arf", "_bkg"))
    matrix, area = response_hdus(plain.response, arf.name)
    bounds, compress = matrix[1], is_compressed(target)
    on = _table(plain, pair.on, np.ones(len(pair.on)), pair, (rmf.name, arf.name))
    on.header["BACKFILE"] = off.name
    background = _table(plain, pair.off, 1 / pair.scale, pair, ("NONE", "NONE"))
    background.header["HDUCLAS2"] = "BKG"
    observation, made = plain.observation, plain.provenance
    hdus = {
        arf: area,
        rmf: [*matrix[:2], _with_runs(matrix[2])],
        off: [primary_hdu(observation, (), made), background, bounds.copy()],
        target: [
            *(primary_hdu(observation, history, made), on, bounds.copy()),
            *observation_tables(observation),
        ],
    }
    return {path: encode(units, compress=compress) for path, units in hdus.items()}


def _pair_of(spectrum: Spectrum) -> _Pair:
    seconds = spectrum.observation.live_time
    if not seconds > 0:
        raise _refused("the spectrum states no exposure, and counts need one")
    _check_channels(spectrum)
    good = spectrum.quality == GOOD
    counts, background = spectrum.counts, spectrum.background
    counted = counts is not None and np.allclose(counts.exposure[good], seconds, rtol=1e-9)
    if counts is not None and counted and background is None:
        number = np.where(good, counts.number, 0.0)
        nothing = np.zeros(len(good))
        return _Pair(number, nothing, np.full(len(good), _NO_BACKGROUND), whole=True)
    if counts is not None and counted and background is not None and background.counts is not None:
        off = np.where(good, background.counts.number, 0.0)
        scale = np.where(good, seconds / background.counts.exposure, 1.0)
        return _Pair(np.where(good, counts.number, 0.0), off, scale, whole=True)
    return _pair_of_rates(spectrum, good, seconds)


def _pair_of_rates(spectrum: Spectrum, good: Any, seconds: float) -> _Pair:
    """Return the pair whose difference is the net rate, and whose sum is its variance."""
    rate, variance = spectrum.rate, spectrum.error**2
    if spectrum.background is not None:
        rate = rate - spectrum.background.rate
        variance = variance + spectrum.background.error**2
    net, square = (np.where(good, v, 0.0) for v in (rate * seconds, variance * seconds**2))
    short = np.flatnonzero(np.abs(net) > square * (1 + 1e-9))
    if len(short):
        low, high = (edges[short[0]] for edges in (spectrum.channel_low, spectrum.channel_high))
        raise _refused(f"the error in {low:.4g}–{high:.4g} keV is smaller than counts can have")
    return _Pair((square + net) / 2, (square - net) / 2, np.ones(len(net)), whole=False)


def _check_channels(spectrum: Spectrum) -> None:
    low, high = spectrum.channel_low, spectrum.channel_high
    if not (np.allclose(low[1:], high[:-1], rtol=_SAME_EDGE) and np.all(high > low)):
        raise _refused("gammapy needs channels that adjoin, in order of energy")


def _refused(limit: str) -> BadParameter:
    return BadParameter("layout", "on_off", limit, _ADVICE)


def _table(
    spectrum: Spectrum, counts: Floats, scaling: Floats, pair: _Pair, response: tuple[str, str]
) -> fits.BinTableHDU:
    errors = [] if pair.whole else [float_column("STAT_ERR", np.sqrt(counts), "count")]
    columns = [
        integer_column("CHANNEL", np.arange(len(counts))),
        float_column("COUNTS", counts, "count"),
        *errors,
        integer_column("QUALITY", spectrum.quality),
        float_column("BACKSCAL", scaling),
    ]
    kind = COUNT_CARDS if pair.whole else _OF_RATES
    hdu = spectrum_table(spectrum, columns, _NAME, kind, *response)
    hdu.header["OBS_ID"] = (spectrum.name, "what gammapy calls it")
    return hdu


def _with_runs(matrix: fits.BinTableHDU) -> fits.BinTableHDU:
    """Return a matrix with gammapy's name, and runs of channels as lists, which gammapy needs."""
    columns = [
        fits.Column(c.name, "2J", array=np.stack([c.array, np.zeros(len(c.array))], axis=1))
        if c.name in _RUNS
        else c
        for c in matrix.columns
    ]
    return fits.BinTableHDU.from_columns(columns, header=matrix.header, name=_MATRIX)
