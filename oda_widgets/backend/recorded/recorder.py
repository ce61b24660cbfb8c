"""A backend that keeps what another one answers."""

from __future__ import annotations

import os

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.base import Backend
from oda_widgets.backend.recorded.recorded_documents import (
    product_content,
    question_key,
    windows_content,
)
from oda_widgets.backend.recorded.recording_file import RecordingFile
from oda_widgets.products.answer import Product
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.monitor import Monitor


class Recorder:
    """Answers as another backend does, and records it.

    Parameters
    ----------
    backend
        Who answers.
    path
        Of the recording; one that is there is continued.
    """

    def __init__(self, backend: Backend, path: str | os.PathLike[str]) -> None:
        self.recorded = backend
        self._file = RecordingFile(path)
        self._file.begin(backend.name)

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self.recorded.name

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        windows = self.recorded.science_windows(query)
        self._file.add(query.identity, windows_content(windows))
        return windows

    def plan(self, query: Query) -> Plan:
        """Return what a question will cost."""
        return self.recorded.plan(query)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Answer a question."""
        product = self.recorded.run(query, monitor)
        self._file.add(question_key(query), product_content(product, query))
        return product
