"""Events of JEM-X from the simulated mission, as the node ``JEMXEvents``.

Real events are refused: they have positions on the detector, but the effect of the mask is
published only as tables of the aperture, which are not read here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from oda_widgets.archive.base import Archive
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.simulated.jemx.window import jemx_events
from oda_widgets.archive.simulated.plan import windows_by_stem
from oda_widgets.errors import BadParameter
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.jemx.detector import Unit
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node
from oda_widgets.request.instruments import described
from oda_widgets.request.science_windows import ScienceWindow

_UNITS: dict[str, Unit] = {"jemx1": 1, "jemx2": 2}


def is_jemx(instrument: str) -> bool:
    """Return True for the name of a unit of JEM-X."""
    return instrument in _UNITS


def unit_of(instrument: str) -> Unit:
    """Return the number of a unit from its name, "jemx1" or "jemx2"."""
    return _UNITS[instrument]


def check_can_be_read(archive: Archive, windows: Sequence[ScienceWindow], instrument: str) -> None:
    """Check that the events of windows can be read, before any are fetched.

    Raises
    ------
    BadParameter
        If some are real; the message tells how often the unit was off.
    """
    real = [window for window in windows if _home_of(archive, window.id) is None]
    off = [window for window in real if dict(window.others).get(instrument) == 0]
    if real and len(off) == len(windows):
        raise _was_off(off, instrument)
    if real:
        raise _refused(real[0].id, instrument, len(off))


def jemx_events_of(archive: Archive, identifier: str, instrument: str) -> WindowEvents:
    """Return the usable events of a window.

    Raises
    ------
    BadParameter
        If the archive holds real events.
    """
    home = _home(archive, identifier, instrument)
    window = windows_by_stem()[identifier[:12]]
    return jemx_events(window, home.seed, unit_of(instrument))


def jemx_events_node(archive: Archive, window: ScienceWindow, instrument: str) -> Node:
    """Return the node of the events of a window; errors are those of `jemx_events_of`."""
    home = _home(archive, window.id, instrument)
    version = code_version(__name__)
    origin = f"{window.id} {home.seed} {instrument} {version}"
    data = {
        "science_window": window.id,
        "simulated": True,
        "content": hashlib.sha256(origin.encode()).hexdigest(),
    }
    parameters = {"instrument": instrument}
    return Node("JEMXEvents", version, parameters, (Node("ScWData", "content", data),))


def _home(archive: Archive, identifier: str, instrument: str) -> SimulatedArchive:
    """Return the simulated mission that holds a window."""
    home = _home_of(archive, identifier)
    if home is None:
        raise _refused(identifier, instrument)
    return home


def _home_of(archive: Archive, identifier: str) -> SimulatedArchive | None:
    """Return the simulated mission that holds a window; None if the window is real."""
    if isinstance(archive, CombinedArchive):
        archive = archive.home(identifier)
    return archive if isinstance(archive, SimulatedArchive) else None


def _refused(identifier: str, instrument: str, off: int = 0) -> BadParameter:
    """Return the error for real events; the unit was off in `off` windows."""
    limit = (
        f"science window {identifier} is real: the tables of the aperture of JEM-X, which"
        " decode its events, cannot be read yet"
    )
    advice = (
        'Ask a dispatcher, oda.connect("https://..."), which has them; the embedded engine'
        " analyses JEM-X in the simulated mission only."
    )
    if off:
        label = described(instrument).label
        advice += f" {label} was off in {off:,} of the windows."
    return BadParameter("instrument", instrument, limit, advice)


def _was_off(windows: Sequence[ScienceWindow], instrument: str) -> BadParameter:
    one = described(instrument)
    more = f" and {len(windows) - 1:,} more" if len(windows) > 1 else ""
    limit = f"{one.label} was off in science window {windows[0].id}{more} ({one.mode})"
    advice = f'science_windows(..., instrument="{instrument}") finds those in which it was on.'
    return BadParameter("instrument", instrument, limit, advice)
