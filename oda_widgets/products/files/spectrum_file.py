"""Write spectra as OGIP files: the spectrum (PHA), with RMF and ARF beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.products.counts import Counts
from oda_widgets.products.files.cards import Card, append_cards
from oda_widgets.products.files.columns import float_column, integer_column
from oda_widgets.products.files.container import encode
from oda_widgets.products.files.observation_keywords import (
    extension_name,
    observation_cards,
    observation_tables,
    primary_hdu,
)
from oda_widgets.products.files.response_file import response_contents
from oda_widgets.products.files.source_keywords import FRAME_CARDS, source_cards
from oda_widgets.products.files.suffixes import is_compressed, sibling
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.instrument import SPECTRUM

RATE_CARDS: tuple[Card, ...] = (
    ("HDUCLAS3", "RATE", "counts per second"),
    ("POISSERR", False, "errors are in STAT_ERR"),
    ("AREASCAL", 1.0, "area scaling factor"),
    ("BACKSCAL", 1.0, "background scaling factor"),
)
COUNT_CARDS: tuple[Card, ...] = (
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
    """Return the contents of the files of a spectrum, last the PHA, which names the others."""
    rmf, arf, compress = sibling(target, "_rmf"), sibling(target, "_arf"), is_compressed(target)
    hdus = spectrum_hdus(spectrum, rmf.name, arf.name, history)
    contents = response_contents(spectrum.response, rmf, arf)
    if spectrum.background is not None:
        background = sibling(target, "_bkg")
        hdus[1].header["BACKFILE"] = background.name
        contents[background] = encode(_background_hdus(spectrum), compress=compress)
    contents[target] = encode(hdus, compress=compress)
    return contents


def spectrum_hdus(
    spectrum: Spectrum, rmf: str, arf: str, history: tuple[str, ...] = ()
) -> list[Any]:
    """Return a spectrum as the HDUs of a file that names the files of its response."""
    return [
        primary_hdu(spectrum.observation, history, spectrum.provenance),
        _spectrum_hdu(spectrum, rmf, arf),
        *observation_tables(spectrum.observation),
    ]


def _spectrum_hdu(spectrum: Spectrum, rmf: str, arf: str) -> fits.BinTableHDU:
    name = extension_name(spectrum.observation.instrument, SPECTRUM)
    kind = RATE_CARDS if spectrum.counts is None else COUNT_CARDS
    return spectrum_table(spectrum, _columns(spectrum), name, kind, rmf, arf)


def spectrum_table(
    spectrum: Spectrum,
    columns: list[fits.Column],
    name: str,
    kind: tuple[Card, ...],
    rmf: str,
    arf: str,
) -> fits.BinTableHDU:
    """Return a table with the keywords of a spectrum.

    Parameters
    ----------
    spectrum
        Spectrum to write.
    columns
        Columns of the table, CHANNEL first.
    name
        Name of the table.
    kind
        Keywords for rates or counts, `RATE_CARDS` or `COUNT_CARDS`.
    rmf, arf
        Names of the files of the response.
    """
    hdu = fits.BinTableHDU.from_columns(columns, name=name)
    first, n_channels = spectrum.response.first_channel, len(spectrum.rate)
    cards: list[Card] = [
        ("TLMIN1", first, "lowest legal channel"),
        ("TLMAX1", first + n_channels - 1, "highest legal channel"),
        ("DETCHANS", n_channels, "number of channels"),
        *_FORMAT_CARDS,
        *kind,
        ("RESPFILE", rmf, "redistribution matrix"),
        ("ANCRFILE", arf, "effective area"),
        *source_cards(spectrum.source),
        *observation_cards(spectrum.observation),
        *FRAME_CARDS,
    ]
    append_cards(hdu.header, cards)
    return hdu


def _background_hdus(spectrum: Spectrum) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Return the background as a separate spectrum, scaled as in the spectrum of the source."""
    background = spectrum.background
    if background is None:
        return []
    alone = replace(
        spectrum,
        rate=background.rate,
        error=background.error,
        counts=background.counts,
        systematic_error=np.zeros(len(background.rate)),  # it belongs to the spectrum
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
    """Return the columns of Poisson counts, with exposures relative to EXPOSURE as AREASCAL."""
    factor = counts.exposure / spectrum.observation.live_time
    number = np.where(np.isfinite(counts.number), counts.number, 0.0)
    return [
        fits.Column("COUNTS", "1J", "count", array=number.astype(np.int32)),
        float_column("SYS_ERR", spectrum.systematic_error),
        float_column("AREASCAL", factor),
        float_column("BACKSCAL", np.ones(len(factor))),
    ]
