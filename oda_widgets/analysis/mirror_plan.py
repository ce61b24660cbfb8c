"""The expected cost of a query to a mirror, and the files to fetch for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from oda_widgets.analysis.analysis import Analysis, analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.plan import Plan, Tasks, plan_of
from oda_widgets.analysis.product import tasks_of
from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.mirror.members import expected_member_bytes
from oda_widgets.archive.mirror.selection import MirrorSelection, Wanted, wanted_from
from oda_widgets.archive.mirror.traffic import expected_bytes
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from oda_widgets.provenance.store import Store
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindow


@dataclass(frozen=True)
class MirrorQuery:
    """A query to a mirror, before anything is fetched.

    Parameters
    ----------
    energies
        Choice of energies by the user.
    """

    query: Query
    mirror: MirrorArchive
    energies: EnergyChoice
    wanted: Wanted

    def archive(self, records: Wanted | None = None) -> CalibratedArchive:
        """Return the windows that were fetched before as an archive."""
        wanted = records or self.wanted
        selection = MirrorSelection(self.mirror, wanted.known, wanted.refused)
        return CalibratedArchive(selection, self.energies)

    def known_tasks(self) -> tuple[Analysis, Tasks] | None:
        """Return the tasks of the windows that were fetched before, if there are any.

        Raises
        ------
        BadParameter
            If all windows are known and the query does not suit them.
        """
        known = [record for record in self.wanted.known.values() if not record.problem]
        if not known:
            return None
        names = tuple(record.window.id for record in known)
        try:
            analysis = analysis_of(replace(self.query, science_windows=names), self.archive())
            return analysis, tasks_of(analysis)
        except (BadParameter, DataError):
            # Windows that are not fetched yet may change that.
            if self.wanted.unknown:
                return None
            raise

    def to_fetch(self, known: tuple[Analysis, Tasks] | None, store: Store) -> list[ScienceWindow]:
        """Return the windows to fetch, in order of time.

        They are windows that were never fetched, or not with all calibration files, and windows
        that must be computed but whose files were removed from the cache.

        Parameters
        ----------
        known
            Result of `known_tasks`.
        store
            Has the results computed before.
        """
        missing = [*self.wanted.unknown, *self._incomplete()]
        if known is not None:
            analysis, tasks = known
            if missing or not store.held([tasks.whole.node.id]):
                held = store.held(task.node.id for task in tasks.windows)
                missing += [
                    window.science_window
                    for window, task in zip(analysis.windows, tasks.windows, strict=True)
                    if not self.mirror.cache.has_file(self.wanted.known[window.id[:12]])
                    and task.node.id not in held
                ]
        each = {window.id[:12]: window for window in missing}
        return sorted(each.values(), key=lambda window: (window.start, window.id))

    def bytes_of(self, windows: Collection[ScienceWindow]) -> int:
        """Return the approximate size, in bytes, of the files of windows not in the cache."""
        members = expected_member_bytes(self.mirror.cache, windows)
        return members + sum(map(self._event_bytes, windows))

    def _incomplete(self) -> list[ScienceWindow]:
        """Return the windows whose events were fetched without all calibration files."""
        records = self.wanted.known.values()
        return [r.window for r in records if not self.mirror.is_complete(r)]

    def _event_bytes(self, window: ScienceWindow) -> int:
        record = self.wanted.known.get(window.id[:12])
        if record is None:
            return expected_bytes([window])
        return 0 if self.mirror.cache.has_file(record) else record.bytes


def mirror_query(query: Query, mirror: MirrorArchive, energies: EnergyChoice) -> MirrorQuery:
    """Return a query to a mirror with its windows.

    Raises
    ------
    ServiceError
        If the list of windows is neither in the cache nor given by the server.
    """
    return MirrorQuery(query, mirror, energies, wanted_from(mirror, query.science_windows))


def plan_with_fetching(query: MirrorQuery, store: Store, workers: int) -> Plan:
    """Return the expected cost of a query to a mirror, fetching only the list of windows.

    Parameters
    ----------
    store
        Has the results computed before.
    workers
        Number of windows computed at once.
    """
    known = query.known_tasks()
    plan = Plan(0, 0, None) if known is None else plan_of(known[1], store, workers)
    missing = query.to_fetch(known, store)
    unknown = len(query.wanted.unknown)
    return replace(
        plan,
        windows=plan.windows + unknown,
        seconds=None if unknown else plan.seconds,
        to_fetch=len(missing),
        fetch_bytes=query.bytes_of(missing),
    )
