"""What windows are cleaned of again."""

from __future__ import annotations

from dataclasses import replace

from oda_widgets.analysis.cleaning_places import cleaning_places, is_settled, is_worth_cleaning
from oda_widgets.request.catalog_source import CatalogSource

CRAB = CatalogSource("Crab", 83.64, 22.02, significance=50.0)
NEW = CatalogSource("NEW_1", 80.0, 20.0, significance=9.0, new=True)
WEAK = CatalogSource("1A 0535+262", 84.7, 26.3, significance=3.0)


def moved(source: CatalogSource, degrees: float) -> CatalogSource:
    return replace(source, dec=source.dec + degrees)


def test_known_sources_are_cleaned_where_the_catalogue_has_them() -> None:
    (place,) = cleaning_places([CRAB, WEAK], [])
    assert (place.name, round(place.ra, 3), round(place.dec, 3)) == ("Crab", 83.633, 22.014)


def test_what_is_asked_for_is_cleaned_where_it_was_asked_for() -> None:
    asked = CatalogSource("Crab", 83.7, 22.1)
    assert cleaning_places([CRAB, NEW], [asked, WEAK]) == (WEAK, asked, NEW)


def test_known_sources_that_overlap_with_others_are_cleaned_beside_them() -> None:
    centre = CatalogSource("1E 1743.1-2843", 266.58, -28.735, significance=9.0)
    names = [source.name for source in cleaning_places([centre], [])]
    assert {"1E 1743.1-2843", "IGR J17461-2853"} <= set(names)
    assert len(names) == len(set(names))


def test_a_window_with_all_sources_in_its_fit_is_not_cleaned_again() -> None:
    window_new = moved(replace(NEW, name="NEW"), 0.3 / 60)
    assert is_settled([CRAB, window_new], [CRAB, NEW])
    assert not is_settled([CRAB], [CRAB, NEW])
    assert not is_settled([window_new], [CRAB, NEW])


def test_a_new_source_that_only_one_window_has_is_cleaned_away() -> None:
    assert not is_settled([CRAB, replace(NEW, name="NEW")], [CRAB])


def test_windows_are_cleaned_once_more_only_of_what_leaves_ghosts() -> None:
    assert is_worth_cleaning([WEAK], [])
    assert is_worth_cleaning([CRAB, NEW], [CRAB])
    assert not is_worth_cleaning([CRAB, moved(NEW, 0.001)], [CRAB, NEW])
    assert not is_worth_cleaning([CRAB, replace(NEW, significance=6.0)], [CRAB])
