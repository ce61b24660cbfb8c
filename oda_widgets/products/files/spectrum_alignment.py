"""Bring the channels of a spectrum into the order of its response."""

from __future__ import annotations

import warnings

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, FileWarning
from oda_widgets.products.files.container import label_of
from oda_widgets.products.files.spectrum_columns import Channels
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum_data import BAD, GOOD
from oda_widgets.request.paths import PathLike


def aligned(channels: Channels, response: Response, rmf: PathLike | fits.HDUList) -> Channels:
    """Return the channels in the order of the response, by their numbers.

    Channels that the spectrum leaves out are added without data.

    Parameters
    ----------
    channels
        Channels as stored in the file.
    response
        Response of the spectrum.
    rmf
        File of the response, for messages.

    Raises
    ------
    BadParameter
        If the response has other channels.
    """
    n_channels = len(response.channel_low)
    positions = _positions(channels.number, response, rmf, channels.of)
    return Channels(
        number=np.arange(n_channels) + response.first_channel,
        of=n_channels,
        rate=_spread(channels.rate, positions, n_channels, np.nan),
        error=_spread(channels.error, positions, n_channels, np.inf),
        quality=_spread(channels.quality, positions, n_channels, BAD).astype(np.int16),
        systematic_error=_spread(channels.systematic_error, positions, n_channels, 0.0),
        counts=_spread(channels.counts, positions, n_channels, np.nan),
        seconds=_spread(channels.seconds, positions, n_channels, 1.0),
        area=_spread(channels.area, positions, n_channels, 1.0),
        grouping=_spread(channels.grouping, positions, n_channels, 1).astype(np.int16),
    )


def _positions(
    number: NDArray[np.int_],
    response: Response,
    rmf: PathLike | fits.HDUList,
    stated: int | None,
) -> NDArray[np.int_]:
    """Return the index of each channel in the response.

    If spectrum and response have the same number of channels and count from different numbers, as
    MMODA's spectra of JEM-X, channels are matched in order.
    """
    n_channels, first = len(response.channel_low), response.first_channel
    positions = number - first
    if not len(number) or (positions.min() >= 0 and positions.max() < n_channels):
        _check_number(number, n_channels, stated, rmf)
        return positions
    known = (
        f"{first} to {first + n_channels - 1}, the spectrum has {number.min()} to {number.max()}"
    )
    if len(number) == n_channels == number.max() - number.min() + 1:
        text = f"{label_of(rmf)} has the channels {known}: they were matched in order."
        warnings.warn(text, FileWarning, stacklevel=4)
        return np.asarray(number - number.min())
    limit = f"has the channels {known}"
    raise BadParameter("rmf", label_of(rmf), limit, "Give the RMF made for this spectrum.")


def _check_number(
    number: NDArray[np.int_], n_channels: int, stated: int | None, rmf: PathLike | fits.HDUList
) -> None:
    """Check that the detector has as many channels as the response.

    Otherwise the channels of a rebinned spectrum would be matched to wrong energies.
    """
    if stated not in {None, n_channels} and len(number) < n_channels:
        limit = f"has {n_channels} channels, the spectrum is of {stated} (DETCHANS)"
        raise BadParameter("rmf", label_of(rmf), limit, "Give the RMF made for this spectrum.")


def lacking(source: Channels, other: Channels, response: Response) -> NDArray[np.int_]:
    """Return the numbers of good channels of a spectrum that another spectrum lacks.

    Parameters
    ----------
    source
        Channels of the spectrum in the order of the response.
    other
        Channels of the other spectrum as stored in its file.
    response
        Response of both spectra.
    """
    own = source.number[source.quality == GOOD]
    if len(other.number) == len(response.channel_low):
        return np.asarray(own[:0])
    return np.asarray(own[~np.isin(own, other.number)])


def _spread(
    values: NDArray[np.float64] | NDArray[np.int16],
    positions: NDArray[np.int_],
    length: int,
    absent: float,
) -> NDArray[np.float64]:
    spread = np.full(length, absent)
    spread[positions] = values
    return spread
