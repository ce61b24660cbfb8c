"""No file of simulated data can be taken for one of real data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

import oda_widgets as oda
from tests.products.examples import OBSERVATION, make_image, make_light_curve, make_spectrum

SIMULATED = replace(OBSERVATION, simulated=True)


def made(make: Any, observation: Any) -> Any:
    return replace(make(), observation=observation)


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz", ".ecsv", ".vot", ".xml"])
def test_a_catalogue_of_simulated_sources_says_so_and_is_read_as_such(
    tmp_path: Path, suffix: str
) -> None:
    for observation in (SIMULATED, OBSERVATION):
        catalog = made(make_image, observation).catalog
        path = tmp_path / f"catalogue_{observation.simulated}{suffix}"
        catalog.save(path)
        assert oda.SourceCatalog.read(path).simulated is observation.simulated
        if suffix not in {".fits", ".fits.gz"}:
            assert ("SIMULATE" in path.read_text()) is observation.simulated


def test_regions_of_simulated_sources_say_so(tmp_path: Path) -> None:
    made(make_image, SIMULATED).catalog.save(tmp_path / "catalogue.reg")
    assert "# SIMULATED DATA" in (tmp_path / "catalogue.reg").read_text()


@pytest.mark.parametrize("make", [make_image, make_light_curve, make_spectrum])
def test_each_file_of_a_simulated_product_says_so(tmp_path: Path, make: Any) -> None:
    made(make, SIMULATED).write(tmp_path / "product.fits")
    for path in tmp_path.iterdir():
        header = fits.getheader(path)
        assert header["SIMULATE"] is True, path.name
        assert "SIMULATED DATA" in str(header["COMMENT"])


def test_a_response_of_simulated_data_is_read_as_such(tmp_path: Path) -> None:
    response = made(make_spectrum, SIMULATED).response
    response.write(tmp_path / "isgri.fits")
    assert oda.Response.read(tmp_path / "isgri.fits").simulated


def test_sources_stay_simulated_whatever_is_chosen_from_them() -> None:
    catalog = made(make_image, SIMULATED).catalog
    changed = catalog.drop_new().brighter_than(1).update("Crab", selected=False)
    assert changed.deduplicate().add(make_image().catalog["NEW_1"]).simulated


def test_a_query_is_the_same_with_simulated_sources() -> None:
    windows = ["255900280010.001"]
    queries = {
        oda.SpectrumQuery(science_windows=windows, catalog=made(make_image, observation).catalog)
        for observation in (SIMULATED, OBSERVATION)
    }
    assert len(queries) == 1
    assert len({query.identity for query in queries}) == 1
