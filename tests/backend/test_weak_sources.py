"""Known sources below the threshold of the search are listed when they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.backend.finish import finish
from oda_widgets.lookup.reference_catalog import sources_within
from oda_widgets.server.dummy_products import dummy_product

WINDOW = ("066500220010.001",)
KNOWN = next(s for s in sources_within(83.633, 22.014, 7.0) if s.name != "Crab")


def image_with(significance: float, ra: float, dec: float, seed: int = 1) -> Any:
    """Return a noisy image around the Crab with one pixel of some significance."""
    image: Any = dummy_product("isgri_image")
    values = np.random.default_rng(seed).normal(size=image.shape).clip(-2.5, 2.5)
    column, row = np.rint(image.wcs.wcs_world2pix([[ra, dec]], 0)[0]).astype(int)
    values[row, column] = significance
    maps = values.astype(np.float32)
    return replace(image, intensity=2 * maps, variance=np.full_like(maps, 4.0), significance=maps)


def names(image: Any, threshold: float, **words: Any) -> tuple[str, ...]:
    query = oda.ImageQuery(science_windows=WINDOW, detection_threshold=threshold, **words)
    finished: Any = finish(image, query)
    found: tuple[str, ...] = finished.catalog.names
    return found


def test_a_known_source_of_four_sigma_is_listed_from_three_on() -> None:
    image = image_with(4.0, KNOWN.ra, KNOWN.dec)
    assert names(image, 5) == ("Crab",)
    assert names(image, 4.5) == ("Crab",)
    assert names(image, 3) == ("Crab", KNOWN.name)
    query = oda.ImageQuery(science_windows=WINDOW, detection_threshold=3)
    finished: Any = finish(image, query)
    weak = finished.catalog[KNOWN.name]
    assert (weak.significance, weak.flux, weak.flux_error) == (4.0, 8.0, 2.0)
    assert not weak.new


def test_a_peak_where_no_source_is_known_is_not_listed() -> None:
    assert names(image_with(4.9, 83.0, 17.0), 3) == ("Crab",)


def test_a_known_source_beside_a_bright_one_is_not_measured_in_its_peak() -> None:
    image = image_with(4.0, KNOWN.ra, KNOWN.dec)
    near = oda.CatalogSource("NEW_1", KNOWN.ra, KNOWN.dec + 0.2, significance=50.0)
    image = replace(image, catalog=oda.SourceCatalog.of([near]))
    assert names(image, 3) == ("NEW_1",)


def test_a_threshold_below_three_is_refused_with_the_limit() -> None:
    with pytest.raises(oda.OdaError, match=r"detection_threshold=2.5.*3"):
        oda.ImageQuery(science_windows=WINDOW, detection_threshold=2.5)
