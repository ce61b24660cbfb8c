"""Failures that are stored as results, because the same data would fail again."""

from __future__ import annotations

from collections.abc import Mapping

from oda_widgets.errors import DamagedFile, DataError, EmptySelection

_LASTING: dict[str, type[DataError]] = {
    "DamagedFile": DamagedFile,
    "EmptySelection": EmptySelection,
}


def is_lasting(error: DataError) -> bool:
    """Return whether a failure is due to the data and would occur again.

    Errors of the disk and lack of memory are temporary.
    """
    passing = isinstance(error.__context__, OSError | MemoryError)
    return type(error) in _LASTING.values() and not passing


def failure_facts(error: DataError) -> dict[str, str]:
    """Return a failure as plain values for the store."""
    return {"error": type(error).__name__, "problem": error.problem, "advice": error.advice}


def failure_of(facts: Mapping[str, str]) -> DataError:
    """Return a failure from the values in the store."""
    return _LASTING[facts["error"]](facts["problem"], facts["advice"])
