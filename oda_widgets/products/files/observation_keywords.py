"""Read and write the keywords that all products share: instrument, windows, times, exposure."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from astropy.io import fits

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.cards import (
    CREATOR,
    SIMULATED_KEYWORD,
    Card,
    append_cards,
    float_value,
    text_value,
)
from oda_widgets.products.files.columns import (
    float_column,
    needed_floats,
    text_column,
    texts,
)
from oda_widgets.products.files.place_keyword import place_cards, read_place
from oda_widgets.products.files.text import from_ascii
from oda_widgets.products.files.times import is_integral, time_frame
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.instruments import described, files_of, name_in_files
from oda_widgets.request.paths import PathLike
from oda_widgets.request.science_windows import SkippedWindow
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY, TimeInterval
from oda_widgets.version import __version__

_INTEGRAL = "INTEGRAL"
_WINDOWS, _SKIPPED, _INTERVALS = "WINDOWS", "SKIPPED", "INTERVALS"
_POINTING = (
    ("RA_SCX", "[deg] right ascension of the S/C X axis"),
    ("DEC_SCX", "[deg] declination of the S/C X axis"),
    ("RA_SCZ", "[deg] right ascension of the S/C Z axis"),
    ("DEC_SCZ", "[deg] declination of the S/C Z axis"),
)
_MOST_DAYS = 1e5  # before and after 2000, limits of times of any mission
NOT_STATED = "not stated in the file"
SIMULATED_WARNING = "SIMULATED DATA: some or all events of this product are not real."


def primary_hdu(
    observation: Observation, history: tuple[str, ...], provenance: Provenance | None
) -> fits.PrimaryHDU:
    """Return the primary HDU: program, observation and provenance.

    Parameters
    ----------
    observation
        Observation of the product, whose notes are written here.
    history
        Lines on the origin of the product, for the HISTORY of the file.
    provenance
        Provenance of the product, of which the id of its node and a summary are written.
    """
    hdu = fits.PrimaryHDU()
    if provenance is not None:
        history = (*provenance.summary(), *history)
    cards: list[Card] = [
        ("DATE", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "when the file was written, UTC"),
        *mission_cards(observation.instrument, observation.telescope),
        simulated_card(simulated=observation.simulated),
        ("DEADNOTE", observation.dead_time_note, ""),
        ("PIXNOTE", observation.pixels_note, ""),
        *_optional("TIMENOTE", observation.intervals_note),
        *_optional("MEANNOTE", observation.weights_note),
        *_optional("SRCNOTE", observation.sources_note),
        *_energy_cards(observation),
        *_rate_cards(observation),
        *([] if provenance is None else [("PROVID", provenance.id, "")]),
        *(("HISTORY", line, "") for line in history),
    ]
    append_cards(hdu.header, cards)
    if observation.simulated:
        hdu.header.add_comment(SIMULATED_WARNING)
    return hdu


def mission_cards(instrument: str, telescope: str = _INTEGRAL) -> list[Card]:
    """Return the keywords that name mission, instrument and program."""
    known = files_of(instrument)
    spelling = instrument.upper() if telescope == _INTEGRAL else instrument
    name, detector = (spelling,) * 2 if known is None else (known.instrument, known.detector)
    return [
        ("TELESCOP", telescope, "mission"),
        ("INSTRUME", name, "instrument"),
        ("DETNAM", detector, "detector"),
        ("CREATOR", creator(), "program that wrote this"),
    ]


def extension_name(instrument: str, kind: str) -> str:
    """Return OSA's name of the extension of a product; ISGRI's if the instrument has none.

    Parameters
    ----------
    instrument
        Our name of the instrument.
    kind
        Kind of the product, one of `oda_widgets.request.instrument.KINDS`.
    """
    known = files_of(instrument)
    stated: str = getattr(known, kind) if known is not None else ""
    return stated or getattr(described("isgri").files, kind)


def creator() -> str:
    """Return name and version of this package."""
    return f"{CREATOR} {__version__}"


def simulated_card(*, simulated: bool) -> Card:
    """Return the keyword that distinguishes simulated data."""
    return (SIMULATED_KEYWORD, simulated, "T when any of the events are not real")


def label_simulated(header: fits.Header) -> None:
    """Label the data as simulated in a header, by a keyword and by a comment."""
    append_cards(header, [simulated_card(simulated=True)])
    header.add_comment(SIMULATED_WARNING)


def check_time_unit(unit: str) -> None:
    """Check that times can be written in a unit.

    Raises
    ------
    BadParameter
        If it is neither "d" nor "s".
    """
    if not isinstance(unit, str) or unit not in ("d", "s"):
        advice = 'Write "d" for days, as OSA does, or "s" for seconds, as OGIP recommends.'
        raise BadParameter("time_unit", unit, "not a unit of times in files", advice)


def observation_cards(observation: Observation, time_unit: str = "d") -> list[Card]:
    """Return the keywords that OSA writes into each science HDU.

    Parameters
    ----------
    observation
        Observation of the product.
    time_unit
        Unit of all times in the HDU, "d" or "s".
    """
    return [
        *mission_cards(observation.instrument, observation.telescope),
        simulated_card(simulated=observation.simulated),
        *_time_cards(observation, time_unit),
        *_exposure_cards(observation),
        *(
            (keyword, angle, comment)
            for (keyword, comment), angle in zip(_POINTING, observation.pointing, strict=True)
        ),
        *place_cards(observation.place),
    ]


def observation_tables(observation: Observation) -> list[fits.BinTableHDU]:
    """Return tables of the windows used, the windows skipped and the intervals of the query."""
    tables = [_table(_WINDOWS, text_column("SWID", list(observation.science_windows)))]
    if observation.skipped:
        ids = text_column("SWID", [window.id for window in observation.skipped])
        reasons = text_column("REASON", [window.reason for window in observation.skipped])
        tables.append(_table(_SKIPPED, ids, reasons))
    if observation.intervals:
        starts = float_column("START", [i.start for i in observation.intervals], "d")
        stops = float_column("STOP", [i.stop for i in observation.intervals], "d")
        tables.append(_table(_INTERVALS, starts, stops))
    return tables


def read_observation(hdus: fits.HDUList, header: fits.Header) -> Observation:
    """Return the observation of a file; facts that its headers do not state have defaults.

    Parameters
    ----------
    hdus
        HDUs of the file.
    header
        Header of the HDU with the product.
    """
    primary = hdus[0].header
    start, stop = _span(header)
    ontime = float_value(header, "ONTIME", "EXPOSURE", "LIVETIME") or 0.0
    exposure = float_value(header, "EXPOSURE", "LIVETIME")
    return Observation(
        instrument=instrument_of(header),
        science_windows=_windows(hdus, header),
        start=start,
        stop=stop or start,
        ontime=ontime,
        live_time=_live_time(header, ontime) if exposure is None else exposure,
        dead_time_note=_note(primary, "DEADNOTE"),
        pixels_note=_note(primary, "PIXNOTE"),
        sources_note=_note(primary, "SRCNOTE") if "SRCNOTE" in primary else "",
        energies=text_value(primary, "ENERGIES") or "",
        energies_note=_note(primary, "ENERNOTE") if "ENERNOTE" in primary else "",
        rates_note=_note(primary, "RATENOTE") if "RATENOTE" in primary else "",
        correction=float_value(primary, "RATECORR") or 1.0,
        rates_error=float_value(primary, "RATESYS") or 0.0,
        intervals=_intervals(hdus),
        intervals_note=text_value(primary, "TIMENOTE") or "",
        weights_note=text_value(primary, "MEANNOTE") or "",
        skipped=_skipped(hdus),
        simulated=bool(primary.get("SIMULATE", header.get("SIMULATE", False))),
        revolution=int(float_value(header, "REVOL") or 0),
        pointing=_pointing(header),
        available=int(float_value(header, "NSCWALL") or 0),
        telescope=telescope_of(header),
        place=read_place(header),
    )


def file_label(path: PathLike | fits.HDUList) -> str:
    """Return the name of a file without folder and suffix, for products without a name."""
    return "unnamed" if isinstance(path, fits.HDUList) else Path(path).name.split(".")[0]


def _time_cards(observation: Observation, unit: str) -> list[Card]:
    windows = observation.science_windows
    single = [("SWID", windows[0], "science window")] if len(windows) == 1 else []
    scale = SECONDS_PER_DAY if unit == "s" else 1.0
    elapsed = (observation.stop - observation.start) * SECONDS_PER_DAY
    return [
        ("REVOL", observation.revolution, "revolution of the first science window"),
        *single,
        ("NSCW", len(windows), "number of science windows (table WINDOWS)"),
        *_chosen_from(observation),
        ("MJDREF", IJD_ZERO_MJD, "[d] MJD of the time origin"),
        ("DATEREF", "2000-01-01", "the time origin as a date"),
        ("TIMESYS", "TT", "time scale"),
        ("TIMEUNIT", unit, "unit of time"),
        ("TIMEREF", "LOCAL", "times are those of the spacecraft"),
        ("TSTART", float(observation.start) * scale, f"[{unit}] start of the data"),
        ("TSTOP", float(observation.stop) * scale, f"[{unit}] end of the data"),
        ("TELAPSE", float(elapsed), "[s] elapsed time from start to end"),
    ]


def _chosen_from(observation: Observation) -> list[Card]:
    if not observation.available:
        return []
    return [("NSCWALL", observation.available, "they were chosen at random from so many")]


def _exposure_cards(observation: Observation) -> list[Card]:
    cards: list[Card] = [
        ("ONTIME", float(observation.ontime), "[s] sum of good time intervals"),
        ("EXPOSURE", float(observation.live_time), "[s] effective exposure time"),
    ]
    # If live time equals on time, dead time is unknown.
    if 0 < observation.live_time < observation.ontime:
        live_fraction = float(observation.live_time / observation.ontime)
        cards.append(("DEADC", live_fraction, "dead time correction factor"))
    return cards


def _optional(keyword: str, note: str) -> list[Card]:
    return [(keyword, note, "")] if note else []


def _energy_cards(observation: Observation) -> list[Card]:
    if not observation.energies:
        return []
    return [
        ("ENERGIES", observation.energies, "archive, lines, osa or simulated"),
        ("ENERNOTE", observation.energies_note, ""),
    ]


def _rate_cards(observation: Observation) -> list[Card]:
    stated = observation.rates_note, observation.correction, observation.rates_error
    if stated == ("", 1.0, 0.0):
        return []
    return [
        ("RATENOTE", observation.rates_note, ""),
        ("RATECORR", observation.correction, "factor of rates for what pixels do not see"),
        ("RATESYS", observation.rates_error, "relative systematic error of rates"),
    ]


def _table(name: str, *columns: fits.Column) -> fits.BinTableHDU:
    return fits.BinTableHDU.from_columns(list(columns), name=name)


def telescope_of(header: fits.Header) -> str:
    """Return the mission of a header, INTEGRAL if only its names occur; "" if unknown."""
    return text_value(header, "TELESCOP") or (_INTEGRAL if is_integral(header) else "")


def instrument_of(header: fits.Header) -> str:
    """Return the instrument of a header: our name for INTEGRAL, as stated for other missions."""
    name = text_value(header, "INSTRUME") or "unknown"
    known = name_in_files(name)
    if known is not None:
        return known
    return name.lower() if telescope_of(header) == _INTEGRAL else name


def _span(header: fits.Header) -> tuple[float, float]:
    """Return first and last instant, IJD; 0 if the header does not state them."""
    stated = (float_value(header, "TSTART", "TFIRST"), float_value(header, "TSTOP", "TLAST"))
    times = np.array([np.nan if time is None else time for time in stated])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a guessed reference time is good enough here
            found = time_frame(header, times).ijd(times, offset=False)
    except DamagedFile:
        return 0.0, 0.0
    possible = np.abs(found) < _MOST_DAYS
    if np.any(np.isfinite(found) & ~possible):
        text = "Its TSTART or TSTOP is no time of a mission, and is left out."
        warnings.warn(text, FileWarning, stacklevel=4)
    start, stop = np.where(possible, found, 0.0).tolist()
    return start, stop


def _live_time(header: fits.Header, ontime: float) -> float:
    live_fraction = float_value(header, "DEADC")
    return ontime if live_fraction is None else ontime * live_fraction


def _note(header: fits.Header, keyword: str) -> str:
    note = header.get(keyword)
    return from_ascii(note) if isinstance(note, str) else NOT_STATED


def _windows(hdus: fits.HDUList, header: fits.Header) -> tuple[str, ...]:
    if _WINDOWS in hdus:
        return tuple(texts(hdus[_WINDOWS], "SWID"))
    single = text_value(header, "SWID")
    return (single,) if single else ()


def _skipped(hdus: fits.HDUList) -> tuple[SkippedWindow, ...]:
    if _SKIPPED not in hdus:
        return ()
    pairs = zip(texts(hdus[_SKIPPED], "SWID"), texts(hdus[_SKIPPED], "REASON"), strict=True)
    return tuple(SkippedWindow(identifier, reason) for identifier, reason in pairs)


def _intervals(hdus: fits.HDUList) -> tuple[TimeInterval, ...]:
    if _INTERVALS not in hdus:
        return ()
    starts = needed_floats(hdus[_INTERVALS], "START").tolist()
    stops = needed_floats(hdus[_INTERVALS], "STOP").tolist()
    return tuple(TimeInterval(start, stop) for start, stop in zip(starts, stops, strict=True))


def _pointing(header: fits.Header) -> tuple[float, float, float, float]:
    right_x, declination_x, right_z, declination_z = (
        float_value(header, keyword) or 0.0 for keyword, _ in _POINTING
    )
    return right_x, declination_x, right_z, declination_z
