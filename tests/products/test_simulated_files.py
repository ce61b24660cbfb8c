"""No file of simulated data can be taken for one of real data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from tests.products.examples import OBSERVATION, make_image, make_light_curve, make_spectrum

SIMULATED = replace(OBSERVATION, simulated=True)


def made(make: Any, observation: Any) -> Any:
    return replace(make(), observation=observation)


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz", ".ecsv", ".csv", ".vot", ".xml"])
def test_a_catalogue_of_simulated_sources_says_so_and_is_read_as_such(
    tmp_path: Path, suffix: str
) -> None:
    for observation in (SIMULATED, OBSERVATION):
        catalog = made(make_image, observation).catalog
        path = tmp_path / f"catalogue_{observation.simulated}{suffix}"
        catalog.save(path)
        assert oda.SourceCatalog.read(path).simulated is observation.simulated
        if suffix not in {".fits", ".fits.gz"}:
            assert ("SIMULATE" in path.read_text().upper()) is observation.simulated


def test_tables_name_source_instrument_and_band_and_say_whether_they_are_simulated() -> None:
    for observation in (SIMULATED, OBSERVATION):
        curve = replace(make_light_curve(400, 1.0), observation=observation)
        flat, flare = np.full(400, 30.0), np.arange(400) == 150
        flaring = replace(curve, rate=np.where(flare, 300.0, flat), error=flat / 10)
        for table in (curve.table, flaring.bursts().table):
            assert len(table)
            assert table.meta["OBJECT"] == "Crab"
            assert table.meta["INSTRUME"] == "ISGRI"
            assert (table.meta["E_MIN"], table.meta["E_MAX"]) == (28, 80)
            assert table.meta["SIMULATE"] is observation.simulated


@pytest.mark.parametrize("simulated", [True, False])
def test_lists_of_science_windows_say_that_some_are_simulated(*, simulated: bool) -> None:
    window = ScienceWindow(
        "255900280010.001", 8320.6, 8320.7, 1.0, 2.0, 3.0, 4.0, 3000.0, simulated=simulated
    )
    table = ScienceWindowList((window,), 1, "an archive").table
    assert table.meta.get("SIMULATE", False) is simulated


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
