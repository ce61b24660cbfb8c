"""Our client gets from the real dispatcher what oda_api gets, to the last bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.backend.job import JobStatus
from oda_widgets.errors import IncompleteProduct, JobError
from oda_widgets.protocol.product_reader import read_hdu_products
from oda_widgets.protocol.reply import read_reply
from tests.patience import PATIENCE
from tests.servers.real_dispatcher import OdaApi

WINDOWS = ("066500220010.001", "066500230010.001")
CATALOG = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])
PRODUCTS = [
    "isgri_image",
    "isgri_spectrum",
    "isgri_lc",
    "jemx_image",
    "jemx_spectrum",
    "jemx_lc",
]
DECODE = """
import json, sys
import numpy as np
from oda_api.api import DataCollection
answer = json.load(open(sys.argv[1]))
found = DataCollection.from_response_json(answer, "isgri", sys.argv[2])
arrays, units = {}, []
for number, product in enumerate(p for p in found._p_list if hasattr(p, "data_unit")):
    units.append([u.name for u in product.data_unit])
    for place, unit in enumerate(product.data_unit):
        if unit.data is None:
            continue
        key = f"{number}/{place}"
        if unit.data.dtype.names is None:
            arrays[key] = np.asarray(unit.data)
            continue
        for name in unit.data.dtype.names:
            column = unit.data[name]
            if column.dtype == object:
                column = np.array([np.asarray(cell) for cell in column])
            arrays[f"{key}/{name}"] = np.asarray(column)
np.savez(sys.argv[3], **arrays)
print(json.dumps([units, list(found.dispatcher_catalog_1.table["src_names"])
                  if "image" in sys.argv[2] else []]))
"""


@pytest.mark.parametrize("product", PRODUCTS)
def test_products_are_decoded_as_oda_api_does_to_the_last_bit(
    product: str, real_dispatcher: str, oda_api: OdaApi, tmp_path: Path
) -> None:
    answer = tmp_path / "answer.json"
    answer.write_bytes(_dummy(real_dispatcher, product))
    theirs = tmp_path / "theirs.npz"
    units, names = oda_api.run(DECODE, str(answer), product, str(theirs), folder=tmp_path)
    products = read_reply(answer.read_bytes()).products
    ours = read_hdu_products(products)
    assert [[hdu.name for hdu in p.hdus] for p in ours] == units
    if product.endswith("image"):
        assert products["catalog"]["cat_column_list"][1] == names
    compared = 0
    with np.load(theirs) as arrays:
        for key in arrays.files:
            number, place, *column = key.split("/")
            data: Any = ours[int(number)].hdus[int(place)].data
            found = data[column[0]] if column else data
            if getattr(found, "dtype", None) == np.dtype(object):
                found = np.array([np.asarray(cell) for cell in found])
            expected = arrays[key]
            found = np.asarray(found)
            native = [array.dtype.newbyteorder("=") for array in (found, expected)]
            assert (found.shape, native[0]) == (expected.shape, native[1]), key
            assert found.astype(native[0]).tobytes() == expected.astype(native[1]).tobytes(), key
            compared += 1
    assert compared >= 4


@pytest.fixture(scope="module")
def site(real_dispatcher: str) -> oda.Site:
    return oda.connect(real_dispatcher, token="")


def test_an_image_comes_with_progress_and_is_kept(site: oda.Site) -> None:
    query = oda.ImageQuery(
        science_windows=WINDOWS[:1],
        energy=(20, 40),  # type: ignore[arg-type]
        source=site.resolve("Crab"),
        detection_threshold=7,
    )
    job = site.submit(query)
    steps = []
    job.listen(lambda told: steps.append(told.progress.step))
    image = job.result(timeout=PATIENCE)
    assert isinstance(image, oda.SkyImage)
    assert image.catalog.names == ("Crab", "1A 0535+262")
    assert "OSA10.2" in image.observation.dead_time_note
    assert any(" of 0665002" in step for step in steps)  # which step of which window
    assert str(site.plan(query)) == "1 window, 1 in the store, less than 1 s"
    again = site.submit(replace(query, detection_threshold=20))
    assert again.wait(PATIENCE)
    assert again.result().catalog.names == ("Crab",)  # type: ignore[union-attr]
    assert again.result().provenance.nodes[-1].from_store  # type: ignore[union-attr]


def test_spectra_and_light_curves_come_by_source(site: oda.Site) -> None:
    spectra = site.spectra(WINDOWS, catalog=CATALOG)
    assert spectra["Crab"].source.ra == 83.633
    assert spectra["Crab"].response.redistribution.shape == (20, 13)
    curves = site.light_curves(WINDOWS, catalog=CATALOG, energy=(20, 40), time_bin=1000)
    assert len(curves["Crab"]) == 20
    assert "site.light_curves" in curves["Crab"].code()


@pytest.mark.parametrize("name", ["jemx1", "jemx2"])
def test_products_of_jem_x_are_typed(site: oda.Site, name: str) -> None:
    """None of them needs a response, a name or a column that the server does not send."""
    query = oda.ImageQuery(science_windows=WINDOWS, instrument=name, detection_threshold=7)
    image: Any = site.submit(query).result(60)
    assert image.observation.instrument == name
    assert image.catalog.names == ("Crab", "1A 0535+262")
    spectrum = site.spectra(WINDOWS, catalog=CATALOG, instrument=name)["Crab"]
    assert spectrum.response.redistribution.shape[1] == len(spectrum.rate)
    assert spectrum.fit("powerlaw", energy=(3, 20)).dof > 0
    curve = site.light_curves(WINDOWS, catalog=CATALOG, instrument=name)["Crab"]
    assert curve.observation.instrument == name
    assert (curve.source.name, len(curve) > 10) == ("Crab", True)


def test_a_source_for_which_nothing_came_is_named(site: oda.Site) -> None:
    catalog = CATALOG.add(oda.CatalogSource("1A 0535+262", 84.727, 26.316))
    with pytest.warns(IncompleteProduct, match=r"sent nothing for 1A 0535\+262"):
        site.spectra(WINDOWS, catalog=catalog, instrument="jemx1")


def test_both_units_are_asked_at_the_same_time(site: oda.Site) -> None:
    told: list[str] = []
    jobs = []
    for name in ("jemx1", "jemx2"):
        query = oda.LightCurveQuery(
            science_windows=WINDOWS, catalog=CATALOG, instrument=name, time_bin=200
        )
        jobs.append(site.submit(query))
        jobs[-1].listen(lambda _, name=name: told.append(name))
    products: list[Any] = [job.result(60) for job in jobs]
    assert [found["Crab"].observation.instrument for found in products] == ["jemx1", "jemx2"]
    assert told.index("jemx2") < len(told) - 1 - told[::-1].index("jemx1")


def test_more_windows_than_a_dispatcher_takes_are_asked_in_parts(site: oda.Site) -> None:
    windows = tuple(f"0665{number:04d}0010.001" for number in range(1, 53))
    query = oda.LightCurveQuery(science_windows=windows, catalog=CATALOG, time_bin=1000)
    job = site.submit(query)
    other = site.submit(replace(query, science_windows=WINDOWS))  # is not kept waiting
    assert len(other.result(60)["Crab"]) == 20  # type: ignore[arg-type, index]
    curve: Any = job.result(120)["Crab"]  # type: ignore[index]
    assert len(curve) == 40
    assert curve.observation.science_windows == windows
    assert [step.name for step in curve.provenance.nodes] == ["isgri_lc", "isgri_lc", "combined"]


def test_a_failed_job_says_why_and_is_not_kept(site: oda.Site) -> None:
    query = oda.LightCurveQuery(science_windows=("000100990010.001",), catalog=CATALOG)
    failing = oda.LightCurveQuery(science_windows=("999999990010.001",), catalog=CATALOG)
    job = oda.connect(site.name.split()[-1], token="", osa_version="OSA10.2").submit(failing)
    assert job.wait(PATIENCE)
    assert job.status == JobStatus.FAILED
    assert isinstance(job.error, JobError)
    assert str(site.plan(query)).startswith("1 window, 0 in the store")


def _dummy(address: str, product: str) -> bytes:
    instrument = product.split("_", maxsplit=1)[0]
    parameters = {
        "instrument": instrument,
        "product_type": product,
        "query_type": "Dummy",
        "query_status": "new",
        "session_id": "ABCDEFGHIJKLMNOP",
        "api": "True",
        "osa_version": "OSA11.2",
        "E1_keV": "20.0" if instrument == "isgri" else "3.0",
        "E2_keV": "40.0" if instrument == "isgri" else "20.0",
    }
    answer = httpx.get(f"{address}/run_analysis", params=parameters, timeout=PATIENCE)
    assert json.loads(answer.content)["query_status"] == "done"
    return answer.content
