"""The query on the screen is the query that is answered, and no other result looks like its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oda_widgets.errors import BadParameter, UnknownSource
from oda_widgets.panels.form_state import read_form
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.views import handmade
from tests.views.wire import edit_cell


def reason(bench: Workbench) -> str:
    """Return why Submit is off; empty if it is on."""
    text: str = bench.form.plan.text.value if bench.form.submit_button.disabled else ""
    return text


def origin(bench: Workbench, kind: str) -> str:
    text: str = bench.results.origins[kind].value
    return text


def test_a_name_that_is_typed_clears_the_position_of_another(
    bench: Workbench, site: FakeSite
) -> None:
    before = len(site.jobs)
    bench.form.source.name.value = "Cyg"
    assert bench.form.source._position.value == ""
    assert "nobody knows this name" in bench.form.source.message.value
    assert "not resolved yet" in reason(bench)
    with pytest.raises(UnknownSource):
        bench.submit()
    bench.form.source.name.value = "Nibiru"
    bench.form.source._entered(None, {"event": "submit"}, [])
    assert "no" in reason(bench)
    assert bench.form.source.value is None
    bench.form.source.name.value = "Cyg X-1"
    bench.form.source._entered(None, {"event": "submit"}, [])
    assert reason(bench) == ""
    assert bench.form.source.message.value == ""
    assert bench.submit().query.source.name == "Cyg X-1"
    assert len(site.jobs) == before + 1


def type_name(bench: Workbench, text: str, event: str = "typing") -> None:
    """Do what the page does at a key ("typing"), at Enter and on leaving ("settled")."""
    watch = bench.form.source.watch
    watch._receive(watch, {"type": event, "text": text}, [])


def test_no_position_and_no_submit_while_a_name_is_typed(bench: Workbench) -> None:
    panel = bench.form.source
    type_name(bench, "Cyg")
    assert panel._position.value == ""
    assert bench.form.submit_button.disabled
    assert "Source &#x27;Cyg&#x27;: not resolved yet" in reason(bench)
    panel._entered(None, {"event": "submit"}, [])  # Enter comes before the value
    assert panel.value is None
    type_name(bench, "Cyg", "settled")
    panel.name.value = "Cyg X-1"
    assert panel.value is not None
    assert panel.value.name == "Cyg X-1"
    assert not bench.form.submit_button.disabled


def test_a_name_that_is_typed_and_taken_back_is_resolved_again(bench: Workbench) -> None:
    panel = bench.form.source
    name = panel.name.value
    type_name(bench, f"x{name}")
    type_name(bench, name)
    assert bench.form.submit_button.disabled
    type_name(bench, name, "settled")
    assert panel.value is not None
    assert panel.value.name == name
    assert not bench.form.submit_button.disabled


def test_a_source_that_is_cleared_by_keys_is_gone_in_the_session(bench: Workbench) -> None:
    type_name(bench, "")
    assert read_form(bench.form).name == ""
    assert bench.form.source.read() is None


@pytest.mark.parametrize(
    ("panel", "field", "text", "words"),
    [
        ("energies", "low", "", "not a number"),
        ("energies", "high", "2000", "outside 15 to 1000 keV"),
        ("energies", "high", "28", "lower edge must be below"),
        ("windows", "radius", "-3", "outside 0.1 to 180 deg"),
        ("windows", "start", "soon", "not a date"),
        ("times", "text", "603 600", "must end after it starts"),
        ("product", "threshold", "2", "outside 3 to"),
        ("product", "threshold", "1e", "not a number"),
    ],
)
def test_a_wrong_field_turns_submit_off_and_stays_as_typed(
    bench: Workbench, site: FakeSite, panel: str, field: str, text: str, words: str
) -> None:
    before, old = len(site.jobs), bench.query()
    made = getattr(bench.form, panel)
    control = getattr(made, field)
    good = control.value
    control.value = text
    assert control.value == text
    assert words in reason(bench)
    assert words in made.message.value
    with pytest.raises(BadParameter, match=words):
        bench.submit()
    assert len(site.jobs) == before
    control.value = good
    wait_until(lambda: not bench.form.submit_button.disabled)
    assert made.message.value == ""
    assert bench.query() == old


def test_a_time_bin_is_never_clamped(bench: Workbench) -> None:
    bench.form.product.kind.value = "light_curves"
    bench.form.product.time_bin.value = "-5"
    assert bench.form.product.time_bin.value == "-5"
    assert "outside 0.01 to" in reason(bench)
    bench.form.product.kind.value = "image"
    assert reason(bench) == ""


def test_a_wrong_row_of_the_catalogue_is_not_answered_with_the_old_one(bench: Workbench) -> None:
    bench.image_selection()
    bench.form.product.kind.value = "spectra"
    table = bench.results.table
    edit_cell(table.pane, table._rows, "dec", 0, "-91")
    assert "outside -90 to 90" in reason(bench)
    edit_cell(table.pane, table._rows, "dec", 0, "+21.8967")
    assert reason(bench) == ""


def test_two_sources_at_one_place_are_not_fitted_together(bench: Workbench) -> None:
    bench.image_selection()
    bench.form.product.kind.value = "spectra"
    table = bench.results.table
    for column in ("ra", "dec"):
        edit_cell(table.pane, table._rows, column, 3, table._rows.data[column][0])
    assert "no fit can separate two sources" in reason(bench)
    edit_cell(table.pane, table._rows, "selected", 3, value=False)
    assert reason(bench) == ""


def test_a_target_under_another_name_is_not_fitted_twice(bench: Workbench) -> None:
    renamed = SourceCatalog((CatalogSource("NEW_7", handmade.MAGNETAR.ra, handmade.MAGNETAR.dec),))
    bench.form.use_catalog(renamed, "from image 1")
    assert bench.form.catalog.names == ("NEW_7",)


def test_the_catalogue_in_use_stands_in_the_form(bench: Workbench, site: FakeSite) -> None:
    catalogue = bench.form.catalogue
    bench.form.product.kind.value = "spectra"
    assert "<b>SGR 1935+2154</b> alone" in catalogue.text.value
    bench.image_selection()
    bench.form.product.threshold.value = "7"
    bench.image_selection()
    bench.form.product.kind.value = "spectra"
    assert "<b>4 sources</b>, from image 2" in catalogue.text.value
    bench.results.table.drop_new()
    assert "<b>3 sources</b>, from image 2, edited" in catalogue.text.value
    catalogue.clear_button.click()
    assert "<b>SGR 1935+2154</b> alone" in catalogue.text.value
    bench.submit()
    assert site.jobs[-1].query.catalog.names == ("SGR 1935+2154",)
    catalogue.restore_button.click()
    assert len(bench.query().catalog) == 3
    catalogue.edit_button.click()
    assert bench.results.selected_index == 1


def test_the_catalogue_is_hidden_where_it_is_not_used(bench: Workbench) -> None:
    assert bench.form.product.kind.value == "image"
    assert bench.form.catalogue.layout.display == "none"
    bench.form.product.kind.value = "light_curves"
    assert bench.form.catalogue.layout.display == ""


def test_results_of_another_query_say_so(bench: Workbench) -> None:
    assert origin(bench, "light_curves") == ""
    bench.image_selection()
    assert origin(bench, "image") == ""
    bench.form.energies.choose((20, 40))
    assert (
        "From another query: Image · SGR 1935+2154 · ISGRI · 28–150 keV, 1 science window."
        in origin(bench, "image")
    )
    assert "The form differs in energies." in origin(bench, "image")
    assert "The form differs in energies and catalogue." in origin(bench, "light_curves")
    bench.form.source.name.value = "Cyg"
    assert "The form is not ready." in origin(bench, "image")
    bench.form.source.name.value = "Cyg X-1"
    bench.form.source.submit()
    assert "differs in source (Cyg X-1) and energies" in origin(bench, "image")
    bench.form.catalogue.use(SourceCatalog(), "")
    bench.form.refresh()
    assert "differs in source (Cyg X-1), energies and time bin." in origin(bench, "light_curves")
    bench.image_selection()
    assert origin(bench, "image") == ""


def test_the_same_source_is_not_told_as_another_for_its_fitted_position(bench: Workbench) -> None:
    bench.image_selection()
    old = bench.form.source.value
    bench.form.source.show(replace(old, dec=old.dec + 3e-4, resolved_by="the link"))
    bench.form.energies.choose((20, 40))
    assert "The form differs in energies." in origin(bench, "image")


def test_the_spectrum_of_the_target_is_shown_first(bench: Workbench) -> None:
    others = SourceCatalog(tuple(reversed(handmade.catalog())))
    bench.form.use_catalog(others, "from image 1")
    assert others.names[0] != "SGR 1935+2154"
    bench.spectrum_of("Cyg X-1")
    assert bench.results.spectrum_view.spectrum.name == "Cyg X-1"
    bench.form.product.kind.value = "spectra"
    bench.form.submit_button.click()
    assert bench.results.spectrum_view.spectrum.name == "SGR 1935+2154"


@pytest.fixture
def slow() -> tuple[Workbench, FakeSite]:
    """Return a workbench whose jobs end when the test says so."""
    site = FakeSite(finish=False)
    bench = Workbench(site)
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    site.jobs[0].finish()
    return bench, site


def lines(jobs: JobPanel) -> list[str]:
    return [line.description for line in jobs.history.children]


def test_an_equal_query_is_not_queued_twice(slow: tuple[Workbench, FakeSite]) -> None:
    bench, site = slow
    first = bench.submit()
    assert bench.submit() is first
    assert len(site.jobs) == 2
    bench.form.product.threshold.value = "7"
    assert bench.submit() is not first
    first.finish()
    assert bench.submit() is site.jobs[2]


def test_an_equal_query_that_is_answered_shows_its_result_again_and_says_so(
    bench: Workbench, site: FakeSite
) -> None:
    first = bench.submit()
    bench.form.energies.choose((20, 40))
    bench.submit()
    bench.form.energies.choose((28, 150))
    asked = len(site.jobs)
    bench.form.submit_button.click()
    bench.form.submit_button.click()
    assert len(site.jobs) == asked
    assert bench._shown.jobs["image"] is first
    assert "Image 1" in bench.job.message.value
    assert "shown again" in bench.job.message.value


def test_the_spectrum_of_another_source_of_an_equal_query_is_shown(
    bench: Workbench, site: FakeSite
) -> None:
    bench.form.use_catalog(handmade.catalog(), "from image 1")
    bench.spectrum()
    asked = len(site.jobs)
    bench.spectrum_of("Cyg X-1")
    assert len(site.jobs) == asked
    assert bench.results.spectrum_view.spectrum.name == "Cyg X-1"


def test_each_running_job_can_be_followed_and_cancelled(slow: tuple[Workbench, FakeSite]) -> None:
    bench, _site = slow
    long = bench.submit()
    bench.form.energies.choose((20, 40))
    short = bench.submit()
    long.step("mosaic", 1, 4)
    short.step("sky", 1, 2)
    assert "sky" in bench.job.bar.value
    short.finish()
    assert "mosaic" in bench.job.bar.value
    assert bench.job.running.layout.visibility == "visible"
    assert bench.results.sky_view is not None
    bench.job.history.children[1].click()
    bench.job.cancel_button.click()
    assert long.status == "cancelled"
    assert short.status == "done"


def test_a_line_names_the_source_the_band_and_the_number(slow: tuple[Workbench, FakeSite]) -> None:
    bench, site = slow
    bench.submit()
    bench.form.energies.choose((20, 40))
    bench.submit()
    assert lines(bench.job)[0].endswith("Image 2 · SGR 1935+2154 · ISGRI · 20–40 keV")
    assert lines(bench.job)[1].endswith("Image 1 · SGR 1935+2154 · ISGRI · 28–150 keV")
    assert isinstance(site.jobs[-1].query, ImageQuery)


def test_jobs_of_two_instruments_are_told_apart_everywhere(bench: Workbench) -> None:
    bench.spectrum()
    bench.form.energies.instrument.value = "jemx1"
    wait_until(lambda: not bench.form.submit_button.disabled)
    bench.spectrum()
    assert "Spectrum 2 · SGR 1935+2154 · JEM-X1" in lines(bench.job)[0]
    assert "Spectrum 1 · SGR 1935+2154 · ISGRI" in lines(bench.job)[1]
    cells = [[cell["text"] for cell in row["cells"]] for row in bench.job.table.rows]
    column = bench.job.table.columns.index("Instrument")
    assert [row[column] for row in cells] == ["JEM-X1", "ISGRI", "ISGRI"]


def test_a_refusal_disappears_when_its_cause_does(bench: Workbench) -> None:
    bench.form.energies.low.value = "300"
    bench.results.selection.image_button.click()
    assert "lower edge must be below" in bench.job.message.value
    bench.form.energies.low.value = "28"
    assert bench.job.message.value == ""
