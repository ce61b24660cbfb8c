"""The search for garbage is paused while nodes are made, and does not look at them afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from oda_widgets.analysis.garbage import uncollected


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    """Search all objects, also those that the suite has set aside, as often as Python does."""
    frozen, threshold = gc.get_freeze_count(), gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*threshold)
    if frozen:
        gc.freeze()


def paused() -> None:
    with uncollected():
        assert not gc.isenabled()
        message = "on purpose"
        raise ValueError(message)


def test_the_search_goes_on_afterwards() -> None:
    with pytest.raises(ValueError, match="on purpose"):
        paused()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_was_made_is_not_searched_at_once() -> None:
    searched: list[int] = []

    def begun(phase: str, facts: dict[str, int]) -> None:
        if phase == "start" and facts["generation"] < 2:
            searched.append(len(gc.get_objects(0)))

    with uncollected():
        kept = [[number] for number in range(200_000)]
        gc.callbacks.append(begun)
    try:
        more = [[number] for number in range(2_000)]
    finally:
        gc.callbacks.remove(begun)
    assert len(kept) + len(more) == 202_000
    assert searched
    assert max(searched) < 100_000


def test_what_others_have_frozen_stays_so() -> None:
    gc.freeze()
    try:
        with uncollected():
            kept = [[number] for number in range(200_000)]
        assert gc.get_freeze_count() > 0
        assert len(kept) == 200_000
    finally:
        gc.unfreeze()


def test_a_few_objects_are_left_to_the_usual_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """To count what others have frozen takes as long as to search it."""
    monkeypatch.setattr(gc, "get_freeze_count", pytest.fail)
    with uncollected():
        kept = [[number] for number in range(100)]
    assert len(kept) == 100
    assert gc.isenabled()
