"""The node of the events of a science window in its archive."""

from __future__ import annotations

from functools import lru_cache

from oda_widgets.provenance.node import Node
from oda_widgets.request.science_windows import ScienceWindow

MOST_WINDOWS = 20_000
"""Number of windows whose nodes stay in memory between plans, 3 kB each.

A page plans the same thousands of windows at every change of its form.
"""


def events_node(window: ScienceWindow, content: str, version: str) -> Node:
    """Return the node of the usable events of a science window.

    Parameters
    ----------
    content
        Digest of its data (see `Archive.content`).
    version
        Version of the code that reads them (see `Archive.version`).
    """
    return _events_node(window.id, content, version, simulated=window.simulated)


@lru_cache(maxsize=MOST_WINDOWS)
def _events_node(identifier: str, content: str, version: str, *, simulated: bool) -> Node:
    data = {"science_window": identifier, "simulated": simulated, "content": content}
    return Node("ISGRIEvents", version, inputs=(Node("ScWData", "content", data),))
