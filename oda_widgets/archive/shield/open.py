"""Find the counts of the shield that belong to an archive."""

from __future__ import annotations

from oda_widgets.archive.base import Archive
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.shield.base import ShieldArchive
from oda_widgets.archive.shield.combined import CombinedShield
from oda_widgets.archive.shield.folder import ShieldFolder
from oda_widgets.archive.shield.sample import ShieldSample
from oda_widgets.archive.shield.service import OfflineService, ShieldService
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.simulated.shield import SimulatedShield


def shield_of(archive: Archive, service: str, *, online: bool) -> ShieldArchive:
    """Return the archive of counts of the shield that belongs to an archive of events.

    The bundled sample and the simulated mission have counts of their own. Folders of real windows
    have their telemetry; counts missing there, and those for mirrors, come from the public service
    of the ISDC.

    Parameters
    ----------
    archive
        Where the events come from.
    service
        Address of the service.
    online
        Whether services may be asked.
    """
    if isinstance(archive, SampleArchive):
        return ShieldSample()
    if isinstance(archive, SimulatedArchive):
        return SimulatedShield(archive.seed)
    if isinstance(archive, CombinedArchive):
        return CombinedShield([shield_of(one, service, online=online) for one in archive.archives])
    if isinstance(archive, IsdcArchive):
        return CombinedShield([ShieldFolder(archive), _service(service, online=online)])
    return _service(service, online=online)


def _service(address: str, *, online: bool) -> ShieldArchive:
    return ShieldService(address) if online else OfflineService(address)
