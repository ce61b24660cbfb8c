"""Read counts of SPI-ACS from the public services of the ISDC over HTTPS, an hour at a time.

``genlc/ACS/TIME/SPAN`` of the service of MMODA replies with the counts from SPAN before TIME to
SPAN after it; so does ``spiacs.pl?requeststring=TIME+SPAN&generate=ipnlc``, the older one, in the
format of the interplanetary network. github.com/volodymyrss/integral-spi-acs-data describes both.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from urllib.parse import quote, urlsplit

import numpy as np

from oda_widgets.archive.mirror.address import checked_base
from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.mirror.transport import Absent, Transport
from oda_widgets.archive.shield.base import ShieldData
from oda_widgets.archive.shield.pieces import together
from oda_widgets.errors import ArchiveError, DamagedFile, EmptySelection, ServiceError
from oda_widgets.products.files.shield_text import read_shield_text
from oda_widgets.products.orbit import Place, place_within
from oda_widgets.products.shield import ShieldCounts
from oda_widgets.request.identity import identity
from oda_widgets.request.timespan import SECONDS_PER_DAY, isot_utc

SERVICE = "https://www.astro.unige.ch/mmoda/dispatch-data/gw/integralhk/api/v1.0"
"""Address of the service of MMODA."""

OLDER_SERVICE = "https://www.isdc.unige.ch/~savchenk/spiacs-online/spiacs.pl"
"""Address of the service for the interplanetary network."""

_PATIENCE = Patience(read=120.0, tries=3, total=300.0)  # seconds, in which it decodes telemetry
_PIECE = 3600.0  # seconds per request: 5 MB of text
_MARGIN = 0.1  # seconds beyond each piece, so that no bin is lost between pieces
_IPN = ".pl"


class ShieldService:
    """A service that sends counts of the shield.

    Parameters
    ----------
    address
        Base address of a service like that of MMODA, or of ``spiacs.pl``.
    patience
        How long to wait for it.

    Raises
    ------
    BadParameter
        If it is not an address, or neither encrypted nor on this machine.
    """

    def __init__(self, address: str = SERVICE, patience: Patience = _PATIENCE) -> None:
        self.address = checked_base(address)
        self._transport = Transport(self.address, patience)

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts of the service between two instants, IJD days.

        Raises
        ------
        ArchiveError
            If it has none yet: counts arrive with delay.
        ServiceError
            If it does not answer, or sends anything but counts.
        """
        pieces = [self._piece(*ends) for ends in _pieces(start, stop)]
        counts = together([piece for piece in pieces if piece is not None]).between(start, stop)
        if not len(counts):
            problem = f"{self._host} has no counts of SPI-ACS in this time."
            raise ArchiveError(problem, "The shield is off in the radiation belts.")
        origin = f"Counts from the service of the ISDC at {self._host}."
        return ShieldData(counts, origin, place=self._place((start + stop) / 2))

    def are_simulated(self, _start: float, _stop: float) -> bool:
        """Return False: these are measured."""
        return False

    def content(self, start: float, stop: float) -> str:
        """Return the identity of the request, without sending it."""
        return identity([self.address, start, stop])

    @property
    def _host(self) -> str:
        return urlsplit(self.address).netloc

    def _piece(self, start: float, stop: float) -> ShieldCounts | None:
        """Return the counts of a piece; None if there are none."""
        span = (stop - start) / 2 * SECONDS_PER_DAY + _MARGIN
        time = isot_utc((start + stop) / 2, 3)
        try:
            return read_shield_text(self._reply(time, f"{span:.3f}"), self._host)
        except EmptySelection:
            return None
        except DamagedFile as error:
            raise ServiceError(error.problem, error.advice) from None

    def _reply(self, time: str, span: str) -> bytes:
        if self.address.endswith(_IPN):
            words = {"requeststring": f"{time} {span}", "generate": "ipnlc", "submit": "Submit"}
            return self._read(urlsplit(self.address).path, words)
        return self._read(f"genlc/ACS/{quote(time)}/{span}", {})

    def _place(self, time: float) -> Place | None:
        """Return the position of the satellite; None if the service does not know it."""
        if self.address.endswith(_IPN):
            words = {"requeststring": isot_utc(time, 0), "generate": "ephs", "submit": "Submit"}
            path = urlsplit(self.address).path
        else:
            path, words = f"ephs/{quote(isot_utc(time, 0))}", {}
        try:
            text = self._read(path, words)[:200].decode("ascii", "replace")
            numbers = text.strip('" \n').replace("\\n", " ").replace("<br>", " ").split()
            return place_within(*numbers[:3])
        except (ServiceError, TypeError, ValueError):  # the position is optional
            return None

    def _read(self, path: str, words: dict[str, str]) -> bytes:
        try:
            return self._transport.read(path, words)
        except Absent as error:
            problem = f"{self._host} has no such service ({error})."
            raise ServiceError(
                problem, "Check the address in the setting shield_service."
            ) from None


class OfflineService:
    """A service that is not asked, because the settings say offline.

    Parameters
    ----------
    address
        Of the service.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def data(self, start: float, stop: float) -> ShieldData:
        """Raise `ServiceError`."""
        del start, stop
        raise self._refusal()

    def are_simulated(self, start: float, stop: float) -> bool:
        """Raise `ServiceError`."""
        del start, stop
        raise self._refusal()

    def content(self, start: float, stop: float) -> str:
        """Raise `ServiceError`."""
        del start, stop
        raise self._refusal()

    def _refusal(self) -> ServiceError:
        problem = f"Counts of SPI-ACS come from {self.address}, which is not asked: offline."
        advice = "Set ODA_WIDGETS_ONLINE=yes, or read a file: oda.LightCurve.read(path)."
        return ServiceError(problem, advice)


def _pieces(start: float, stop: float) -> Iterator[tuple[float, float]]:
    """Iterate over stretches of at most an hour, IJD days."""
    number = max(1, ceil((stop - start) * SECONDS_PER_DAY / _PIECE))
    edges = np.linspace(start, stop, number + 1).tolist()
    yield from pairwise(edges)
