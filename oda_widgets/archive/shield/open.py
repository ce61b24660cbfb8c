"""The counts of the shield that belong to an archive."""

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
    """Return where the counts of the shield are that belong to an archive.

    Of the bundled sample and the simulated mission they are of the same kind. Folders of real
    windows have their telemetry; what these lack, and mirrors, the public service of the ISDC has.

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
