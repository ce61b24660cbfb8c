"""Products carry their history: its graph, its standard form, its citation, its script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits
from prov.model import ProvActivity, ProvDocument, ProvEntity

import oda_widgets as oda
from oda_widgets.errors import DataError
from tests.analysis.compare import same

MAGNETAR = "SGR 1935+2154"
BURST = ("2022-10-12T15:20:27", "2022-10-12T15:20:40")
CATALOG = oda.SourceCatalog.of(
    [oda.CatalogSource("One", 83.501, 20.717), oda.CatalogSource("Other", 79.0, 24.0)]
)


@pytest.fixture(scope="module")
def made(sample_site: oda.Site) -> oda.SkyImage:
    return sample_site.image(MAGNETAR, energy=(28, 150), intervals=[BURST])


@pytest.fixture(scope="module")
def mosaic(three_windows: Path) -> oda.SkyImage:
    return oda.connect(archive=three_windows).image(energy=(28, 80))


def test_it_names_the_steps_as_ddosa_does(mosaic: oda.SkyImage) -> None:
    record = record_of(mosaic)
    names = [step.name for step in record.nodes]
    read = ["ScWData", "ISGRIEvents", "isgri_efficiency", "ISGRICounts"]
    assert names[:7] == [*read, "ISGRIRefCat", "CatExtract", "ii_skyimage"]
    assert names[-1] == "mosaic_ii_skyimage"
    footprints = [record[node] for node in record.graph[record.id]]
    names = ["mosaic_footprint"] * 3 + ["cleaned_footprint"] * 3
    assert [step.name for step in footprints] == names
    assert [record[step.inputs[0]].name for step in footprints] == ["ii_skyimage"] * 6
    assert all(source in record.graph for inputs in record.graph.values() for source in inputs)


def test_it_says_how_long_each_step_took(mosaic: oda.SkyImage) -> None:
    record = record_of(mosaic)
    computed = [step for step in record.nodes if step.computed]
    assert [step.name for step in computed] == [
        *["ISGRICounts", "ii_skyimage", "mosaic_footprint"] * 3,
        *["cleaned_footprint"] * 3,
        "mosaic_ii_skyimage",
    ]
    assert all((step.seconds or 0) > 0 for step in computed)
    assert record.seconds == sum(step.seconds or 0 for step in computed)


@pytest.mark.parametrize("product", ["made", "mosaic"])
def test_its_prov_json_is_read_by_the_peer(product: str, request: pytest.FixtureRequest) -> None:
    record = record_of(request.getfixturevalue(product))
    document = ProvDocument.deserialize(content=record.prov_json(), format="json")
    entities = list(document.get_records(ProvEntity))
    activities = list(document.get_records(ProvActivity))
    assert len(entities) == len(record.nodes)
    assert len(activities) == sum(step.computed for step in record.nodes)
    assert record.id in {entity.identifier.localpart for entity in entities}
    assert json.loads(document.serialize(format="json"))["wasDerivedFrom"]
    assert all(activity.get_startTime() <= activity.get_endTime() for activity in activities)


def test_its_citation_tells_data_code_and_works(made: oda.SkyImage, mosaic: oda.SkyImage) -> None:
    text = record_of(made).citation()
    for words in ("255900280010.001", record_of(made).id, "2003, A&A, 411, L131", "an ESA project"):
        assert words in text
    assert "SIMULATED" in record_of(mosaic).citation()
    assert "an ESA project" not in record_of(mosaic).citation()


def test_its_script_makes_the_image_again_bit_for_bit(
    made: oda.SkyImage, mosaic: oda.SkyImage, cache: Path
) -> None:
    del cache
    for product in (made, mosaic):
        same(run(product.code())["image"], product)


def test_its_script_makes_a_spectrum_and_a_light_curve_again(
    three_windows: Path, cache: Path
) -> None:
    site = oda.connect(archive=three_windows)
    window = site.science_windows().ids[0]
    spectrum = site.spectra(window, catalog=CATALOG)["One"]
    curve = site.light_curves(window, catalog=CATALOG)["Other"]
    del cache
    same(run(spectrum.code())["spectrum"], spectrum)
    same(run(curve.code())["curve"], curve)
    assert curve.name == "Other"


def test_files_carry_the_node_and_a_short_history(made: oda.SkyImage, tmp_path: Path) -> None:
    made.save(tmp_path / "image.fits")
    header = fits.getheader(tmp_path / "image.fits")
    assert header["PROVID"] == record_of(made).id
    assert "ii_skyimage" in str(header["HISTORY"])
    assert f"Query {record_of(made).question}" in "".join(header["HISTORY"])
    with pytest.raises(DataError, match="no provenance"):
        oda.SkyImage.read(tmp_path / "image.fits").code()


def test_it_is_no_part_of_what_a_product_is(made: oda.SkyImage) -> None:
    assert "Provenance" not in repr(made)


def record_of(product: Any) -> Any:
    assert product.provenance is not None
    return product.provenance


def run(script: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(script, names)  # noqa: S102 - that it runs is what is tested
    return names
