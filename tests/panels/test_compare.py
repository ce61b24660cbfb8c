"""Light curves and spectra of the session side by side, rebinned and fitted without a query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oda_widgets.panels.compare import CurveTools
from oda_widgets.panels.result_parts import FitLauncher
from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.views.choice_list import ChoiceList
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.views import handmade


@pytest.fixture
def two_bands(bench: Workbench) -> Workbench:
    """Return a page with light curves of two sources."""
    bench.form.use_catalog(SourceCatalog(tuple(handmade.catalog())[:2]), "by hand")
    bench.light_curve()
    return bench


def click(listed: ChoiceList, edition: int, *places: int) -> None:
    message = {"type": "choose", "edition": edition, "chosen": list(places), "click": 1.0}
    listed._receive(listed, message, [])


def labels(bench: Workbench) -> list[str]:
    return [str(item.label.value) for item in bench.results.curve_view.figure.legend[0].items]


def test_another_light_curve_is_drawn_beside_the_one_on_show(
    two_bands: Workbench, site: FakeSite
) -> None:
    asked, tools = len(site.jobs), two_bands.results.curve_tools
    offered = dict(tools.others.options)
    cygnus = next(key for text, key in offered.items() if text.startswith("Cyg X-1"))
    tools.others.value = (cygnus,)
    assert labels(two_bands) == ["SGR 1935+2154", "Cyg X-1"]
    tools.norm.value = "factor"
    tools.factor.value = "2"
    assert labels(two_bands)[1].startswith("Cyg X-1")
    assert "2" in labels(two_bands)[1]
    tools.factor.value = "two"
    assert "not a number" in tools.message.value
    assert len(site.jobs) == asked


def test_a_result_that_a_later_query_overtook_is_offered_beside_it() -> None:
    site = FakeSite(finish=False)
    bench = Workbench(site)
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    site.jobs[0].finish()
    bench.spectrum()
    bench.form.times.choose([("2022-10-12T15:20:44", "2022-10-12T15:20:54")])
    bench.spectrum()
    for job in site.jobs[1:]:
        job.finish()
    assert len(bench.results.spectrum_tools.others.options) == 1
    assert bench.results.spectrum_view is not None


def test_the_same_source_is_offered_first_and_a_click_stays_marked(bench: Workbench) -> None:
    two = SourceCatalog(tuple(handmade.catalog())[:2])
    bench.spectrum()
    bench.form.use_catalog(two, "by hand")
    bench.form.times.choose([("2022-10-12T15:20:44", "2022-10-12T15:20:54")])
    bench.spectrum()
    others = bench.results.spectrum_tools.others
    names = [text for text, _ in others.options]
    assert "Cyg X-1" not in names[0]
    assert "Cyg X-1" in names[-1]
    # What a click draws may offer more products: then the lines are new, and the choice stays.
    others.observe(lambda _change: bench.results.spectrum_tools._offer(), names="value")
    click(others, others.shown["edition"], 0)
    assert others.shown["chosen"] == [0]


def test_rebinning_fitting_and_limits_keep_the_selection(bench: Workbench, site: FakeSite) -> None:
    asked, tools = len(site.jobs), bench.results.curve_tools
    start = bench.form.times.zero
    bench.select([(start + 600 / 86400, start + 640 / 86400)])
    before = bench.results.curve_view.curve
    tools.width.value = dict(tools.width.options)["20 s"]
    shown = bench.results.curve_view
    assert float(np.median(shown.curve.width)) == pytest.approx(20, rel=0.01)
    assert np.nansum(shown.curve.rate * shown.curve.exposure) == pytest.approx(
        np.nansum(before.rate * before.exposure), rel=1e-6
    )
    assert shown.intervals == bench.form.times.value
    tools.fit.value = "constant"
    tools.limit.value = "3"
    assert labels(bench)[0].startswith("constant: ")
    assert "arrows: 3 σ upper limits" in bench.results.curve_view.figure.above[0].text
    assert len(site.jobs) == asked


def test_a_curve_from_a_file_is_drawn_and_a_broken_one_refused(
    bench: Workbench, tmp_path: Path
) -> None:
    tools = bench.results.curve_tools
    handmade.light_curve(bins=100).save(tmp_path / "mine.fits")
    tools._add_file("mine.fits", (tmp_path / "mine.fits").read_bytes())
    assert len(labels(bench)) == 2
    before = tools.others.options
    with pytest.raises(Exception, match=r"evil\.fits") as refused:
        tools._add_file("evil.fits", b"<script>")
    assert "tmp" not in str(refused.value)
    assert tools.others.options == before


def test_a_click_into_lines_that_were_just_taken_away_chooses_nothing() -> None:
    listed = ChoiceList([("one", "a"), ("two", "b")], ["b"])
    before = listed.shown["edition"]
    listed.show([("three", "c")])
    click(listed, before, 1)
    assert listed.value == ()
    click(listed, listed.shown["edition"], 0)
    assert listed.value == ("c",)


def test_lines_and_choice_of_a_list_reach_the_page_in_one_message() -> None:
    listed = ChoiceList([("one", "a"), ("two", "b")], ["b"])
    sent: list[dict[str, Any]] = []
    listed._send = lambda message, **_: sent.append(message["state"])
    listed.show([("three", "c")], ["c"])
    listed.options = ()
    chosen = [(state["shown"]["lines"], state["shown"]["chosen"]) for state in sent]
    assert chosen == [(["three"], [0]), ([], [])]


def test_a_choice_that_is_not_offered_is_none() -> None:
    listed = ChoiceList([("one", "a"), ("two", "b")], ["b", "z", "a"])
    assert listed.value == ("a", "b")


def test_overlaid_spectra_are_fitted_together(bench: Workbench) -> None:
    bench.form.use_catalog(SourceCatalog(tuple(handmade.catalog())[:2]), "by hand")
    bench.spectrum_of("SGR 1935+2154")
    tools = bench.results.spectrum_tools
    tools.others.value = (tools.others.options[0][1],)
    (place,) = bench.results._spectrum.children[2].children
    launcher = next(part for part in place.children if isinstance(part, FitLauncher))
    assert launcher.button.description == "Fit 2 spectra together"
    assert len(bench.results.spectrum_view._spectra) == 2


def test_the_selected_seconds_become_a_spectrum(bench: Workbench, site: FakeSite) -> None:
    start = bench.form.times.zero
    bench.select([(start + 600 / 86400, start + 640 / 86400)])
    bench.results.selection.spectrum_button.click()
    assert site.jobs[-1].query.intervals == bench.form.times.value
    assert bench.results.selected_index == 2


def test_tools_without_a_curve_offer_nothing() -> None:
    tools = CurveTools()
    assert tools.chosen == []
    assert tools.others.options == ()
