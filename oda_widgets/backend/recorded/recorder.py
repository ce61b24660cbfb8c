"""A backend that records the products of another."""

from __future__ import annotations

import os
from typing import Any

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.base import Backend
from oda_widgets.backend.finish import finish
from oda_widgets.backend.recorded.recorded_documents import (
    product_content,
    query_key,
    windows_content,
)
from oda_widgets.backend.recorded.recording_file import RecordingFile
from oda_widgets.products.answer import Product
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor


class Recorder:
    """Passes queries on to another backend and records its products.

    Parameters
    ----------
    backend
        The other backend.
    path
        Path of the recording; an existing one is continued.
    """

    def __init__(self, backend: Backend, path: str | os.PathLike[str]) -> None:
        self._backend = backend
        self._file = RecordingFile(path)
        self._file.begin(backend.name)

    @property
    def name(self) -> str:
        """Name of the other backend."""
        return self._backend.name

    @property
    def connection(self) -> str:
        """Python that connects to the other backend."""
        return self._backend.connection

    @property
    def at_once(self) -> int:
        """Number of queries that may run at the same time."""
        return self._backend.at_once

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        windows = self._backend.science_windows(query)
        self._file.add(query.identity, windows_content(windows))
        return windows

    def named_windows(self, identifiers: tuple[str, ...]) -> ScienceWindowList:
        """Return the science windows with given identifiers; they are not recorded."""
        return self._backend.named_windows(identifiers)

    def plan(self, query: Query) -> Plan:
        """Return the cost of a query."""
        return self._backend.plan(query)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query."""
        product = finish(self._backend.run(query, monitor), query)
        self._file.add(query_key(query), product_content(product, query))
        return product

    def use_token(self, token: str) -> None:
        """Use a token from now on."""
        self._backend.use_token(token)

    def instrument(self, name: str) -> Any:
        """Return an instrument of the server; its products are not recorded."""
        return self._backend.instrument(name)
