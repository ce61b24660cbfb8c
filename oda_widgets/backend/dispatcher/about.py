"""What a dispatcher says of itself: its version and its instruments."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.backend.dispatcher.http import Http
from oda_widgets.errors import DamagedFile, ServiceError
from oda_widgets.protocol.answer import clean, document_of

_MOST = 200
_HOW = "Its address often ends in /dispatch-data; open it in a browser to see what is there."


@dataclass(frozen=True)
class About:
    """What a dispatcher says of itself.

    Parameters
    ----------
    version
        Of its software.
    instruments
        That it offers.
    """

    version: str
    instruments: tuple[str, ...]


def about(http: Http) -> About:
    """Return what a dispatcher says of itself.

    Raises
    ------
    ServiceError
        If it is not reached, or is none.
    """
    # A question without parameters is refused, and the refusal tells who refuses.
    reply = http.get("/run_analysis")
    try:
        document = document_of(reply.content)
    except DamagedFile:
        document = {}
    instruments = document.get("installed_instruments")
    if not isinstance(instruments, list):
        elsewhere = f" (it sends us to {clean(reply.location)})" if reply.location else ""
        problem = f"What answers at {http.address} is no dispatcher{elsewhere}."
        raise ServiceError(problem, _HOW)
    names = tuple(clean(name) for name in instruments[:_MOST] if isinstance(name, str))
    return About(clean(document.get("cdci_data_analysis_version")), names)
