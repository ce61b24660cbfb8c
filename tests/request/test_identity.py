"""One identity per question."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.identity import identity
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.source import Source

WINDOW = ("066500220010.001",)


def about(ra: float = 83.63, **fields: object) -> ImageQuery:
    settings = {"science_windows": WINDOW, "energy": EnergyBand(20, 40)} | fields
    return ImageQuery(source=Source("Crab", ra, 22.01), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (about(83.63), about(36.83)),
        (about(science_windows=("066500220010",)), about(science_windows=("066500210020",))),
        (about(energy=EnergyBand(25, 52)), about(energy=EnergyBand(22, 55))),
        (about(intervals=(3000.5, 3000.75)), about(intervals=(3000.25, 3000.75))),
    ],
    ids=["right ascension", "science window", "energy", "interval"],
)
def test_anagrams_are_different_questions(one: ImageQuery, other: ImageQuery) -> None:
    """ODA's dispatcher sorts the characters of a question before it hashes them."""
    assert one.identity != other.identity


def test_swapped_fields_are_different_questions() -> None:
    catalog = SourceCatalog.of([CatalogSource("A", 10.0, 20.0)])
    swapped = SourceCatalog.of([CatalogSource("A", 20.0, 10.0)])
    ask = SpectrumQuery(science_windows=WINDOW, catalog=catalog)
    assert ask.identity != SpectrumQuery(science_windows=WINDOW, catalog=swapped).identity
    assert ask.identity != LightCurveQuery(science_windows=WINDOW, catalog=catalog).identity


def test_spelling_is_not_part_of_a_question() -> None:
    written = about(energy=(20, 40.0))
    assert written.identity == about(energy=EnergyBand(2e1, 40)).identity
    assert written.identity == about(energy=("20", "4e1")).identity


def test_a_threshold_is_a_matter_of_viewing() -> None:
    assert about(detection_threshold=7).identity == about(detection_threshold=12).identity


def test_measured_values_of_a_source_are_no_part_of_the_identity() -> None:
    bare, measured = CatalogSource("A", 1.0, 2.0), CatalogSource("A", 1.0, 2.0, significance=9.0)
    asked = [
        SpectrumQuery(science_windows=WINDOW, catalog=SourceCatalog.of([source]))
        for source in (bare, measured)
    ]
    assert asked[0].identity == asked[1].identity


values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@given(values, values)
def test_equal_values_and_only_they_share_an_identity(one: object, other: object) -> None:
    assume(repr(one) != repr(other))
    same = repr(_plain(one)) == repr(_plain(other))
    assert (identity(one) == identity(other)) == same


def _plain(value: object) -> object:
    """Return a value with what does not matter removed: order of keys, the sign of zero."""
    if isinstance(value, dict):
        return ("map", sorted((key, repr(_plain(item))) for key, item in value.items()))
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value


def test_values_without_a_canonical_form_are_refused() -> None:
    with pytest.raises(TypeError, match="object has no canonical form"):
        identity(object())
