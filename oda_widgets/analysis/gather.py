"""The loop over the science windows of a query, for mosaics, spectra and light curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from oda_widgets.errors import DataError, EmptySelection
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.science_windows import SkippedWindow

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis
    from oda_widgets.analysis.session import Session


def gather(
    add: Callable[[Payload], None], analysis: Analysis, tasks: Sequence[Task], session: Session
) -> dict[str, Any]:
    """Add up the results of the science windows that have one, in order of time.

    Parameters
    ----------
    add
        Called with each result; only one is in memory at a time.
    analysis
        The query and its windows.
    tasks
        One per window.

    Returns
    -------
    facts
        ``"accounts"`` of the windows used, and the ``"skipped"`` windows with reasons.

    Raises
    ------
    DamagedFile
        If no window can be used.
    BadParameter
        If none has good time in the intervals of the query.
    """
    accounts: list[dict[str, Any]] = []
    skipped: list[SkippedWindow] = []
    for window, task in session.schedule(session, analysis.windows, tasks):
        try:
            result = session.result(task)
        except EmptySelection:
            continue
        except DataError as error:
            if len(analysis.query.science_windows) == 1:
                raise
            skipped.append(SkippedWindow(window.id, error.problem))
            continue
        add(result)
        accounts += result.facts["accounts"]
    if not accounts:
        raise analysis.nothing_left(skipped)
    return {"accounts": accounts, "skipped": [asdict(window) for window in skipped]}
