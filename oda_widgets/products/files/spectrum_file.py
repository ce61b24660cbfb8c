"""Spectra as OGIP files: the spectrum (PHA) with its RMF and ARF beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.counts import Counts
from oda_widgets.products.files.cards import Card, append_cards, text_value
from oda_widgets.products.files.columns import float_column, integer_column
from oda_widgets.products.files.companions import companion
from oda_widgets.products.files.container import (
    damage_reported,
    decode,
    encode,
    label_of,
    tables,
)
from oda_widgets.products.files.observation_keywords import (
    file_label,
    observation_cards,
    observation_tables,
    primary_hdu,
    read_observation,
)
from oda_widgets.products.files.response_file import response_contents
from oda_widgets.products.files.response_reading import read_response
from oda_widgets.products.files.source_keywords import FRAME_CARDS, read_source, source_cards
from oda_widgets.products.files.spectrum_columns import Channels, read_channels
from oda_widgets.products.files.suffixes import is_compressed, sibling
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import BAD, Background, Spectrum
from oda_widgets.request.paths import PathLike

_SPECTRUM_NAMES = ("ISGR-EVTS-SPE", "SPECTRUM")
_RATE_CARDS: tuple[Card, ...] = (
    ("HDUCLAS3", "RATE", "counts per second"),
    ("POISSERR", False, "errors are in STAT_ERR"),
    ("AREASCAL", 1.0, "area scaling factor"),
    ("BACKSCAL", 1.0, "background scaling factor"),
)
_COUNT_CARDS: tuple[Card, ...] = (
    ("HDUCLAS3", "COUNT", "Poisson counts"),
    ("POISSERR", True, "errors are those of Poisson"),
)
_FORMAT_CARDS: tuple[Card, ...] = (
    ("HDUCLASS", "OGIP", "format conforms to OGIP standard"),
    ("HDUDOC", "OGIP/92-007", "document of the format"),
    ("HDUVERS", "1.2.1", "version of the format"),
    ("HDUCLAS1", "SPECTRUM", "a spectrum"),
    ("HDUCLAS2", "TOTAL", "as MMODA writes it; the background is fitted"),
    ("CHANTYPE", "PI", "channels are those of reconstructed energy"),
    ("CORRSCAL", 1.0, "correction scaling factor"),
    ("BACKFILE", "NONE", "no file: it is fitted"),
    ("CORRFILE", "NONE", "no correction file"),
    ("FILTER", "NONE", "no filter"),
)


def spectrum_contents(
    spectrum: Spectrum, target: Path, history: tuple[str, ...] = ()
) -> dict[Path, bytes]:
    """Return the content of the files of a spectrum, the PHA last: it names the others."""
    rmf, arf, compress = sibling(target, "_rmf"), sibling(target, "_arf"), is_compressed(target)
    hdus = spectrum_hdus(spectrum, rmf.name, arf.name, history)
    contents = response_contents(spectrum.response, rmf, arf)
    if spectrum.background is not None:
        behind = sibling(target, "_bkg")
        hdus[1].header["BACKFILE"] = behind.name
        contents[behind] = encode(_background_hdus(spectrum), compress=compress)
    contents[target] = encode(hdus, compress=compress)
    return contents


def spectrum_hdus(
    spectrum: Spectrum, rmf: str, arf: str, history: tuple[str, ...] = ()
) -> list[Any]:
    """Return a spectrum as the HDUs of a file that names those of its response."""
    return [
        primary_hdu(spectrum.observation, history, spectrum.provenance),
        _spectrum_hdu(spectrum, rmf, arf),
        *observation_tables(spectrum.observation),
    ]


def read_spectrum(
    path: PathLike | fits.HDUList,
    rmf: PathLike | fits.HDUList | None = None,
    arf: PathLike | fits.HDUList | None = None,
    background: PathLike | None = None,
) -> Spectrum:
    """Read a spectrum and its response from files or their HDUs (see `Spectrum.read`)."""
    hdus = decode(path)
    with damage_reported(path):
        table = _find_spectrum(hdus)
    header = table.header
    if rmf is None:
        rmf = companion(header, "RESPFILE", path, "rmf")
    if arf is None and _names(header, "ANCRFILE"):
        arf = companion(header, "ANCRFILE", path, "arf")
    response = read_response(rmf, arf)
    with damage_reported(path):
        stated = read_channels(table)
    channels = _aligned(stated, response, rmf)
    if background is None and _names(header, "BACKFILE"):
        background = companion(header, "BACKFILE", path, "background")
    behind = None if background is None else _read_background(background, channels, response, rmf)
    with damage_reported(path):
        return Spectrum(
            source=read_source(header, file_label(path)),
            rate=channels.rate,
            error=channels.error,
            quality=channels.quality,
            systematic_error=channels.systematic_error,
            response=response,
            observation=read_observation(hdus, header),
            background=behind,
            counts=Counts(channels.counts, channels.seconds) if channels.poisson else None,
            grouping=channels.grouping if np.any(channels.grouping == -1) else None,
        )


def _read_background(
    path: PathLike, source: Channels, response: Response, rmf: PathLike | fits.HDUList
) -> Background:
    """Return a background scaled to the area on the detector that the source spectrum is from."""
    hdus = decode(path)
    with damage_reported(path):
        table = _find_spectrum(hdus)
        stated = read_channels(table)
    channels = _aligned(stated, response, rmf)
    scale = source.area / channels.area
    counts = Counts(channels.counts, channels.seconds / scale) if channels.poisson else None
    return Background(scale * channels.rate, scale * channels.error, counts)


def _spectrum_hdu(spectrum: Spectrum, rmf: str, arf: str) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(_columns(spectrum), name=_SPECTRUM_NAMES[0])
    first, n_channels = spectrum.response.first_channel, len(spectrum.rate)
    cards: list[Card] = [
        ("TLMIN1", first, "lowest legal channel"),
        ("TLMAX1", first + n_channels - 1, "highest legal channel"),
        ("DETCHANS", n_channels, "number of channels"),
        *_FORMAT_CARDS,
        *(_RATE_CARDS if spectrum.counts is None else _COUNT_CARDS),
        ("RESPFILE", rmf, "redistribution matrix"),
        ("ANCRFILE", arf, "effective area"),
        *source_cards(spectrum.source),
        *observation_cards(spectrum.observation),
        *FRAME_CARDS,
    ]
    append_cards(hdu.header, cards)
    return hdu


def _background_hdus(spectrum: Spectrum) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Return the background as a spectrum of its own, scaled as it stands in the other."""
    background = spectrum.background
    if background is None:
        return []
    alone = replace(
        spectrum,
        rate=background.rate,
        error=background.error,
        counts=background.counts,
        background=None,
    )
    table = _spectrum_hdu(alone, "NONE", "NONE")
    table.header["HDUCLAS2"] = "BKG"
    return [primary_hdu(spectrum.observation, (), spectrum.provenance), table]


def _columns(spectrum: Spectrum) -> list[fits.Column]:
    n_channels = len(spectrum.rate)
    grouping = np.ones(n_channels) if spectrum.grouping is None else spectrum.grouping
    measured = [
        float_column("RATE", spectrum.rate, "count/s"),
        float_column("SYS_ERR", spectrum.systematic_error),
        float_column("STAT_ERR", spectrum.error, "count/s"),
    ]
    if spectrum.counts is not None:
        measured = _count_columns(spectrum, spectrum.counts)
    return [
        integer_column("CHANNEL", np.arange(n_channels) + spectrum.response.first_channel),
        *measured,
        integer_column("QUALITY", spectrum.quality),
        integer_column("GROUPING", grouping),
    ]


def _count_columns(spectrum: Spectrum, counts: Counts) -> list[fits.Column]:
    """Return the columns of Poisson counts, with exposures other than EXPOSURE as AREASCAL."""
    factor = counts.exposure / spectrum.observation.live_time
    number = np.where(np.isfinite(counts.number), counts.number, 0.0)
    return [
        fits.Column("COUNTS", "1J", "count", array=number.astype(np.int32)),
        float_column("SYS_ERR", spectrum.systematic_error),
        float_column("AREASCAL", factor),
        float_column("BACKSCAL", np.ones(len(factor))),
    ]


def _find_spectrum(hdus: fits.HDUList) -> fits.BinTableHDU:
    """Return the table of the spectrum by its HDUCLAS1, or by its name."""
    for hdu in tables(hdus):
        stated = str(hdu.header.get("HDUCLAS1", "")).strip().upper()
        if stated == "SPECTRUM" or hdu.name in _SPECTRUM_NAMES or hdu.name.endswith("-SPE"):
            return hdu
    problem = "There is no spectrum in it (a table with HDUCLAS1 = SPECTRUM)."
    raise DamagedFile(problem, "Give an OGIP spectrum (PHA file).")


def _names(header: fits.Header, keyword: str) -> bool:
    return (text_value(header, keyword) or "NONE").upper() not in {"NONE", "UNKNOWN"}


def _aligned(channels: Channels, response: Response, rmf: PathLike | fits.HDUList) -> Channels:
    """Return the channels in the order of the response, by their numbers.

    Channels that the spectrum leaves out are included without data.
    """
    n_channels = len(response.channel_low)
    positions = channels.number - response.first_channel
    if len(positions) and not (positions.min() >= 0 and positions.max() < n_channels):
        limit = (
            f"has the channels {response.first_channel} to "
            f"{response.first_channel + n_channels - 1}, the spectrum has "
            f"{channels.number.min()} to {channels.number.max()}"
        )
        raise BadParameter("rmf", label_of(rmf), limit, "Give the RMF made for this spectrum.")
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


def _spread(
    values: NDArray[np.float64] | NDArray[np.int16],
    positions: NDArray[np.int_],
    length: int,
    absent: float,
) -> NDArray[np.float64]:
    spread = np.full(length, absent)
    spread[positions] = values
    return spread
