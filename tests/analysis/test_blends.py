"""Sources that share their light with others."""

from __future__ import annotations

from oda_widgets.analysis.blends import known_beside
from oda_widgets.analysis.field_of_view import sources_to_fit
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.request.catalog_source import CatalogSource

FAINT = CatalogSource("IGR J17461-2853", 266.526, -28.882)
OWN = CatalogSource("mine", 266.58, -28.735)  # the place of 1E 1743.1-2843, 9.8 arcmin away


def names(sources: tuple[CatalogSource, ...]) -> set[str]:
    return {source.name for source in sources}


def test_known_sources_whose_peaks_overlap_share_the_fit() -> None:
    beside = names(known_beside([FAINT]))
    assert "1E 1743.1-2843" in beside
    assert "1E 1740.7-2942" not in beside  # a degree away
    assert FAINT.name not in beside


def test_a_place_that_is_asked_for_takes_that_of_a_known_source() -> None:
    assert "1E 1743.1-2843" not in names(known_beside([FAINT, OWN]))


def test_a_lonely_source_has_nothing_beside_it() -> None:
    assert known_beside([CatalogSource("Crab", 83.633, 22.014)]) == ()


def test_the_catalogue_is_searched_once_for_all_windows_of_a_query() -> None:
    assert known_beside((FAINT, OWN)) is known_beside([FAINT, OWN])


def test_sources_beside_are_fitted_and_not_measured() -> None:
    measured, beside = sources_to_fit(Pointing(266.5, -28.9, 266.5, 61.1), [FAINT])
    assert measured == (FAINT,)
    assert "1E 1743.1-2843" in names(beside)
