"""The dispatcher backend: any ODA/MMODA dispatcher over HTTP; answers are OSA's own products."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.dispatcher.about import About, about
from oda_widgets.backend.dispatcher.address import checked_address
from oda_widgets.backend.dispatcher.combine import combined
from oda_widgets.backend.dispatcher.conversation import Conversation
from oda_widgets.backend.dispatcher.http import Http
from oda_widgets.backend.dispatcher.instrument import Instrument
from oda_widgets.backend.dispatcher.memory import Memory
from oda_widgets.backend.dispatcher.split import AUTO, Part, parts_of
from oda_widgets.backend.dispatcher.token import Token
from oda_widgets.backend.dispatcher.windows import WindowServices
from oda_widgets.errors import BadParameter, DataError, ServiceError
from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.files.observation_keywords import NOT_STATED
from oda_widgets.products.image import SkyImage
from oda_widgets.products.observation import Observation
from oda_widgets.protocol.answer import Answer, answer_of
from oda_widgets.protocol.links import share_text
from oda_widgets.protocol.parameters import parameters_of, product_of
from oda_widgets.protocol.products import product_from
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import LOWEST_THRESHOLD, ImageQuery, Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.monitor import Monitor

_ANSWER_VERSION = "1"


class DispatcherBackend:
    """Answers by asking a dispatcher.

    Parameters
    ----------
    address
        Of the dispatcher.
    token
        Who asks, if that matters.
    store
        Where answers are kept.
    folder
        Where jobs that have not ended are remembered.
    osa_version
        "auto" chooses by epoch.

    Raises
    ------
    ServiceError
        If there is no dispatcher.
    """

    at_once = 4  # questions that are waited for

    def __init__(
        self,
        address: str,
        token: Token | None,
        store: Store,
        folder: Path,
        osa_version: str = AUTO,
    ) -> None:
        self.address = checked_address(address)
        self.http = Http(self.address, token)
        self._store = store
        self._memory = Memory(folder)
        self._osa_version = osa_version
        self._windows = WindowServices(self.address)
        self.about: About = about(self.http)

    def __repr__(self) -> str:
        return f"<DispatcherBackend {self.address}>"

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return f"the dispatcher at {self.address}"

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        return self._windows.select(query)

    def plan(self, query: Query) -> Plan:
        """Return what a question will cost; how long a server takes nobody knows."""
        parts = self._parts(query)
        kept = sum(
            len(part.query.science_windows)
            for part in parts
            if self._store.has(self._node(part).id)
        )
        windows = len(query.science_windows)
        return Plan(windows, kept, 0.0 if kept == windows else None)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Answer a question."""

        def waiting() -> None:
            monitor.step("another process asks this; waiting for it", 0.0, 1.0)

        run = Run(self._store, waiting, monitor.warn)
        parts = self._parts(query)
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
            code=script(query, self.address),
            share=share_text(query),
        )
        return _completed(combined(products), query, provenance)

    def use_token(self, token: str) -> None:
        """Ask with a token from now on; it is kept in memory only.

        Raises
        ------
        BadParameter
            If it is none.
        NotAllowed
            If it is expired, or would travel in the clear.
        """
        self.http.use(token)

    @property
    def instruments(self) -> tuple[str, ...]:
        """What the server offers."""
        return self.about.instruments

    def instrument(self, name: str) -> Instrument:
        """Return an instrument of the server.

        Raises
        ------
        BadParameter
            If it has none of this name.
        """
        if name not in self.instruments:
            advice = f"There are: {', '.join(self.instruments)}."
            raise BadParameter("instrument", name, f"not an instrument of {self.name}", advice)
        return Instrument(name, self.http, self._memory)

    def _parts(self, query: Query) -> tuple[Part, ...]:
        if isinstance(query, ImageQuery):
            # What is listed is a matter of viewing: another threshold asks the server nothing.
            query = replace(query, detection_threshold=LOWEST_THRESHOLD)
        parts = parts_of(query, self._osa_version)
        for part in parts:
            parameters_of(part.query, part.osa_version)  # refuses what a dispatcher does not do
        return parts

    def _node(self, part: Part) -> Node:
        asked = parameters_of(part.query, part.osa_version)
        return Node(product_of(part.query), _ANSWER_VERSION, {"dispatcher": self.address, **asked})

    def _product(self, part: Part, run: Run, monitor: Monitor) -> Product:
        fresh: list[Product] = []
        task = Task(self._node(part), lambda: self._asked(part, monitor, fresh))
        content = run.result(task).arrays["answer"]
        product = fresh[0] if fresh else self._read(part, answer_of(content.tobytes()))
        return _annotated(product, f"Analysed with {part.osa_version} by {self.name}.")

    def _asked(self, part: Part, monitor: Monitor, fresh: list[Product]) -> Payload:
        """Ask the server, and keep what it answers if it can be read."""
        node = self._node(part)
        asked = parameters_of(part.query, part.osa_version)
        monitor.step(f"asking {self.address} ({part.osa_version})", 0.0, 1.0)
        conversation = Conversation(self.http, self._memory, node.id, asked)
        content, answer = conversation.answer(monitor, len(part.query.science_windows))
        monitor.step("reading the answer", 0.99, 1.0)
        try:
            fresh.append(self._read(part, answer))
        except (BadParameter, DataError) as error:
            raise ServiceError(error.problem, "Tell those who run the server.") from error
        return Payload({"bytes": len(content)}, {"answer": np.frombuffer(content, np.uint8).copy()})

    def _read(self, part: Part, answer: Answer) -> Product:
        # The history is that of all parts together, which is known in the end.
        nothing = Provenance((), part.query.identity, self.name, "\n")
        return product_from(answer.products, part.query, nothing)


class _PartMonitor:
    """Tells of one part as a part of the whole."""

    def __init__(self, monitor: Monitor, position: int, number: int) -> None:
        self._monitor = monitor
        self._position = position
        self._number = number

    def step(self, name: str, done: float, total: float) -> None:
        """Say what begins now."""
        where = f" (part {self._position + 1} of {self._number})" if self._number > 1 else ""
        self._monitor.step(f"{name}{where}", self._position + done / total, self._number)

    def warn(self, text: str) -> None:
        """Tell the user something that does not stop the job."""
        self._monitor.warn(text)


def _annotated(product: Any, note: str) -> Product:
    """Return a product whose account says who analysed it, where it does not say so itself."""
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
    """Return a product with the history of all its parts; sources in the order of the question."""
    if isinstance(product, SkyImage) and isinstance(query, ImageQuery):
        catalog = _listed(product.catalog, query)
        return replace(product, catalog=catalog, provenance=provenance)
    variable = "spectrum = spectra" if product_of(query).endswith("spectrum") else "curve = curves"
    asked = [name for name in query.catalog.names if name in product]
    names = [*asked, *(name for name in product if name not in asked)]
    return BySource(
        tuple(
            replace(product[name], provenance=provenance.then(f"{variable}[{name!r}]"))
            for name in names
        )
    )


def _listed(catalog: SourceCatalog, query: ImageQuery) -> SourceCatalog:
    """Return the sources above the threshold, and those that were asked for."""
    asked = {*query.catalog.names, query.source.name if query.source else ""}
    return SourceCatalog.of(
        source
        for source in catalog
        if source.name in asked or source.significance >= query.detection_threshold
    )
