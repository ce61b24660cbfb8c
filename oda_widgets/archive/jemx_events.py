"""Events of JEM-X: those of the simulated mission, as the node ``JEMXEvents``.

Real ones are refused: they hold positions on the detector, but what the mask does to them is
published as tables of the aperture only, which are not read here.
"""

from __future__ import annotations

import hashlib

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
from oda_widgets.request.science_windows import ScienceWindow

_UNITS: dict[str, Unit] = {"jemx1": 1, "jemx2": 2}


def is_jemx(instrument: str) -> bool:
    """Return True for the name of a unit of JEM-X."""
    return instrument in _UNITS


def unit_of(instrument: str) -> Unit:
    """Return the number of a unit from its name, "jemx1" or "jemx2"."""
    return _UNITS[instrument]


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
    if isinstance(archive, CombinedArchive):
        archive = archive.home(identifier)
    if not isinstance(archive, SimulatedArchive):
        limit = (
            f"science window {identifier} is real: the tables of the aperture of JEM-X, which"
            " decode its events, cannot be read yet"
        )
        advice = (
            'Ask a dispatcher, oda.connect("https://..."), which has them; the embedded engine'
            " analyses JEM-X in the simulated mission only."
        )
        raise BadParameter("instrument", instrument, limit, advice)
    return archive
