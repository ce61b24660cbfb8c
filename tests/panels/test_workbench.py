"""The workflow, by the methods that the controls call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.panels.workbench import Workbench
from oda_widgets.products.image import SkyImage
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.views import handmade
from tests.views.wire import change, edit_cell


def first_burst(bench: Workbench) -> list[tuple[float, float]]:
    start = bench.form.times.zero + 600 / SECONDS_PER_DAY
    return [(start, start + 3 / SECONDS_PER_DAY)]


def test_it_opens_with_the_light_curve_of_the_source(bench: Workbench, site: FakeSite) -> None:
    query = site.jobs[0].query
    assert isinstance(query, LightCurveQuery)
    assert query.catalog.names == ("SGR 1935+2154",)
    assert query.energy == EnergyBand(28, 150)
    assert query.time_bin == 1
    assert bench.results.selected_index == 0


def test_the_shell_is_there_before_the_data() -> None:
    site = FakeSite(finish=False)
    bench = Workbench(site)
    assert bench.results.curve_view is None
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    site.jobs[0].step("light curves", 1, 2)
    assert "light curves · 1 of 2" in bench.job.bar.value
    site.jobs[0].finish()
    assert bench.results.curve_view is not None


def test_a_script_need_not_wait_until_the_panels_have_taken_an_answer_in(
    bench: Workbench, site: FakeSite
) -> None:
    site._finish = False
    image = bench.image_selection()
    site.jobs[-1]._listeners.clear()  # the page hears of the end some time later
    site.jobs[-1].finish()
    assert "Cyg X-1" in image.result().catalog.names
    bench.spectrum_of("Cyg X-1")
    assert "Cyg X-1" in site.jobs[-1].query.catalog


def test_brush_image_click_spectrum(bench: Workbench, site: FakeSite) -> None:
    view = bench.results.curve_view
    change(view.pane, view._bins.selected, "indices", [600, 601, 602])
    assert bench.form.times.summary == "3 s in 1 interval"
    assert bench.results.selection.image_button.layout.display == ""
    bench.results.selection.image_button.click()
    asked = site.jobs[-1].query
    assert isinstance(asked, ImageQuery)
    assert sum(interval.seconds for interval in asked.intervals) == pytest.approx(3, abs=1e-4)
    assert bench.results.selected_index == 1
    bench.results.sky_view._on_source("Cyg X-1")
    asked = site.jobs[-1].query
    assert isinstance(asked, SpectrumQuery)
    assert asked.intervals == bench.form.times.value
    assert "Cyg X-1" in asked.catalog
    assert bench.results.spectrum_view.spectrum.name == "Cyg X-1"
    assert bench.results.selected_index == 2


def test_a_script_can_do_the_same(bench: Workbench) -> None:
    bench.select(first_burst(bench))
    assert isinstance(bench.image_selection().result(), SkyImage)
    spectra = bench.spectrum_of("SGR 1935+2154").result()
    assert "SGR 1935+2154" in spectra
    assert bench.results.curve_view.intervals == bench.form.times.value


def test_the_table_decides_whose_spectra_are_fitted(bench: Workbench, site: FakeSite) -> None:
    bench.image_selection()
    table = bench.results.table
    edit_cell(table.pane, table._rows, "selected", 1, value=False)
    table.drop_new()
    bench.spectrum_of("SGR 1935+2154")
    assert site.jobs[-1].query.catalog.names == ("SGR 1935+2154", "GRS 1915+105")
    assert "NEW_1" not in bench.results.sky_view.catalog


def test_image_and_table_choose_the_same_source_without_asking(
    bench: Workbench, site: FakeSite
) -> None:
    bench.image_selection()
    before = len(site.jobs)
    table = bench.results.table
    change(table.pane, table._rows.selected, "indices", [2])
    rings = bench.results.sky_view._sources.rings
    assert rings.data["name"][rings.selected.indices[0]] == "GRS 1915+105"
    assert len(site.jobs) == before


def test_clearing_the_selection_clears_it_everywhere(bench: Workbench) -> None:
    bench.select(first_burst(bench))
    bench.results.selection.clear_button.click()
    assert bench.form.times.value == ()
    assert bench.form.times.text.value == ""
    assert bench.results.curve_view.intervals == ()
    assert bench.results.selection.image_button.layout.display == "none"


def test_another_source_is_resolved_searched_and_fitted(bench: Workbench, site: FakeSite) -> None:
    bench.form.source.name.value = "cyg x-1"
    bench.form.source.submit()
    assert site.searches[-1]["source"].name == "Cyg X-1"
    assert "SIMBAD" in bench.form.source._position.value
    assert "19h 58m" in bench.form.source._position.value
    assert bench.form.catalog.names == ("Cyg X-1",)


def test_an_unknown_source_is_explained_beside_its_field(bench: Workbench) -> None:
    bench.form.source.name.value = "<b>Nibiru</b>"
    bench.form.source.button.click()
    assert "Check the spelling" in bench.form.source.message.value
    assert "<b>Nibiru</b>" not in bench.form.source.message.value


def test_reversed_energies_are_explained_and_not_asked(bench: Workbench, site: FakeSite) -> None:
    before = len(site.jobs)
    bench.form.energies.low.value = "300"
    assert "Write Energies (150, 300)" in bench.form.energies.message.value
    assert bench.form.submit_button.disabled
    assert "lower edge must be below" in bench.form.plan.text.value
    assert len(site.jobs) == before
    assert bench.form.code.text == ""
    bench.form.energies.choose((20, 40))
    assert bench.form.energies.message.value == ""
    assert bench.form.code.text


def test_no_chosen_window_is_explained(bench: Workbench) -> None:
    bench.form.windows.list.value = ()
    with pytest.raises(EmptySelection, match="No science window"):
        bench.submit()


def test_a_failed_job_shows_its_error_and_not_a_traceback() -> None:
    failure = EmptySelection("No events <b>there</b>.", "Select more seconds.")
    site = FakeSite(failure=failure)
    bench = Workbench(site)
    wait_until(lambda: bench.job.message.value)
    assert "Select more seconds." in bench.job.message.value
    assert "<b>there</b>" not in bench.job.message.value
    assert "✕" in bench.job.history.children[0].description


def test_a_defect_while_showing_a_result_is_not_silent(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_image: SkyImage) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bench.results, "show_image", fail)
    bench.image_selection()
    assert "should not: ZeroDivisionError" in bench.job.message.value
    caplog.clear()


def test_a_job_can_be_cancelled_and_earlier_results_shown_again() -> None:
    site = FakeSite(finish=False)
    bench = Workbench(site)
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    site.jobs[0].finish()
    bench.image_selection()
    bench.job.cancel_button.click()
    assert "cancelled" in bench.job.message.value
    image_line, curve_line = bench.job.history.children
    assert image_line.description.startswith("–")
    bench.results.selected_index = 2
    curve_line.click()
    assert bench.results.selected_index == 0


def test_warnings_of_a_job_are_shown(bench: Workbench, site: FakeSite) -> None:
    bench.image_selection()
    job = site.jobs[-1]
    job.warnings = ("One window was left out.",)
    bench.job.choose(job)
    assert "One window was left out." in bench.job.message.value


def test_product_fields_follow_the_product(bench: Workbench) -> None:
    shown = {kind: field.layout.display for kind, field in bench.form.product._labelled.items()}
    assert shown == {"image": "", "light_curves": "none"}
    bench.form.product.kind.value = "light_curves"
    bench.form.product.time_bin.value = "10"
    assert bench.query().time_bin == 10


def test_two_workbenches_share_nothing(bench: Workbench) -> None:
    other = Workbench(FakeSite())
    wait_until(lambda: other.results.curve_view is not None)
    bench.select(first_burst(bench))
    assert other.form.times.value == ()
    assert other.results.curve_view.intervals == ()
    assert other.job.jobs is not bench.job.jobs


@pytest.mark.parametrize(
    ("parameter", "given"),
    [
        ("site", {"site": 5}),
        ("site", {"site": None}),
        ("energy", {"energy": "x"}),
        ("time_bin", {"time_bin": -1}),
        ("time_bin", {"time_bin": "x"}),
    ],
)
def test_what_a_page_cannot_begin_with_is_refused(parameter: str, given: dict[str, Any]) -> None:
    with pytest.raises(BadParameter, match=f"^{parameter}="):
        Workbench(**{"site": FakeSite(), **given})


def test_names_from_outside_are_escaped(bench: Workbench) -> None:
    header = bench.children[1].children[1].value
    assert "&lt;real&gt;" in header
    assert handmade.WINDOW in bench.form.windows.list.options[0][0]


def test_the_time_bin_suits_source_and_windows_until_one_is_typed(bench: Workbench) -> None:
    form, field = bench.form, bench.form.product.time_bin
    crab, (window,) = Source("Crab", 83.63, 22.01, "by hand"), form.windows.found
    for good_time, width in ((2000.0, "100"), (50_000.0, "200"), (1e6, "5000")):
        found = ScienceWindowList((replace(window, good_time=good_time),), 1, "by hand")
        form.use_source(crab, found)
        assert field.value == width
    field.value = "7"
    form.use_source(crab, found)
    assert bench.form.light_curve_query().time_bin == 7
