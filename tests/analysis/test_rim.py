"""What is at the rim of the field of view: numbers that mean something, or none and the reason."""

from __future__ import annotations

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.backend.site import IncompleteProduct

WINDOW = "134200120010.001"  # 1A 0535+262 is where no pixel sees it through the mask
OUTSIDE = "1A 0535+262"
REASON = rf"{OUTSIDE[:2]}.* is left out: .*coding fraction 0; 0\.005 is needed"


@pytest.fixture(scope="module")
def site() -> oda.Site:
    """Give the simulated mission."""
    return oda.connect(archive="simulated", executor="none")


@pytest.fixture(scope="module")
def both(site: oda.Site) -> oda.SourceCatalog:
    """Give a source in the field and one outside."""
    return oda.SourceCatalog.of([site.resolve("Crab"), site.resolve(OUTSIDE)])


def test_an_image_leaves_out_its_target_and_says_so(site: oda.Site) -> None:
    with pytest.warns(IncompleteProduct, match=REASON):
        image = site.image(OUTSIDE, [WINDOW], energy=(20, 42))
    assert OUTSIDE not in image.catalog
    assert OUTSIDE in image.observation.sources_note
    assert all(0 < s.flux_error < s.flux < 1000 for s in image.catalog)


def test_spectra_and_light_curves_leave_it_out_too(site: oda.Site, both: oda.SourceCatalog) -> None:
    with pytest.warns(IncompleteProduct, match=REASON):
        spectra = site.spectra([WINDOW], catalog=both)
    with pytest.warns(IncompleteProduct, match=REASON):
        curves = site.light_curves([WINDOW], catalog=both, energy=(20, 40), time_bin=1000)
    assert list(spectra) == list(curves) == ["Crab"]
    assert np.all(curves["Crab"].error > 0)
    for product in (spectra["Crab"], curves["Crab"]):
        assert OUTSIDE in product.observation.sources_note


def test_windows_that_measure_no_source_are_skipped(site: oda.Site) -> None:
    catalog, seen = [OUTSIDE], "134200110010.001"
    with pytest.warns(IncompleteProduct, match=f"{WINDOW} was skipped: none of the sources"):
        curves = site.light_curves([WINDOW, seen], catalog=catalog, energy=(20, 40), time_bin=1000)
    assert curves[OUTSIDE].observation.science_windows == (seen,)
    with pytest.raises(oda.OdaError, match="outside the field of view of ISGRI"):
        site.light_curves([WINDOW], catalog=catalog, energy=(20, 40), time_bin=1000)
