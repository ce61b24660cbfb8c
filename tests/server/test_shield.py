"""SPI-ACS through a dispatcher: our server, asked by our client and as oda_api asks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import JobError
from oda_widgets.server.job_run import JobRun
from oda_widgets.server.parameter_values import complete_values
from tests.servers.our_server import OurServer, serving

SPAN = {"start": "2023-03-07T15:41:10", "stop": "2023-03-07T15:50:00"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    """Give a server over the bundled data."""
    with serving("sample", tmp_path_factory.mktemp("shield") / "jobs") as started:
        yield started


def test_a_burst_is_the_same_through_a_dispatcher(server: OurServer) -> None:
    site = oda.connect(server.address)
    curve = site.light_curves(instrument="spi_acs", time_bin=0.1, **SPAN)["SPI-ACS"]
    sample = oda.connect(archive="sample")
    here = sample.light_curves(instrument="spi_acs", time_bin=0.1, **SPAN)["SPI-ACS"]
    np.testing.assert_allclose(curve.total_counts, here.total_counts)
    np.testing.assert_allclose(curve.error, here.error)
    np.testing.assert_allclose(curve.time * 86400, here.time * 86400, rtol=0, atol=1e-5)
    assert curve.observation.instrument == "spi_acs"
    assert curve.burst().t90.value == pytest.approx(here.burst().t90.value, rel=1e-3)


def test_the_reply_has_the_names_of_the_protocol(server: OurServer) -> None:
    reply = server.done(
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


def test_a_time_without_counts_is_a_failed_job(server: OurServer) -> None:
    site = oda.connect(server.address)
    with pytest.raises(JobError, match="no counts of SPI-ACS in this time"):
        site.light_curves(instrument="spi_acs", start="2012-05-02", stop="2012-05-02T00:10")


@pytest.mark.parametrize("given", [(), ("T1",), ("T1", "T2")])
def test_a_reply_says_which_time_was_taken_where_none_was_given(given: tuple[str, ...]) -> None:
    """A dispatcher takes the usual one without a word."""
    values, _ = complete_values({"time_bin": "100"}, "spi_acs_lc")
    asked = {**values, "instrument": "spi_acs", "product_type": "spi_acs_lc"}
    site = oda.connect(archive="simulated")
    said = JobRun(site, asked, given, lambda _: None).result().comment
    span = "T1=2017-03-06T13:26:48.000, T2=2017-03-06T15:32:27.000"
    assert said == ("" if len(given) == 2 else f"No time was given: {span} were taken.")
