"""Links that name a source without its position."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oda_widgets.errors import UnknownSource
from oda_widgets.panels.known_windows import OF_A_JOB, OF_A_LIST, known_by, look_up
from oda_widgets.panels.opening import linked_query, named_in, windows_named, windows_of
from oda_widgets.panels.session_file import read_session
from oda_widgets.panels.stage import Later, Stage
from oda_widgets.panels.window_words import number_of
from oda_widgets.panels.workbench import Workbench
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import ImageQuery, SpectrumQuery
from oda_widgets.request.science_windows import Identifiers, ScienceWindowList
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.views import handmade


def test_a_source_that_a_link_only_names_is_resolved() -> None:
    link = f"src_name=Cyg+X-1&product_type=isgri_image&scw_list={handmade.WINDOW}"
    query = linked_query(FakeSite(), link)
    assert (query.source.name, query.source.ra) == ("Cyg X-1", 299.5903)


def test_a_source_that_nobody_knows_is_never_left_out_of_the_query_of_a_link() -> None:
    link = f"src_name=%3Cscript%3E&product_type=isgri_image&scw_list={handmade.WINDOW}"
    with pytest.raises(UnknownSource, match="<script>"):
        linked_query(FakeSite(), link)


@pytest.mark.parametrize("more", ["", f"&product_type=isgri_image&scw_list={handmade.WINDOW}"])
def test_the_form_shows_the_name_of_a_link_that_nobody_knows(bench: Workbench, more: str) -> None:
    bench.opened(f"?src_name=Nibiru{more}")
    wait_until(lambda: bench.form.source.name.value == "Nibiru")
    wait_until(lambda: "nobody knows this name" in bench.form.source.message.value)
    assert bench.form.submit_button.disabled


def test_the_position_in_a_link_is_taken_as_it_is() -> None:
    place = "src_name=Mine&RA=10&DEC=20"
    link = f"{place}&product_type=isgri_image&scw_list={handmade.WINDOW}"
    assert linked_query(FakeSite(), link).source.ra == 10


def test_a_link_that_holds_a_name_alone_shows_its_source(bench: Workbench) -> None:
    bench.opened("?src_name=Cyg+X-1&theme=dark")
    wait_until(lambda: bench.form.source.value.name == "Cyg X-1")
    assert named_in("theme=dark") == ""


def test_a_result_of_an_earlier_page_that_a_link_brings_back_leaves_the_address(
    bench: Workbench,
) -> None:
    """Pages of the browser's history behind it would be lost."""
    bench.image_selection()
    link = bench.bar.link.text
    other = Workbench(FakeSite())
    other.open_session(bench.save_session())
    shown: list[str] = []
    other.page.show_address = shown.append
    other._moved(f"{link}&theme=dark")
    wait_until(lambda: other.job.jobs and other.results.sky_view is not None)
    assert shown == []


def test_a_copied_link_of_this_computer_says_that_it_is_one(bench: Workbench) -> None:
    copied = {"type": "copied", "local": True}
    bench.bar.link._receive(None, copied, [])
    assert "opens on this computer only" in bench.bar.step.value
    assert "token of the app" in bench.bar.step.value
    assert bench.bar.for_colleague.layout.display == ""
    bench.bar.link._receive(None, {**copied, "local": False}, [])
    assert "this computer" not in bench.bar.step.value
    assert bench.bar.for_colleague.layout.display == "none"


def test_a_link_of_a_fitted_place_shows_the_source_where_the_catalogue_has_it() -> None:
    found = SourceCatalog.of([CatalogSource("SGR 1935+2154", 293.7308, 21.8946, 60, 1)])
    query = SpectrumQuery(science_windows=handmade.WINDOW, catalog=found)
    other = Workbench(FakeSite())
    other.opened(f"?{link_parameters(query)}")
    wait_until(lambda: other.form.product.value == "spectra")
    assert other.form.source.value.ra == pytest.approx(293.732, abs=1e-4)
    assert other.form.source.value.resolved_by == "reference catalogue"
    assert other.query().identity == query.identity


def test_the_result_that_a_link_overtakes_is_shown_in_its_tab() -> None:
    slow_site = FakeSite(finish=False)
    other = Workbench(slow_site)
    wait_until(lambda: slow_site.jobs and slow_site.jobs[0].listened)
    query = SpectrumQuery(science_windows=handmade.WINDOW, catalog=handmade.catalog())
    other.opened(f"?{link_parameters(query)}")
    wait_until(lambda: len(slow_site.jobs) == 2 and slow_site.jobs[1].listened)
    slow_site.jobs[0].finish()
    slow_site.jobs[1].finish()
    wait_until(lambda: other.results.spectrum_view is not None)
    view = other.results.curve_view
    assert view is not None
    assert other.results.selected_index == 2


def test_seconds_of_a_link_count_as_the_light_curve_on_show_does(bench: Workbench) -> None:
    view = bench.results.curve_view
    start, *_ = bench.form.windows.span
    late = replace(view.curve.observation, start=start + 13 / SECONDS_PER_DAY)
    view.curve = replace(view.curve, observation=late)
    times = (TimeInterval(start + 113 / SECONDS_PER_DAY, start + 119 / SECONDS_PER_DAY),)
    query = ImageQuery(science_windows=handmade.WINDOW, energy=(20, 40), intervals=times)
    bench.opened(f"?{link_parameters(query)}")
    wait_until(lambda: bench.form.times.intervals == times)
    wait_until(lambda: bench.form.times.zero == late.start)
    assert bench.form.times.text.value == "100 106"


def test_windows_that_a_link_names_are_counted_as_such(bench: Workbench) -> None:
    """They were not chosen out of as many: "2 of 2" would say so."""
    link = f"src_name=Cyg+X-1&product_type=isgri_image&scw_list={handmade.WINDOW}"
    bench.opened(f"?{link}")
    wait_until(lambda: "1 window, from the link" in bench.form.windows._summary.value)


def test_windows_keep_what_named_them_when_the_archive_knows_them() -> None:
    named = ScienceWindowList(windows_named([handmade.WINDOW]), 1, OF_A_LIST)
    known = look_up(FakeSite(), named, described("isgri"))
    assert number_of(known) == "1 window, from a list of yours"
    assert known_by(known) not in {"", OF_A_LIST}
    assert look_up(FakeSite(), known, described("isgri")) == known


def test_windows_that_a_search_found_say_of_how_many() -> None:
    ids = Identifiers((handmade.WINDOW,), 1240)
    query = ImageQuery(science_windows=ids, energy=(20, 40))
    assert number_of(windows_of(query, OF_A_JOB)) == "1 of 1,240"
    query = ImageQuery(science_windows=handmade.WINDOW, energy=(20, 40))
    assert number_of(windows_of(query, OF_A_JOB)) == "1 window, from the job"


def test_the_form_of_a_session_that_asks_what_the_link_asks_stays_as_it_is(
    bench: Workbench,
) -> None:
    """It was kept before the job of the link: a link says less of the source and the windows."""
    bench.form.energies.low.value = "40"
    link, kept = bench.bar.link.text, bench.save_session().decode()
    other = Workbench(FakeSite())
    other.opened(link, kept)
    wait_until(lambda: bench.query().identity in {job.query.identity for job in other.job.jobs})
    assert other.form.source.value.resolved_by == bench.form.source.value.resolved_by
    assert other.form.windows._summary.value == bench.form.windows._summary.value


def test_the_address_leads_to_no_query_that_the_kept_session_does_not_hold(
    bench: Workbench,
) -> None:
    bench.keeper._later = Later(Stage(), 3600)  # as long as changes follow each other
    kept: list[str] = []
    bench.keeper._keep = kept.append
    bench.form.energies.low.value = "40"
    job = bench.submit()
    wait_until(lambda: kept)
    assert read_session(kept[0]).jobs[-1].query == job.query


def test_a_notebook_names_the_source_also_after_a_reload(bench: Workbench) -> None:
    bench.image_selection()
    other = Workbench(FakeSite())
    other.open_session(bench.save_session())
    wait_until(lambda: other.results.sky_view is not None)
    assert other.export_notebook() == bench.export_notebook()
    assert f"'{bench.form.source.value.name}'" in other.export_notebook().decode()
