"""The work that a question means: one task per science window, and one that adds them up."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.provenance.node import Task


@dataclass(frozen=True)
class Work:
    """The tasks of a question.

    Parameters
    ----------
    parts
        One per science window, in order of time.
    whole
        Its result is the answer; it may be the only part.
    between
        Tasks that prepare the parts for the whole, if there are any.
    """

    parts: tuple[Task, ...]
    whole: Task
    between: tuple[Task, ...] = ()
