"""One list of sources from those of several windows."""

from __future__ import annotations

from oda_widgets.analysis.merge_catalogs import merged, numbered
from tests.analysis.test_mosaic_sources import SOURCE, source

FAR = (90.0, 22.0)


def test_new_sources_are_numbered_by_significance() -> None:
    sources = [source("NEW", 6.0), source("Crab", 50.0), source("NEW", 9.0, FAR)]
    assert [(s.name, s.significance) for s in numbered(sources)] == [
        ("Crab", 50.0),
        ("NEW_1", 9.0),
        ("NEW_2", 6.0),
    ]


def test_a_number_that_was_asked_for_is_not_given_again() -> None:
    sources = [source("NEW_1", 6.0), source("NEW", 9.0, FAR)]
    assert [s.name for s in numbered(sources)] == ["NEW_2", "NEW_1"]


def test_sources_without_significance_come_after_those_with_one() -> None:
    sources = [source("A", float("nan")), source("NEW", 5.0), source("NEW", float("nan"), FAR)]
    assert [s.name for s in numbered(sources)] == ["NEW_1", "A", "NEW_2"]


def test_two_sources_of_one_window_stay_two() -> None:
    beside = (SOURCE[0] + 0.05, SOURCE[1])
    assert len(merged([[source("NEW", 6.0), source("NEW", 6.0, beside)]])) == 2


def test_a_source_new_in_one_window_takes_its_name_from_another() -> None:
    (whole,) = merged([[source("NEW", 8.0)], [source("Crab", 6.0)]])
    assert {number: found.name for number, found in whole.found.items()} == {0: "NEW", 1: "Crab"}


def test_new_sources_apart_are_two() -> None:
    assert len(merged([[source("NEW", 8.0)], [source("NEW", 8.0, FAR)]])) == 2
