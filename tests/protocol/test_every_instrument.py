"""Every instrument is spoken of on the wire and in links as dispatchers do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, JobError
from oda_widgets.protocol.catalog import catalog_document, catalog_from
from oda_widgets.protocol.links import link_parameters, query_from_link
from oda_widgets.protocol.parameters import parameters_of, query_from
from oda_widgets.protocol.product_names import instrument_of
from oda_widgets.protocol.product_reader import read_product
from oda_widgets.protocol.product_writer import json_pieces
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.server.dummy_products import dummy_product

WINDOWS = ("066500220010.001",)
CRAB = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])
HISTORY = Provenance((Step.of(Node("test", "1")),), "q", "nobody", RepeatedText("\n"))
MINUTE: Any = (("2022-10-12T15:20:00", "2022-10-12T15:21:00"),)
JEMX: dict[str, Any] = {"science_windows": WINDOWS, "catalog": CRAB, "instrument": "jemx1"}
QUERIES: dict[str, Any] = {
    "jemx_image": oda.ImageQuery(**JEMX),
    "jemx_spectrum": oda.SpectrumQuery(**JEMX),
    "jemx_lc": oda.LightCurveQuery(**JEMX),
    "spi_acs_lc": oda.LightCurveQuery(instrument="spi_acs", intervals=MINUTE),
}


@pytest.mark.parametrize("product", QUERIES)
def test_a_query_survives_the_wire_and_a_link(product: str) -> None:
    query = QUERIES[product]
    parameters = parameters_of(query, "OSA11.2")
    assert parameters["product_type"] == product
    sent = query_from(parameters)
    if query.instrument != "spi_acs":  # T1 and T2 are written to a millisecond
        assert sent.identity == query.identity
    assert sent.instrument == query.instrument
    assert query_from_link(link_parameters(query)).identity == query.identity


def test_the_two_units_of_jem_x_are_one_instrument_with_a_number() -> None:
    first, second = (
        parameters_of(replace(QUERIES["jemx_lc"], instrument=f"jemx{n}"), "OSA11.2") for n in (1, 2)
    )
    assert {name for name in first if first[name] != second[name]} == {"jemx_num"}
    assert (first["instrument"], first["jemx_num"]) == ("jemx", "1")
    assert instrument_of({"instrument": "jemx", "product_type": "jemx_lc"}).name == "jemx2"
    with pytest.raises(BadParameter, match=r"jemx_num='3': no unit of jemx. Write one of: 1, 2"):
        instrument_of({"product_type": "jemx_lc", "jemx_num": "3"})
    with pytest.raises(BadParameter, match="jemx_lc is a product of jemx"):
        instrument_of({"instrument": "isgri", "product_type": "jemx_lc"})


def test_spi_acs_is_asked_for_a_time_and_nothing_else() -> None:
    asked = parameters_of(QUERIES["spi_acs_lc"], "OSA11.2")
    assert asked.keys() == {
        *("instrument", "product_type", "query_type", "T1", "T2", "T_format"),
        *("time_bin", "time_bin_format"),
    }
    windows = oda.LightCurveQuery(instrument="spi_acs", science_windows=WINDOWS)
    with pytest.raises(BadParameter, match="take a span of time for SPI-ACS"):
        parameters_of(windows, "OSA11.2")


def test_a_link_of_mmoda_for_jem_x_finds_windows_of_that_unit() -> None:
    asked: list[Any] = []

    def find(*_: Any, **words: Any) -> Any:
        asked.append(words)
        return oda.connect(archive="sample").science_windows()

    link = "?instrument=jemx&jemx_num=1&product_type=jemx_image&RA=83.6&DEC=22&src_name=Crab"
    query: Any = query_from_link(f"{link}&E1_keV=3&E2_keV=10", find)
    assert (query.instrument, str(query.energy)) == ("jemx1", "3–10 keV")
    assert asked[0]["instrument"] == "jemx1"


@pytest.mark.parametrize("product", ["jemx_image", "jemx_spectrum", "jemx_lc"])
def test_products_of_jem_x_come_back_as_of_the_unit_that_was_asked(product: str) -> None:
    made: Any = dummy_product(product, instrument="jemx1")
    document = json.loads("".join(json_pieces(made)))
    units = document["numpy_data_product_list"][0]["data_unit_list"]
    assert any(unit["name"].startswith("JMX1-") for unit in units)
    query = replace(QUERIES[product])
    found: Any = read_product(document, query, HISTORY)
    found = found if product == "jemx_image" else found["Crab"]
    assert found.observation.instrument == "jemx1"
    with pytest.raises(DamagedFile, match="it is of JEM-X1, and JEM-X2 was asked for"):
        read_product(document, replace(query, instrument="jemx2"), HISTORY)


def test_catalogues_of_jem_x_have_columns_of_their_own() -> None:
    assert {"NEW_SOURCE", "ISGRI_FLAG"} <= set(catalog_document(CRAB)["cat_column_names"])
    own = catalog_document(CRAB, ())
    assert not {"NEW_SOURCE", "ISGRI_FLAG"} & set(own["cat_column_names"])
    assert catalog_from(own) == CRAB
    sent = json.loads(str(parameters_of(QUERIES["jemx_lc"], "OSA11.2")["selected_catalog"]))
    assert sent["cat_column_names"] == own["cat_column_names"]


def test_a_new_source_without_position_is_left_out_with_a_word() -> None:
    document = json.loads("".join(json_pieces(dummy_product("jemx_image", instrument="jemx1"))))
    catalog = document["catalog"]
    for name, column in zip(catalog["cat_column_names"], catalog["cat_column_list"], strict=True):
        column.append({"src_names": "NEW SOURCE", "meta_ID": 7}.get(name))
    image: Any = read_product(document, QUERIES["jemx_image"], HISTORY)
    assert image.catalog.names == ("Crab",)
    assert "1 new source without a position left out" in image.observation.sources_note
    position = catalog["cat_column_names"].index("src_names")
    catalog["cat_column_list"][position][1] = "4U 0614+09"
    with pytest.raises(DamagedFile):
        read_product(document, QUERIES["jemx_image"], HISTORY)


def test_the_blank_image_of_jem_x_means_that_nothing_was_detected() -> None:
    blank = {"name": "", "data_unit_list": [], "meta_data": "{}"}
    hdu = fits.ImageHDU(np.zeros((100, 100)))
    unit = {"header": dict(hdu.header), "hdu_type": "image", "dt": ">f8", "name": "X"}
    blank["data_unit_list"] = [unit | {"data": np.zeros((100, 100)).tolist()}]
    with pytest.raises(JobError, match="detected no source with JEM-X1"):
        read_product({"numpy_data_product_list": [blank]}, QUERIES["jemx_image"], HISTORY)


def test_names_are_those_of_the_query_whatever_the_capitals() -> None:
    document = json.loads("".join(json_pieces(dummy_product("jemx_lc", instrument="jemx1"))))
    product = document["numpy_data_product_list"][0]
    product["meta_data"] = json.dumps(json.loads(product["meta_data"]) | {"src_name": "crab"})
    curves: Any = read_product(document, QUERIES["jemx_lc"], HISTORY)
    assert tuple(curves) == ("Crab",)
