"""Write traced events as the ISDC writes ISGRI events.

Layout, HDUs, columns and keywords are those of the real science window 255900280010;
its raw tables ISGR-EVTS-PRW and ISGR-EVTS-SRW are left out. Headers say that the data
are simulated, and nothing in the file tells where an event came from.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from .isdc_cards import SIMULATED, events_cards, good_time_cards, on_board_ticks, utc

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .arrays import Bytes, Floats
    from .isdc_cards import Card
    from .observation import TracedEvents

# Events share a clock of 64 on-board ticks, 61 microseconds.
CLOCK_TICKS = 64
WORD_SHIFTS = np.array([48, 32, 16, 0], dtype=np.uint64)


def window_folder(root: Path, swid: str, version: str = "001") -> Path:
    """Folder of a science window below the archive's root."""
    return root / "scw" / swid[:4] / f"{swid}.{version}"


def write_events(events: TracedEvents, root: Path, *, version: str = "001") -> Path:
    """Write ``scw/RRRR/SWID.VVV/isgri_events.fits.gz`` below `root`.

    Parameters
    ----------
    events
        What to write.
    root
        Root of the archive; folders are made as needed.
    version
        001 for consolidated, 000 for near-real-time data.

    Returns
    -------
    path
        The file.
    """
    path = window_folder(root, events.pointing.swid, version) / "isgri_events.fits.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    hdus = fits.HDUList([_primary(), _events_table(events), _good_time_table(events)])
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
        hdus.writeto(packed)
    return path


def _primary() -> fits.PrimaryHDU:
    hdu = fits.PrimaryHDU()
    hdu.header.add_comment(SIMULATED)
    return hdu


def _events_table(events: TracedEvents) -> fits.BinTableHDU:
    ticks = on_board_ticks(events.time)
    columns = [
        _bytes("DELTA_TIME", ticks // CLOCK_TICKS % 256),
        _bytes("RISE_TIME", _rise_time(events.dety, events.detz)),
        fits.Column("ISGRI_PHA", "1I", array=_pulse_height(events)),
        _bytes("ISGRI_Y", _without_gaps(events.dety, (66,))),
        _bytes("ISGRI_Z", _without_gaps(events.detz, (34, 68, 102))),
        _bytes("DETY", events.dety),
        _bytes("DETZ", events.detz),
        _on_board_column("OB_TIME", ticks),
        fits.Column("ISGRI_PI", "1B", null=255, array=_corrected_rise_time(events)),
        fits.Column("ISGRI_ENERGY", "1E", unit="keV", array=events.energy),
        _bytes("SELECT_FLAG", events.select_flag),
        fits.Column("TIME", "1D", unit="d", array=events.time),
    ]
    return _table("ISGR-EVTS-ALL", columns, events_cards(events))


def _good_time_table(events: TracedEvents) -> fits.BinTableHDU:
    start, stop = events.good_times.T
    columns = [
        fits.Column("START", "1D", unit="d", array=start),
        fits.Column("STOP", "1D", unit="d", array=stop),
        _on_board_column("OBT_START", on_board_ticks(start)),
        _on_board_column("OBT_END", on_board_ticks(stop)),
        _utc_column("UTC_START", start),
        _utc_column("UTC_END", stop),
    ]
    return _table("IBIS-GNRL-GTI", columns, good_time_cards(events))


def _table(name: str, columns: list[fits.Column], cards: list[Card]) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(columns, name=name)
    for keyword, value, comment in cards:
        hdu.header[keyword] = (value, comment)
    hdu.header.add_comment(SIMULATED)
    return hdu


def _bytes(name: str, values: NDArray[np.integer]) -> fits.Column:
    return fits.Column(name, "1B", array=values.astype(np.uint8))


def _on_board_column(name: str, ticks: NDArray[np.uint64]) -> fits.Column:
    """Four unsigned 16-bit words, the most significant first."""
    words = (ticks[:, np.newaxis] >> WORD_SHIFTS).astype(np.uint16)
    return fits.Column(name, "4I", bzero=32768, array=words)


def _utc_column(name: str, times: Floats) -> fits.Column:
    return fits.Column(name, "32A", array=np.array([utc(time) for time in times]))


def _without_gaps(coordinate: Bytes, firsts: tuple[int, ...]) -> NDArray[np.integer]:
    """Pixel coordinate 0..127: two less past each gap between modules."""
    return coordinate - 2 * np.searchsorted(firsts, coordinate, side="right")


def _pulse_height(events: TracedEvents) -> NDArray[np.int16]:
    """Stand-in: half a keV per step."""
    return np.clip(events.energy * 2, 0, 2047).astype(np.int16)


def _rise_time(dety: Bytes, detz: Bytes) -> NDArray[np.integer]:
    """Stand-in within OSA's accepted 7-80: some value that changes with the pixel."""
    return 10 + (7 * dety.astype(np.intp) + 3 * detz.astype(np.intp)) % 60


def _corrected_rise_time(events: TracedEvents) -> Bytes:
    """Stand-in within OSA's accepted 16-116."""
    return (_rise_time(events.dety, events.detz) + 20).astype(np.uint8)
