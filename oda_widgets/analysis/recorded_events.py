"""The node of the events of a science window, as its archive gives them."""

from __future__ import annotations

from oda_widgets.provenance.node import Node
from oda_widgets.request.science_windows import ScienceWindow


def events_node(window: ScienceWindow, content: str, version: str) -> Node:
    """Return the node of the usable events of a science window.

    Parameters
    ----------
    window
        The science window.
    content
        Digest of its data (see `Archive.content`).
    version
        Of the code that gives them (see `Archive.version`).
    """
    data = {"science_window": window.id, "simulated": window.simulated, "content": content}
    return Node("ISGRIEvents", version, inputs=(Node("ScWData", "content", data),))
