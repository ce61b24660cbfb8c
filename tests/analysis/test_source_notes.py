"""Notes on the sources of a product: only on those that it lists."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.analysis.source_notes import _fitted_as_one
from oda_widgets.lookup.reference_catalog import reference_catalog

BLENDED = "AX J1745.6-2900"


def notes(significance: float, **query: Any) -> str:
    """Return what is said of an image that measured a source at the place of others."""
    (known,) = (source for source in reference_catalog() if source.name == BLENDED)
    found = oda.CatalogSource(BLENDED, known.ra, known.dec, significance=significance)
    asked = oda.ImageQuery(science_windows="255900280010.001", **query)
    result = SimpleNamespace(facts={"sources": [asdict(found)]})
    analysis: Any = SimpleNamespace(query=asked)
    return " ".join(_fitted_as_one(analysis, result))  # type: ignore[arg-type]  # all that is read


@pytest.mark.parametrize(("significance", "told"), [(5.9, False), (6.1, True)])
def test_what_holds_the_flux_of_others_is_told_of_sources_above_the_threshold(
    significance: float, *, told: bool
) -> None:
    assert ("The flux of AX J1745.6-2900 includes that of" in notes(significance)) is told
    assert ("1A 1742-289" in notes(significance)) is told


def test_a_source_that_is_named_is_listed_and_told_whatever_its_significance() -> None:
    named = oda.SourceCatalog.of([oda.CatalogSource(BLENDED, 266.4, -29.0)])
    assert "includes that of" in notes(1.0, catalog=named)
