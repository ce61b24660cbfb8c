"""The dispatcher backend: products of OSA from any ODA/MMODA dispatcher, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.dispatcher.analysis_request import AnalysisRequest
from oda_widgets.backend.dispatcher.combine import combined
from oda_widgets.backend.dispatcher.http import DispatcherInfo, Http
from oda_widgets.backend.dispatcher.in_view import check_in_view
from oda_widgets.backend.dispatcher.instrument import Instrument
from oda_widgets.backend.dispatcher.remote_jobs import RemoteJobs
from oda_widgets.backend.dispatcher.split import Part, parts_of
from oda_widgets.backend.dispatcher.token import Token
from oda_widgets.backend.dispatcher.window_services import WindowServices
from oda_widgets.errors import BadParameter, DataError, ServiceError
from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.files.observation_keywords import NOT_STATED
from oda_widgets.products.image import SkyImage
from oda_widgets.products.observation import Observation
from oda_widgets.protocol.parameters import parameters_of
from oda_widgets.protocol.product_names import product_of
from oda_widgets.protocol.product_reader import read_product
from oda_widgets.protocol.reply import Reply, read_reply
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedQuery
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.request.address import checked_address
from oda_widgets.request.instruments import described
from oda_widgets.request.python_call import connection
from oda_widgets.request.queries import SEARCH_THRESHOLD, ImageQuery, Query
from oda_widgets.request.revolutions import AUTO
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.timespan import TimeInterval, intersect, merge
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor, Progress

_ANSWER_VERSION = "1"
_OURS = "oda_widgets "  # start of the versions of servers of this package


class DispatcherBackend:
    """Sends queries to a dispatcher and reads its products.

    Parameters
    ----------
    address
        Address of the dispatcher.
    token
        The user's token, if any.
    store
        Store of the replies.
    jobs
        Folder of jobs that have not ended.
    osa_version
        Version of OSA; "auto" chooses by epoch.

    Raises
    ------
    ServiceError
        If there is no dispatcher at the address.
    """

    at_once = 4  # jobs in progress at the same time

    def __init__(
        self,
        address: str,
        token: Token | None,
        store: Store,
        jobs: Path,
        osa_version: str = AUTO,
    ) -> None:
        self.address = checked_address(address)
        self.http = Http(self.address, token)
        self._store = store
        self._jobs = RemoteJobs(jobs)
        self._osa_version = osa_version
        self._windows = WindowServices(self.address)
        self.info: DispatcherInfo = self.http.info()

    def __repr__(self) -> str:
        return f"<DispatcherBackend {self.address}>"

    @property
    def name(self) -> str:
        """Name of the backend in a sentence."""
        return f"the dispatcher at {self.address}"

    @property
    def connection(self) -> str:
        """Python that connects to the dispatcher again, without a token."""
        return connection(archive=self.address, osa_version=self._osa_version)

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        return self._windows.select(query)

    def named_windows(self, identifiers: tuple[str, ...]) -> ScienceWindowList:
        """Return the science windows with given identifiers, if a service knows all of them."""
        windows = self._windows.named(identifiers)
        return ScienceWindowList(tuple(windows), len(windows), self.name)

    def plan(self, query: Query) -> Plan:
        """Return the number of windows in the store; the time that a server takes is unknown."""
        parts = self._parts(query)
        held = self._store.held(self._node(part).id for part in parts)
        there = [part for part in parts if self._node(part).id in held]
        windows = len(query.science_windows)
        stored = sum(len(part.query.science_windows) for part in there) if windows else len(there)
        windows = windows or len(parts)
        return Plan(windows, stored, 0.0 if stored == windows else None)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query."""

        def waiting() -> None:
            monitor.report(Progress("waiting for another process that asks the same"))

        run = Run(self._store, waiting, monitor.warn)
        self._check_target(query)
        timed = self._with_times(query)
        parts = self._parts(timed)
        products = [
            self._product(part, run, _PartMonitor(monitor, position, len(parts)))
            for position, part in enumerate(parts)
        ]
        nodes = [self._node(part) for part in parts]
        whole = nodes[0] if len(nodes) == 1 else Node("combined", "1", {}, tuple(nodes))
        provenance = Provenance(
            nodes=run.steps(whole),
            question=query.identity,
            archive=self.name,
            repeat=RepeatedQuery(query, self.address, dispatcher=self.address, linked=timed),
        )
        product = _completed(combined(products), query, provenance)
        for text in _left_out(product, query):
            monitor.warn(text)
        return product

    def use_token(self, token: str) -> None:
        """Use a token from now on; it is kept in memory only.

        Raises
        ------
        BadParameter
            If the text is not a token.
        NotAllowed
            If the token is expired, or would travel unencrypted.
        """
        self.http.use(token)

    @property
    def instruments(self) -> tuple[str, ...]:
        """Names of the instruments that the server offers."""
        return self.info.instruments

    def instrument(self, name: str) -> Instrument:
        """Return an instrument of the server.

        Raises
        ------
        BadParameter
            If the server does not offer it.
        """
        if name not in self.instruments:
            advice = f"There are: {', '.join(self.instruments)}."
            raise BadParameter("instrument", name, f"not an instrument of {self.name}", advice)
        return Instrument(name, self.http, self._jobs)

    def _parts(self, query: Query) -> tuple[Part, ...]:
        if isinstance(query, ImageQuery):
            # The threshold only filters the listed sources: request all of them, once.
            query = replace(query, detection_threshold=SEARCH_THRESHOLD)
        parts = parts_of(self._with_times(query), self._osa_version)
        if not parts:
            parameters_of(query, "")  # raises for what is missing
        for part in parts:
            parameters_of(part.query, part.osa_version)  # refuses what dispatchers cannot do
        return parts

    def _check_target(self, query: Query) -> None:
        """Refuse an image of a source that no window sees, for which dispatchers make another.

        Only servers of this package are sure to tell where their windows point.
        """
        ours = self.info.version.startswith(_OURS)
        if ours and isinstance(query, ImageQuery) and query.source is not None:
            check_in_view(query, query.source, self._windows)

    def _with_times(self, query: Query) -> Query:
        """Return the query with times instead of windows, for an instrument without sources."""
        if described(query.instrument).sources or not query.science_windows:
            return query
        windows = self._windows.named(query.science_windows)
        times = merge(TimeInterval(window.start, window.stop) for window in windows)
        if query.intervals:
            times = intersect(times, query.intervals)
        return replace(query, science_windows=(), intervals=times)

    def _node(self, part: Part) -> Node:
        asked = parameters_of(part.query, part.osa_version)
        return Node(product_of(part.query), _ANSWER_VERSION, {"dispatcher": self.address, **asked})

    def _product(self, part: Part, run: Run, monitor: Monitor) -> Product:
        fresh: list[Product] = []
        task = Task(self._node(part), lambda: self._request(part, monitor, fresh))
        content = run.result(task).arrays["answer"]
        product = fresh[0] if fresh else self._read(part, read_reply(content.tobytes()))
        with_version = f" with {part.osa_version}" if part.osa_version else ""
        return _annotated(product, f"Analysed{with_version} by {self.name}.")

    def _request(self, part: Part, monitor: Monitor, fresh: list[Product]) -> Payload:
        """Request a part from the server; return its reply, for the store, if it can be read."""
        node = self._node(part)
        asked = parameters_of(part.query, part.osa_version)
        monitor.report(
            Progress(f"asking {self.address} ({part.osa_version or product_of(part.query)})")
        )
        request = AnalysisRequest(self.http, self._jobs, node.id, asked)
        content, reply = request.result(monitor, max(len(part.query.science_windows), 1))
        monitor.report(Progress("reading the reply", 0.99, 1.0))
        try:
            fresh.append(self._read(part, reply))
        except (BadParameter, DataError) as error:
            raise ServiceError(error.problem, "Tell those who run the server.") from error
        return Payload({"bytes": len(content)}, {"answer": np.frombuffer(content, np.uint8).copy()})

    def _read(self, part: Part, reply: Reply) -> Product:
        # `run` adds the provenance, that of all parts together.
        return read_product(reply.products, part.query, None)


class _PartMonitor:
    """Reports the progress of one part as progress of the whole."""

    def __init__(self, monitor: Monitor, position: int, number: int) -> None:
        self._monitor = monitor
        self._position = position
        self._number = number

    def report(self, progress: Progress) -> None:
        """Report the progress of the whole."""
        where = f" (part {self._position + 1} of {self._number})" if self._number > 1 else ""
        done = self._position + progress.done / progress.total
        self._monitor.report(Progress(f"{progress.step}{where}", done, self._number))

    def warn(self, text: str) -> None:
        """Warn the user without stopping the job."""
        self._monitor.warn(text)


def _left_out(product: Any, query: Query) -> list[str]:
    """Return a warning if sources of a query have no product."""
    if isinstance(product, SkyImage):
        return []
    missing = [name for name in query.catalog.selected.names if name not in product]
    return [f"The server sent nothing for {', '.join(missing)}."] if missing else []


def _annotated(product: Any, note: str) -> Product:
    """Return a product with a note on its server, unless it has a note."""
    if isinstance(product, SkyImage):
        return replace(product, observation=_noted(product.observation, note))
    return BySource(
        tuple(
            replace(part, observation=_noted(part.observation, note)) for part in product.values()
        )
    )


def _noted(observation: Observation, note: str) -> Observation:
    if observation.dead_time_note != NOT_STATED:
        return observation
    return replace(observation, dead_time_note=note)


def _completed(product: Any, query: Query, provenance: Provenance) -> Product:
    """Return a product with the provenance of all parts, its sources in the order of the query."""
    if isinstance(product, SkyImage):
        return replace(product, provenance=provenance)
    variable = "spectrum = spectra" if product_of(query).endswith("spectrum") else "curve = curves"
    asked = [name for name in query.catalog.names if name in product]
    names = [*asked, *(name for name in product if name not in asked)]
    return BySource(
        tuple(
            replace(product[name], provenance=provenance.then(f"{variable}[{name!r}]"))
            for name in names
        )
    )
