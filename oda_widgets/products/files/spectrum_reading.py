"""Read spectra of any origin: choose table and row, and find the files that belong to them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

import numpy as np
from astropy.io import fits

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.counts import Counts
from oda_widgets.products.files.cards import float_value, text_value
from oda_widgets.products.files.choosing import name_of, numbered, of_source, telling
from oda_widgets.products.files.columns import has_column
from oda_widgets.products.files.companions import companion, names_file, numbered_path
from oda_widgets.products.files.container import damage_reported, decode, tables
from oda_widgets.products.files.observation_keywords import file_label, read_observation
from oda_widgets.products.files.response_reading import read_response
from oda_widgets.products.files.source_keywords import read_source
from oda_widgets.products.files.spectrum_alignment import aligned, lacking
from oda_widgets.products.files.spectrum_columns import Channels, read_channels
from oda_widgets.products.files.spectrum_rows import is_type_two, row_of
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import GOOD, Background
from oda_widgets.request.paths import PathLike
from oda_widgets.request.words import counted

_SPECTRUM_NAMES = ("ISGR-EVTS-SPE", "SPECTRUM")
_BACKGROUND_COLUMNS = ("BACKGROUND_UP", "BACKGROUND_DOWN")
_ADVICE = "Give background=..., or background=False for none."


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
    table = _choose_table(hdus, path, source, row)
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
    channels = aligned(stated, response, rmf)
    chosen = _background(table, path, background, row)
    _warn_of_others(header, table, beside=chosen is not None or background is False)
    with damage_reported(path):
        return Spectrum(
            source=read_source(header, source or file_label(path)),
            rate=channels.rate,
            error=channels.error,
            quality=channels.quality,
            systematic_error=channels.systematic_error,
            response=response,
            observation=read_observation(hdus, header),
            background=None if chosen is None else _scaled(chosen, channels, response, rmf),
            counts=Counts(channels.counts, channels.seconds) if channels.poisson else None,
            grouping=channels.grouping if np.any(channels.grouping == -1) else None,
        )


def _choose_table(
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
    """Return TSTART and TSTOP of a spectrum in mission seconds, or None."""
    start, stop = float_value(header, "TSTART"), float_value(header, "TSTOP")
    return None if start is None or stop is None else (start, stop)


def _is_background(table: fits.BinTableHDU) -> bool:
    return (text_value(table.header, "HDUCLAS2") or "").upper() in {"BKG", "BACKGROUND"}


def _area_file(header: fits.Header, path: PathLike | fits.HDUList) -> Path | Literal[False] | None:
    """Return the file of the effective area; None if not named, False if missing."""
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
    """Return the table of the background; None, with a warning, if the named file is missing."""
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
    file, number = numbered_path(file)
    hdus = decode(file)
    with damage_reported(file):
        found = [each for each in tables(hdus) if is_spectrum(each)]
        stated = [each for each in found if _is_background(each)]
    itself = not isinstance(path, fits.HDUList) and _same_file(file, path)
    if itself and not stated and number is None:
        text = f"{file} names itself as its background (BACKFILE), but holds none."
        warnings.warn(text, FileWarning, stacklevel=4)
        return None
    if not found:
        limit = "there is no spectrum in it"
        raise BadParameter("background", str(file), limit, _ADVICE)
    left = stated or found
    if len(left) > 1:
        left = [each for each in left if name_of(each) == name_of(table)] or left
    chosen = numbered(
        left, None, file, what="backgrounds", describe=name_of, parameter="background"
    )
    if not is_type_two(chosen):
        return chosen
    if number is None and len(chosen.data) > 1:
        number = row
    return row_of(chosen, number, file)


def _same_file(one: PathLike, other: PathLike) -> bool:
    return Path(one).expanduser().resolve() == Path(other).expanduser().resolve()


def _scaled(
    table: fits.BinTableHDU, source: Channels, response: Response, rmf: PathLike | fits.HDUList
) -> Background:
    """Return a background scaled to the detector area of the source spectrum."""
    stated = read_channels(table)
    channels = aligned(stated, response, rmf)
    absent = lacking(source, stated, response)
    if len(absent):
        problem = (
            f"Its background lacks {counted(len(absent), 'good channel')} of the spectrum, "
            f"{absent[0]} the first of them."
        )
        raise DamagedFile(problem, _ADVICE)
    scale = source.area / channels.area
    # With systematic errors the background is Gaussian, since W has none.
    systematic = channels.systematic_error * channels.rate
    error = np.hypot(channels.error, np.where(channels.quality == GOOD, systematic, 0.0))
    poisson = channels.poisson and not np.any(channels.systematic_error[source.quality == GOOD])
    counts = Counts(channels.counts, channels.seconds / scale) if poisson else None
    return Background(scale * channels.rate, scale * error, counts)


def _warn_of_others(header: fits.Header, table: fits.BinTableHDU, *, beside: bool) -> None:
    """Warn of corrections and backgrounds in a file that are not subtracted.

    Parameters
    ----------
    header, table
        Header and table of the spectrum, with CORRFILE and columns of HETG and LETG.
    beside
        True if there is another background, or the user wants none.
    """
    scale = float_value(header, "CORRSCAL")
    if names_file(header, "CORRFILE") and scale != 0:
        factor = 1.0 if scale is None else scale
        text = (
            f"The correction {text_value(header, 'CORRFILE')} (CORRFILE, CORRSCAL = {factor:g}) is "
            "not subtracted: if it should be, give it within the background."
        )
        warnings.warn(text, FileWarning, stacklevel=4)
    columns = [name for name in _BACKGROUND_COLUMNS if has_column(table, name)]
    if columns and not beside:
        text = (
            f"The background in the columns {' and '.join(columns)} is not subtracted: give it as "
            "a file, background=..., or background=False for none."
        )
        warnings.warn(text, FileWarning, stacklevel=4)
