"""The tasks of any query, and the product made from their result."""

from __future__ import annotations

from dataclasses import replace

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.labels import labels_of
from oda_widgets.analysis.makers import maker_of
from oda_widgets.analysis.observation import observation_of, warnings_of
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.session import Session
from oda_widgets.analysis.source_notes import SourceNotes
from oda_widgets.errors import BadParameter, DataError, EmptySelection
from oda_widgets.products.answer import Product
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedQuery
from oda_widgets.request.science_windows import SkippedWindow


def tasks_of(analysis: Analysis) -> Tasks:
    """Return the tasks of a query.

    Raises
    ------
    BadParameter
        If the science windows do not see the sources of the query.
    """
    labels = labels_of(analysis.query)
    try:
        plain = replace(analysis, query=labels.plain(analysis.query))
        return maker_of(plain.query).tasks(plain.query, plain)
    except BadParameter as error:
        raise labels.on_error(error) from None


def make_product(analysis: Analysis, session: Session) -> Product:
    """Return the product of a query, computing only results missing from the store."""
    tasks = tasks_of(analysis)
    result = labels_of(analysis.query).on(_result(analysis, tasks, session))
    accounts = accounts_of(result.facts)
    notes = SourceNotes.of(analysis, result, accounts)
    for text in warnings_of(analysis, result, accounts, notes):
        session.monitor.warn(text)
    query, observation = analysis.query, observation_of(analysis, result, accounts, notes)
    provenance = Provenance(
        nodes=session.run.steps(tasks.whole.node),
        question=query.identity,
        archive=analysis.archive.name,
        repeat=RepeatedQuery(query, analysis.archive.address, analysis.archive.energies),
        energies=observation.energies_note,
    )
    return maker_of(query).product(query, result, observation, provenance)


def _result(analysis: Analysis, tasks: Tasks, session: Session) -> Payload:
    """Return the result of the last task, which may be the task of the only window.

    Raises
    ------
    DamagedFile
        If no window can be used.
    BadParameter
        If none has good time in the intervals of the query.
    """
    try:
        return session.result(tasks.whole)
    except EmptySelection:
        raise analysis.nothing_left(()) from None
    except DataError as error:
        if len(analysis.query.science_windows) == 1 or len(analysis.windows) > 1:
            raise
        skipped = SkippedWindow(analysis.windows[0].id, error.problem)
        raise analysis.nothing_left([skipped]) from None
