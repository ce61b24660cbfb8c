"""SPI-ACS through a dispatcher: our server, asked by our client and as oda_api asks."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, JobError
from oda_widgets.protocol.links import query_from_link
from oda_widgets.request.timespan import isot_utc
from oda_widgets.server.job_run import JobRun
from oda_widgets.server.parameter_values import complete_values
from tests.servers.our_server import OurServer

SPAN = {"start": "2023-03-07T15:41:10", "stop": "2023-03-07T15:50:00"}


def test_a_burst_is_the_same_through_a_dispatcher(sample_server: OurServer) -> None:
    site = oda.connect(sample_server.address)
    curve = site.light_curves(instrument="spi_acs", time_bin=0.1, **SPAN)["SPI-ACS"]
    sample = oda.connect(archive="sample")
    here = sample.light_curves(instrument="spi_acs", time_bin=0.1, **SPAN)["SPI-ACS"]
    np.testing.assert_allclose(curve.total_counts, here.total_counts)
    np.testing.assert_allclose(curve.error, here.error)
    np.testing.assert_allclose(curve.time * 86400, here.time * 86400, rtol=0, atol=1e-5)
    assert curve.observation.instrument == "spi_acs"
    assert curve.burst().t90.value == pytest.approx(here.burst().t90.value, rel=1e-3)


def test_the_reply_has_the_names_of_the_protocol(sample_server: OurServer) -> None:
    reply = sample_server.done(
        instrument="spi_acs", product_type="spi_acs_lc", query_type="Real", query_status="new",
        T1=SPAN["start"], T2=SPAN["stop"], T_format="isot", time_bin=1, time_bin_format="sec",
        api="True", session_id="A" * 16,
    )  # fmt: skip
    (product,) = reply["products"]["numpy_data_product_list"]
    product = json.loads(product) if isinstance(product, str) else product
    assert product["name"] == "spi_acs_lc"
    assert json.loads(product["meta_data"])["src_name"] == "query"
    tables = [unit for unit in product["data_unit_list"] if unit["name"] == "RATE"]
    assert tables[0]["header"]["INSTRUME"] == "SPI-ACS"


def test_a_time_without_counts_is_a_failed_job(sample_server: OurServer) -> None:
    site = oda.connect(sample_server.address)
    with pytest.raises(JobError, match="no counts of SPI-ACS in this time"):
        site.light_curves(instrument="spi_acs", start="2012-05-02", stop="2012-05-02T00:10")


def test_a_fault_comes_with_the_advice_of_our_server(sample_server: OurServer) -> None:
    site = oda.connect(sample_server.address)
    with pytest.raises(JobError, match="no counts of SPI-ACS") as caught:
        site.light_curves(instrument="spi_acs", start="2012-05-02", stop="2012-05-02T00:10")
    assert caught.value.advice.startswith("It has GRB 230307A: 2023-03-07T15:41:06")


def test_a_curve_asked_by_windows_says_their_time_in_links_and_scripts(
    default_server: OurServer,
) -> None:
    here = oda.connect(archive="simulated")
    there = oda.connect(default_server.address)
    windows = ["083500090010.001", "083500100010.001"]
    for site in (here, there):
        curve = site.light_curves(windows, instrument="spi_acs", time_bin=100)["SPI-ACS"]
        assert repr(windows[0]) in curve.code()
        code, link = curve.code("oda_api"), curve.share_url()
        asked = parse_qs(link.split("?")[1])
        assert "scw_list" not in asked
        assert "scw_list" not in code
        spans = query_from_link(link).intervals
        assert asked["T1"] == [isot_utc(spans[0].start)]
        assert asked["T2"] == [isot_utc(spans[-1].stop)]
        assert all(isot_utc(span.start) in code and isot_utc(span.stop) in code for span in spans)
        again = here.submit(query_from_link(link)).result()["SPI-ACS"]
        np.testing.assert_allclose(again.total_counts.sum(), curve.total_counts.sum(), rtol=0.01)
    assert "whole science windows" not in code


def test_an_image_of_a_source_that_no_window_sees_is_refused(default_server: OurServer) -> None:
    windows = ["083500090010.001", "083500100010.001"]
    said = []
    for site in (oda.connect(archive="simulated"), oda.connect(default_server.address)):
        with pytest.raises(BadParameter, match="outside the field of view of JEM-X1") as caught:
            site.image("GX 5-1", windows, instrument="jemx1")
        said.append((str(caught.value).split(":")[:3], "193" in caught.value.advice))
    assert said[0][0] == said[1][0]
    near = oda.connect(default_server.address).science_windows("Crab", "2009-08-15", "2009-08-16")
    assert "nan" not in repr(near)


def test_spectra_in_two_parts_are_added_up(default_server: OurServer) -> None:
    there = oda.connect(default_server.address)
    windows = ["083500090010.001", "193000060010.001"]
    spectra = there.spectra(windows, catalog=["Crab"], instrument="jemx1")
    assert spectra["Crab"].observation.science_windows == tuple(windows)
    assert spectra["Crab"].provenance.nodes[-1].name == "combined"


@pytest.mark.parametrize("given", [(), ("T1",), ("T1", "T2")])
def test_a_reply_says_which_time_was_taken_where_none_was_given(given: tuple[str, ...]) -> None:
    """A dispatcher takes the usual one without a word."""
    values, _ = complete_values({"time_bin": "100"}, "spi_acs_lc")
    asked = {**values, "instrument": "spi_acs", "product_type": "spi_acs_lc"}
    site = oda.connect(archive="simulated")
    said = JobRun(site, asked, given, lambda _: None).result().comment
    span = "T1=2017-03-06T13:26:48.000, T2=2017-03-06T15:32:27.000"
    assert said == ("" if len(given) == 2 else f"No time was given: {span} were taken.")
