"""Failures that are results: the same data would fail the same way again."""

from __future__ import annotations

from collections.abc import Mapping

from oda_widgets.errors import DamagedFile, DataError, EmptySelection

_LASTING: dict[str, type[DataError]] = {
    "DamagedFile": DamagedFile,
    "EmptySelection": EmptySelection,
}


def is_lasting(error: DataError) -> bool:
    """Tell whether a failure lies in the data, and not in the machine of the moment.

    An error of the disk, or a lack of memory, is not.
    """
    passing = isinstance(error.__context__, OSError | MemoryError)
    return type(error) in _LASTING.values() and not passing


def failure_facts(error: DataError) -> dict[str, str]:
    """Return a failure as the store writes it."""
    return {"error": type(error).__name__, "problem": error.problem, "advice": error.advice}


def failure_of(facts: Mapping[str, str]) -> DataError:
    """Return a failure as it was raised."""
    return _LASTING[facts["error"]](facts["problem"], facts["advice"])
