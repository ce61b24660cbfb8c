"""Reading spectra of any origin: which table, which row, and the files that belong to it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.counts import Counts
from oda_widgets.products.files.cards import float_value, text_value
from oda_widgets.products.files.choosing import name_of, numbered, of_source, telling
from oda_widgets.products.files.columns import has_column
from oda_widgets.products.files.companions import companion, names_file
from oda_widgets.products.files.container import damage_reported, decode, label_of, tables
from oda_widgets.products.files.observation_keywords import file_label, read_observation
from oda_widgets.products.files.response_reading import read_response
from oda_widgets.products.files.source_keywords import read_source
from oda_widgets.products.files.spectrum_columns import Channels, read_channels
from oda_widgets.products.files.spectrum_rows import is_type_two, row_of
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD, Background
from oda_widgets.request.paths import PathLike

_SPECTRUM_NAMES = ("ISGR-EVTS-SPE", "SPECTRUM")
_NO_ORDINARY_BACKGROUND = "Give background=..., or background=False for none."


def is_spectrum(table: fits.BinTableHDU) -> bool:
    """Return whether a table is a spectrum, by its HDUCLAS1 or its name."""
    stated = (text_value(table.header, "HDUCLAS1") or "").upper()
    named = table.name in _SPECTRUM_NAMES or table.name.endswith("-SPE")
    return stated == "SPECTRUM" or (named and has_column(table, "CHANNEL"))


def read_spectrum(
    path: PathLike | fits.HDUList,
    rmf: PathLike | fits.HDUList | None = None,
    arf: PathLike | fits.HDUList | None = None,
    background: PathLike | Literal[False] | None = None,
    source: str | None = None,
    row: int | None = None,
) -> Spectrum:
    """Read a spectrum and its response from files or their HDUs (see `Spectrum.read`)."""
    hdus = decode(path)
    table = _chosen(hdus, path, source, row)
    header = table.header
    if rmf is None:
        rmf = companion(header, "RESPFILE", path, "rmf")
    response = read_response(
        rmf,
        _area_file(header, path) if arf is None else arf,
        span=_span(header),
        row=row,
    )
    with damage_reported(path):
        stated = read_channels(table)
    channels = _aligned(stated, response, rmf)
    behind = _background(table, path, background, row)
    with damage_reported(path):
        return Spectrum(
            source=read_source(header, source or file_label(path)),
            rate=channels.rate,
            error=channels.error,
            quality=channels.quality,
            systematic_error=channels.systematic_error,
            response=response,
            observation=read_observation(hdus, header),
            background=None if behind is None else _scaled(behind, channels, response, rmf),
            counts=Counts(channels.counts, channels.seconds) if channels.poisson else None,
            grouping=channels.grouping if np.any(channels.grouping == -1) else None,
        )


def _chosen(
    hdus: fits.HDUList, path: PathLike | fits.HDUList, source: str | None, row: int | None
) -> fits.BinTableHDU:
    """Return the table of one spectrum: that of a source, or of a row of type II."""
    with damage_reported(path):
        found = [table for table in tables(hdus) if is_spectrum(table)]
        if not found:
            problem = "There is no spectrum in it (a table with HDUCLAS1 = SPECTRUM)."
            raise DamagedFile(problem, "Give an OGIP spectrum (PHA file).")
        own = [table for table in found if not _is_background(table)] or found
    left = of_source(own, source, path)
    if len(left) == 1 and is_type_two(left[0]):
        return row_of(left[0], row, path)
    parameter = telling(source, [name_of(table) for table in left])
    return numbered(left, row, path, what="spectra", describe=name_of, parameter=parameter)


def _span(header: fits.Header) -> tuple[float, float] | None:
    """Return when a spectrum was measured, in the seconds of its mission."""
    start, stop = float_value(header, "TSTART"), float_value(header, "TSTOP")
    return None if start is None or stop is None else (start, stop)


def _is_background(table: fits.BinTableHDU) -> bool:
    return (text_value(table.header, "HDUCLAS2") or "").upper() in {"BKG", "BACKGROUND"}


def _area_file(header: fits.Header, path: PathLike | fits.HDUList) -> Path | Literal[False] | None:
    """Return the file of the effective area; False if the header names one that is missing."""
    if not names_file(header, "ANCRFILE"):
        return None
    try:
        return companion(header, "ANCRFILE", path, "arf")
    except BadParameter as error:
        text = f"{error} Without it the area is 1 cm2, unless the RMF holds it."
        warnings.warn(text, FileWarning, stacklevel=3)
        return False


def _background(
    table: fits.BinTableHDU,
    path: PathLike | fits.HDUList,
    background: PathLike | Literal[False] | None,
    row: int | None,
) -> fits.BinTableHDU | None:
    """Return the table of the background; None, with a warning, if it is not where it should be."""
    if background is False or (background is None and not names_file(table.header, "BACKFILE")):
        return None
    if background is not None:
        return _background_table(background, table, path, row)
    try:
        file = companion(table.header, "BACKFILE", path, "background")
    except BadParameter as error:
        text = f"{error} It is read without a background; background=False says so on purpose."
        warnings.warn(text, FileWarning, stacklevel=3)
        return None
    return _background_table(file, table, path, row)


def _background_table(
    file: PathLike,
    table: fits.BinTableHDU,
    path: PathLike | fits.HDUList,
    row: int | None,
) -> fits.BinTableHDU | None:
    hdus = decode(file)
    with damage_reported(file):
        found = [each for each in tables(hdus) if is_spectrum(each)]
        stated = [each for each in found if _is_background(each)]
    itself = not isinstance(path, fits.HDUList) and _same_file(file, path)
    if itself and not stated:
        text = f"{file} names itself as its background (BACKFILE), but holds none."
        warnings.warn(text, FileWarning, stacklevel=4)
        return None
    if not found:
        limit = "there is no spectrum in it"
        raise BadParameter("background", str(file), limit, _NO_ORDINARY_BACKGROUND)
    left = stated or found
    if len(left) > 1:
        left = [each for each in left if name_of(each) == name_of(table)] or left
    chosen = numbered(
        left, None, file, what="backgrounds", describe=name_of, parameter="background"
    )
    if not is_type_two(chosen):
        return chosen
    return row_of(chosen, None if len(chosen.data) == 1 else row, file)


def _same_file(one: PathLike, other: PathLike) -> bool:
    return Path(one).expanduser().resolve() == Path(other).expanduser().resolve()


def _scaled(
    table: fits.BinTableHDU, source: Channels, response: Response, rmf: PathLike | fits.HDUList
) -> Background:
    """Return a background scaled to the area on the detector that the source spectrum is from."""
    channels = _aligned(read_channels(table), response, rmf)
    scale = source.area / channels.area
    counts = Counts(channels.counts, channels.seconds / scale) if channels.poisson else None
    return Background(scale * channels.rate, scale * channels.error, counts)


def _aligned(channels: Channels, response: Response, rmf: PathLike | fits.HDUList) -> Channels:
    """Return the channels in the order of the response, by their numbers.

    Channels that the spectrum leaves out are included without data.
    """
    n_channels = len(response.channel_low)
    positions = _positions(channels.number, response, rmf)
    return Channels(
        number=np.arange(n_channels) + response.first_channel,
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
    number: NDArray[np.int_], response: Response, rmf: PathLike | fits.HDUList
) -> NDArray[np.int_]:
    """Return the place of each channel in the response.

    As many channels as the response has are matched in order where the two count from different
    numbers, as in the JEM-X spectra of MMODA.
    """
    n_channels, first = len(response.channel_low), response.first_channel
    positions = number - first
    if not len(number) or (positions.min() >= 0 and positions.max() < n_channels):
        return positions
    stated = (
        f"{first} to {first + n_channels - 1}, the spectrum has {number.min()} to {number.max()}"
    )
    if len(number) == n_channels == number.max() - number.min() + 1:
        text = f"{label_of(rmf)} has the channels {stated}: they were matched in order."
        warnings.warn(text, FileWarning, stacklevel=4)
        return np.asarray(number - number.min())
    limit = f"has the channels {stated}"
    raise BadParameter("rmf", label_of(rmf), limit, "Give the RMF made for this spectrum.")


def _spread(
    values: NDArray[np.float64] | NDArray[np.int16],
    positions: NDArray[np.int_],
    length: int,
    absent: float,
) -> NDArray[np.float64]:
    spread = np.full(length, absent)
    spread[positions] = values
    return spread
