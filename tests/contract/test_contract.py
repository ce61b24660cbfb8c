"""The contract of every backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.backend.job import JobStatus
from oda_widgets.errors import BadParameter
from oda_widgets.protocol.links import query_from_link
from oda_widgets.request.instruments import described
from tests.contract.conftest import IMAGERS, Party
from tests.patience import PATIENCE

MAPS = ("intensity", "variance", "significance", "exposure")
COLUMNS = ("time", "width", "rate", "error", "exposed_fraction", "total_counts", "background")


def answered(party: Party, query: Any) -> Any:
    return party.site.submit(query).result(timeout=PATIENCE)


def test_an_image_answers_the_question(imager: Party) -> None:
    image = answered(imager, imager.image_query)
    assert isinstance(image, oda.SkyImage)
    assert image.energy == imager.image_query.energy
    assert "Crab" in image.catalog.names
    assert image.target == imager.image_query.source
    assert set(image.observation.science_windows) == set(imager.windows)
    assert image.significance.shape == image.intensity.shape == image.shape
    assert np.nanmax(image.significance) > 7


def test_spectra_come_with_their_response(imager: Party) -> None:
    spectra = answered(imager, imager.spectrum_query)
    spectrum = spectra["Crab"]
    assert isinstance(spectrum, oda.Spectrum)
    assert spectrum.rate.shape == spectrum.error.shape == spectrum.channel_low.shape
    folded = spectrum.response.fold(np.ones_like(spectrum.response.area))
    assert folded.shape == spectrum.rate.shape
    assert set(spectrum.observation.science_windows) == set(imager.windows)


def test_light_curves_are_in_order_of_time(party: Party) -> None:
    curve = answered(party, party.curve_query)[party.source]
    assert isinstance(curve, oda.LightCurve)
    assert curve.energy == party.curve_query.energy
    assert np.all(np.diff(curve.time) > 0)
    assert np.all(curve.width > 0)
    assert len(curve.rate) == len(curve.error) == len(curve)


def test_each_product_carries_its_instrument_and_its_history(party: Party) -> None:
    for query in party.queries:
        product = answered(party, query)
        part = product if isinstance(product, oda.SkyImage) else product[party.source]
        assert part.observation.instrument == party.instrument
        assert part.provenance is not None
        assert part.provenance.question == query.identity
        assert part.provenance.nodes
        assert part.provenance.prov_json()
        cited = part.provenance.citation()
        assert described(party.instrument).references[-1] in cited
        assert f"from {described(party.instrument).label} " in cited
        compile(part.code(), "code", "exec")
        assert all(window in part.code() for window in query.science_windows)
        named = f"instrument={party.instrument!r}" in part.code()
        assert named == (party.instrument != "isgri")
        assert query_from_link(part.share_url("https://host/app")).identity == query.identity


def test_the_same_question_is_answered_again_from_what_is_there(imager: Party) -> None:
    first = answered(imager, imager.image_query)
    plan = imager.site.plan(imager.image_query)
    windows = len(imager.windows)
    assert (plan.windows, plan.in_store, plan.seconds) == (windows, windows, 0.0)
    again = answered(imager, imager.image_query)
    for name in MAPS:
        assert np.array_equal(getattr(again, name), getattr(first, name), equal_nan=True)
    assert again.catalog == first.catalog


def test_a_higher_threshold_lists_fewer_sources_of_the_same_image(imager: Party) -> None:
    image = answered(imager, imager.image_query)
    high = answered(imager, replace(imager.image_query, detection_threshold=1e5))
    assert set(high.catalog.names) <= set(image.catalog.names)


def test_progress_is_told_between_nothing_and_all(party: Party) -> None:
    job = party.site.submit(party.curve_query)
    told: list[Any] = []
    job.listen(lambda changed: told.append(changed.progress))
    job.result(timeout=PATIENCE)
    assert told[-1].fraction == 1
    assert all(0 <= progress.fraction <= 1 and progress.step for progress in told)


def test_a_job_that_is_cancelled_ends_soon(party: Party) -> None:
    job = party.site.submit(replace(party.curve_query, time_bin=7.5))
    job.cancel()
    assert job.wait(PATIENCE)
    assert job.status in {JobStatus.CANCELLED, JobStatus.DONE, JobStatus.FAILED}


def test_a_window_that_is_not_there_is_a_clear_error(party: Party) -> None:
    query = replace(party.curve_query, science_windows=(party.missing,))
    job = party.site.submit(query)
    assert job.wait(PATIENCE)
    assert isinstance(job.error, oda.OdaError)
    assert job.error.problem.endswith((".", "!"))
    assert job.error.advice
    assert "should not" not in str(job.error)


def test_values_that_are_not_queries_are_refused(party: Party) -> None:
    with pytest.raises(BadParameter, match="not a query"):
        party.site.submit("image please")
    assert party.site.name
    assert repr(party.site).startswith("<Site: ")


@pytest.mark.parametrize("instrument", IMAGERS)
@pytest.mark.parametrize("other", ["own_server", "recorded"])
def test_all_roads_to_our_engine_give_the_same_product_to_the_last_bit(
    parties: Callable[..., Party], other: str, instrument: str
) -> None:
    ours, theirs = parties("embedded", instrument), parties(other, instrument)
    images = [answered(p, p.image_query) for p in (ours, theirs)]
    for name in MAPS:
        assert np.array_equal(*(getattr(i, name) for i in images), equal_nan=True), name
    assert images[0].catalog == images[1].catalog
    for first, second in zip(*(i.catalog for i in images), strict=True):
        assert np.array_equal(
            [first.significance, first.flux], [second.significance, second.flux], equal_nan=True
        )
    spectra = [answered(p, p.spectrum_query)["Crab"] for p in (ours, theirs)]
    for name in ("rate", "error", "quality"):
        assert np.array_equal(*(getattr(s, name) for s in spectra), equal_nan=True), name
    for name in ("redistribution", "area", "channel_low"):
        assert np.array_equal(*(getattr(s.response, name) for s in spectra)), name
    curves = [answered(p, p.curve_query)["Crab"] for p in (ours, theirs)]
    for name in COLUMNS:
        assert np.array_equal(*(getattr(c, name) for c in curves), equal_nan=True), name


@pytest.mark.parametrize("name", ["embedded", "own_server", "recorded"])
def test_science_windows_are_chosen_the_same_way(
    parties: Callable[[str], Party], name: str
) -> None:
    expected = parties("embedded").site.science_windows("Crab")
    found = parties(name).site.science_windows("Crab")
    assert found.ids == expected.ids
    assert found.answered_by
    assert found[0].start == pytest.approx(expected[0].start)
    told = [[(w.id, w.good_time, w.simulated) for w in windows] for windows in (found, expected)]
    assert told[0] == told[1]


def test_the_shield_is_asked_for_the_time_of_science_windows_everywhere(
    parties: Callable[..., Party],
) -> None:
    """A dispatcher takes a span of time: it is that of the windows."""
    ours, theirs = (parties(name, "spi_acs") for name in ("embedded", "own_server"))
    query = oda.LightCurveQuery(instrument="spi_acs", science_windows=ours.windows, time_bin=50.0)
    first, second = (answered(party, query)["SPI-ACS"] for party in (ours, theirs))
    assert len(first) == len(second) > 10
    np.testing.assert_allclose(first.rate, second.rate, rtol=1e-3)
