"""The recorded backend, which replays recorded products."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.base import WithoutServer
from oda_widgets.backend.recorded.recorded_documents import (
    product_of,
    query_key,
    windows_of,
)
from oda_widgets.backend.recorded.recording_file import RecordingFile
from oda_widgets.errors import BadParameter, DamagedFile, EmptySelection
from oda_widgets.products.answer import Product
from oda_widgets.request.python_call import connection
from oda_widgets.request.queries import ImageQuery, Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor, Progress

_Found = TypeVar("_Found")


class RecordedBackend(WithoutServer):
    """Replays the products of a recording.

    Parameters
    ----------
    path
        Path of the recording.

    Raises
    ------
    BadParameter
        If there is no such file.
    DamagedFile
        If it is not a recording.
    """

    at_once = 1

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = RecordingFile(path)
        self._name = self._file.name()

    @property
    def name(self) -> str:
        """Name of the backend in a sentence."""
        return f"{self._name}, recorded in {self._file.path.name}"

    @property
    def connection(self) -> str:
        """Python that opens the recording again."""
        return connection(archive=f"recorded:{self._file.path}")

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows recorded for these conditions."""
        document = self._file.read(query.identity)
        if document is None:
            raise self._not_recorded("This choice of science windows")
        return self._checked(lambda: windows_of(document))

    def named_windows(self, identifiers: tuple[str, ...]) -> ScienceWindowList:
        """Return no window: recordings have windows by conditions, not by name."""
        del identifiers
        return ScienceWindowList((), 0, self.name)

    def plan(self, query: Query) -> Plan:
        """Return the cost of a query: none if it was recorded."""
        windows = len(query.science_windows)
        there = query_key(query) in self._file.known()
        return Plan(windows, windows if there else 0, 0.0 if there else None)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query."""
        monitor.report(Progress("reading the recording"))
        document = self._file.read(query_key(query))
        if document is None:
            raise self._not_recorded("This query")
        if isinstance(query, ImageQuery):
            _check_threshold(query.detection_threshold, document["detection_threshold"])
        return self._checked(lambda: product_of(document, query))

    def _checked(self, read: Callable[[], _Found]) -> _Found:
        try:
            return read()
        except (KeyError, TypeError, ValueError) as error:
            problem = f"A product in {self._file.path} cannot be read ({type(error).__name__})."
            raise DamagedFile(problem, "Record it again.") from error

    def _not_recorded(self, missing: str) -> EmptySelection:
        number = len(self._file.known())
        problem = f"{missing} was not recorded; {self._file.path.name} has {number} others."
        advice = "Submit a recorded query, or connect to an archive or a dispatcher."
        return EmptySelection(problem, advice)


def _check_threshold(threshold: float, recorded: float) -> None:
    """Refuse a threshold below that of the recording, which lacks fainter sources."""
    if threshold < recorded:
        limit = f"the recording knows the sources above {recorded:g} only"
        raise BadParameter("detection_threshold", threshold, limit, "Write that or more.")
