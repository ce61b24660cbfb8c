"""The session: undo, what a reload and a file bring back, and what leaves as notebook and zip."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from html import unescape
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, EmptySelection, OdaError
from oda_widgets.panels.export import session_notebook, session_zip
from oda_widgets.panels.job_table import AGAIN, CANCEL, SHOW
from oda_widgets.panels.kept_job import KeptJob, record_of
from oda_widgets.panels.session import JobRecord
from oda_widgets.panels.session_file import LARGEST, read_session, session_text
from oda_widgets.panels.workbench import Workbench
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import Identifiers, ScienceWindow, ScienceWindowList
from oda_widgets.request.timespan import TimeInterval
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_for_threads, wait_until
from tests.views import handmade
from tests.views.wire import edit_cell


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time, which passes at once: each change is one of its own."""
    now = [0.0]

    def later() -> float:
        now[0] += 10.0
        return now[0]

    monkeypatch.setattr("oda_widgets.panels.session_keeper.monotonic", later)
    return now


def seconds(bench: Workbench, first: float, last: float) -> list[tuple[float, float]]:
    zero = bench.form.times.zero
    return [(zero + first / 86400, zero + last / 86400)]


def job_of(query: Query) -> JobRecord:
    return JobRecord(query, "Crab", "done", 1.0)


@pytest.mark.usefixtures("clock")
def test_undo_walks_through_form_selection_and_catalogue(bench: Workbench) -> None:
    bench.image_selection()
    bench.form.energies.choose((20, 40))
    bench.select(seconds(bench, 100, 103))
    bench.results.table.drop_new()
    assert "NEW_1" not in bench.form.catalogue.catalog.names
    bench.undo()
    assert "NEW_1" in bench.form.catalogue.catalog.names
    assert "NEW_1" in bench.results.table.catalog.names
    assert bench.form.times.summary == "3 s in 1 interval"
    bench.undo()
    assert bench.form.times.value == ()
    assert bench.results.curve_view.intervals == ()
    bench.undo()
    assert bench.form.energies.low.value == "28"
    for _ in range(3):
        bench.redo()
    assert bench.form.energies.low.value == "20"
    assert bench.results.curve_view.intervals == bench.form.times.value
    assert "NEW_1" not in bench.results.table.catalog.names
    assert not bench.keeper.can_redo


@pytest.mark.usefixtures("clock")
def test_each_field_is_undone_alone_though_windows_are_searched_after_each(
    bench: Workbench,
) -> None:
    windows = bench.form.windows
    bench.form.source.name.value = "Cyg X-1"
    for name, text in (("start", "2004"), ("stop", "2023"), ("limit", "3")):
        getattr(windows, name).value = text  # the next before the windows of the last are found
    wait_until(lambda: not bench.keeper.past.present.searching)

    def form() -> tuple[str, ...]:
        return bench.form.source.name.value, *(f.value for f in windows._fields if f.value)

    seen = []
    while bench.keeper.can_undo:
        seen.append(form())
        bench.undo()
    assert seen == [
        ("Cyg X-1", "2004", "2023", "15", "3", "0"),
        ("Cyg X-1", "2004", "2023", "15", "50", "0"),
        ("Cyg X-1", "2004", "15", "50", "0"),
        ("Cyg X-1", "15", "50", "0"),
    ]
    assert form() == ("SGR 1935+2154", "15", "50", "0")
    wait_until(lambda: not bench.form.submit_button.disabled)
    bench.redo()
    assert bench.form.source.value.name == "Cyg X-1"


def test_keys_typed_into_one_field_are_undone_together(bench: Workbench) -> None:
    for text in ("2", "20", "200"):
        bench.form.energies.high.value = text
    bench.undo()
    assert bench.form.energies.high.value == "150"


@pytest.mark.parametrize("field", ["low", "high"])
def test_a_field_that_is_typed_over_is_undone_edit_by_edit(bench: Workbench, field: str) -> None:
    control = getattr(bench.form.energies, field)
    before = control.value
    for text in ("4", "40", "5", "50", "501", "50"):  # as keys come, at once
        control.value = text
    for text in ("40", before):
        bench.undo()
        assert control.value == text


@pytest.mark.usefixtures("clock")
def test_half_a_name_is_undone_but_never_returned_to(bench: Workbench) -> None:
    bench.form.source.name.value = "Cyg"
    assert bench.bar.undo_button.disabled is False
    bench.undo()
    assert bench.form.source.name.value == "SGR 1935+2154"
    assert bench.form.source.message.value == ""
    assert not bench.form.submit_button.disabled
    bench.form.source.name.value = "Cyg X-1"
    bench.form.source.submit()
    bench.undo()
    assert bench.query().catalog.names == () if hasattr(bench.query(), "catalog") else True
    assert bench.form.source.value.name == "SGR 1935+2154"
    bench.redo()
    assert bench.form.source.value.name == "Cyg X-1"


def test_a_session_is_the_same_after_its_file(bench: Workbench) -> None:
    bench.image_selection()
    bench.select(seconds(bench, 100, 103))
    session = bench.keeper.session
    back = read_session(session_text(session))
    assert session_text(back) == session_text(session)
    assert back.form == replace(session.form, windows=back.form.windows)
    assert [job.query.identity for job in back.jobs] == [job.query.identity for job in session.jobs]
    assert back.shown == session.shown


@pytest.mark.parametrize(("name", "angle"), [("ra", 999.0), ("ra", -5.0), ("dec", 95.0)])
@pytest.mark.parametrize("where", ["source", "catalog"])
def test_a_place_of_a_session_that_is_not_on_the_sky_is_refused_by_name(
    bench: Workbench, where: str, name: str, angle: float
) -> None:
    content = json.loads(session_text(bench.keeper.session))
    one = {"name": "Crab", "ra": 83.6, "dec": 22.0, "resolved_by": "SIMBAD"} | {name: angle}
    content["form"][where] = one if where == "source" else [one]
    with pytest.raises(OdaError, match=rf"{name}={angle}.*outside"):
        read_session(json.dumps(content))


@pytest.mark.parametrize("absent", ["name", "ra", "dec"])
def test_a_source_without_a_name_or_a_place_is_refused(bench: Workbench, absent: str) -> None:
    content = json.loads(session_text(bench.keeper.session))
    content["form"]["catalog"] = [{"name": "Crab", "ra": 83.6, "dec": 22.0}]
    read_session(json.dumps(content))
    del content["form"]["catalog"][0][absent]
    with pytest.raises(DamagedFile, match="A source in it is"):
        read_session(json.dumps(content))


def test_another_page_goes_on_with_the_session(bench: Workbench) -> None:
    bench.image_selection()
    bench.results.table.drop_new()
    bench.form.energies.choose((20, 40))
    other_site = FakeSite()
    other = Workbench(other_site)
    wait_until(lambda: other.results.curve_view is not None)
    asked = len(other_site.jobs)
    other.open_session(bench.save_session())
    assert other.query().identity == bench.query().identity
    assert "NEW_1" not in other.results.table.catalog.names
    assert len(other_site.jobs) == asked + 2  # the image and the light curve on show
    assert other.results.selected_index == 1
    assert "From another query" in other.results.origins["image"].value
    assert [job.status for job in other.job.jobs] == ["done", "done"]


def test_what_was_running_goes_on_after_a_reload() -> None:
    site = FakeSite(finish=False)
    bench = Workbench(site)
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    site.jobs[0].finish()
    bench.image_selection()
    kept = bench.save_session().decode()
    again = FakeSite(finish=False)
    other = Workbench(again)
    wait_until(lambda: again.jobs and again.jobs[0].listened)
    other.opened(f"?{link_parameters(site.jobs[-1].query)}", kept)
    wait_until(lambda: again.jobs[-1].query == site.jobs[-1].query)
    assert again.jobs[0].status == "cancelled"  # of the page before it knew its session
    again.jobs[-1].finish()
    wait_until(lambda: other.results.sky_view is not None)
    assert other.results.selected_index == 1
    assert len(other.job.jobs) == 2


FAR = TimeInterval(1e9, 1e10)  # which no query takes and no date is of
FAR_AWAY = {"name": "x", "ra": 400, "dec": 0, "resolved_by": ""}
HOSTILE: dict[str, Any] = {
    "no JSON": "<script>alert(1)</script>",
    "not JSON": "[" * 100_000,
    "not the session of a page": "{}",
    "version 2": {"version": 2},
    "version True": {"version": True},
    "version 1.0": {"version": 1.0},
    "product is 'movie'": {"form": {"product": "movie"}},
    "not a text": {"form": {"low": 28}},
    "in place of a number": {"form": {"source": {"name": "x", "ra": "1", "dec": 0}}},
    "cannot be accepted": {
        "form": {"source": {"name": "x", "ra": 400, "dec": 0, "resolved_by": ""}}
    },
    "A science window": {"form": {"windows": {"rows": [["x"]], "available": 1}}},
    "points to [1e+300": {
        "form": {
            "windows": {
                "rows": [["255900280010.001", 1.0, 2.0, 1e300, 0.0, 0.0, 0.0, 9.0, False, {}]],
                "available": 1,
                "answered_by": "x",
            }
        }
    },
    "A time selection": {"form": {"intervals": [5]}},
    "1000000000.0, 10000000000.0]: not an instant": {"form": {"intervals": [[1e9, 1e10]]}},
    "None]: not an instant": {"form": {"intervals": [[8320.0, None]]}},
    "an interval must end after it starts": {"form": {"intervals": [[8321.0, 8320.0]]}},
    "together shorter than": {"form": {"intervals": [[8320.0, 8320.0 + 1e-10]]}},
    "drawn beside others is []": {"tools": {"spectra": {"beside": [[]], "fields": {}}}},
    "not a list of at most": {"jobs": {}},
    "which does not exist": {"jobs": [{"status": "stolen"}]},
    "not a number up to": {"tab": 1e9},
}


def hostile(content: Any, session: dict[str, Any]) -> str:
    """Return the text of a hostile file; a dictionary is what is wrong in the session of a page."""
    if not isinstance(content, dict):
        return str(content)
    changed = dict(session)
    for name, value in content.items():
        merged = session.get(name) if isinstance(value, dict) else None
        changed[name] = {**merged, **value} if isinstance(merged, dict) else value
    return json.dumps(changed)


def test_hostile_sessions_are_refused_in_words_and_leave_the_page_as_it_was(
    bench: Workbench,
) -> None:
    """One page for all: to make one takes longer than to refuse a file."""
    before, session = bench.query(), json.loads(bench.save_session())
    for words, content in HOSTILE.items():
        file = hostile(content, session).encode()
        bench.bar.open_button._receive(None, {"type": "file"}, [file])
        assert words.removeprefix("no ") in unescape(bench.bar.message.value), words
        assert bench.query() == before, words
        bench.bar.message.value = ""


@pytest.mark.parametrize("content", [None, 5, [], {}])
def test_what_is_no_content_of_a_file_is_refused(content: Any) -> None:
    with pytest.raises(BadParameter, match=r"content=.*Write Path\("):
        read_session(content)


def test_a_session_that_cannot_be_drawn_leaves_the_page_as_it_was(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.select(seconds(bench, 10, 20))
    before, jobs = bench.keeper.session, bench.job.jobs
    good = bench.save_session()
    evil = replace(read_session(good), form=replace(before.form, intervals=(FAR,)))
    monkeypatch.setattr("oda_widgets.panels.workbench.read_session", lambda _content: evil)
    with pytest.raises(Exception, match="unacceptable date"):
        bench.open_session(good)
    monkeypatch.undo()
    assert bench.keeper.session == before
    assert bench.job.jobs is jobs
    assert bench.keeper.can_undo
    bench.open_session(good)
    assert bench.keeper.session.form == before.form


def test_a_session_of_ten_megabytes_is_refused_unread() -> None:
    with pytest.raises(DamagedFile, match="more than 8 MB"):
        read_session(" " * (LARGEST + 1))


def test_the_table_of_jobs_cancels_opens_and_runs_again() -> None:
    site = FakeSite(finish=False)
    bench = Workbench(site)
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    site.jobs[0].finish()
    bench.image_selection()
    table = bench.job.table

    def state() -> str:
        return str(table.rows[0]["cells"][7]["text"])

    assert [row["cells"][3]["text"] for row in table.rows] == ["Image 1", "Light curve 1"]
    press = {"type": "act", "id": "1"}
    table._receive(None, {**press, "action": CANCEL}, [])
    assert "cancelled" in state()
    table._receive(None, {**press, "action": AGAIN}, [])
    assert "queued" in state()
    site.jobs[-1].finish()
    assert "✓ done" in state()
    assert bench.results.sky_view is not None
    table._receive(None, {"type": "act", "id": "0", "action": SHOW}, [])
    assert bench.form.product.value == "light_curves"
    table._receive(None, {"type": "act", "id": "7", "action": "Open"}, [])  # there is none


def test_back_and_forward_show_the_form_and_the_result_of_their_query(bench: Workbench) -> None:
    first = bench.image_selection()
    bench.form.energies.choose((20, 40))
    second = bench.image_selection()
    assert bench.job.number(second) == 2
    bench._moved(f"?{link_parameters(first.query)}")
    wait_until(lambda: bench.form.energies.low.value == "28")
    wait_until(lambda: bench.results.origins["image"].value == "")
    assert len(bench.job.jobs) == 3  # the light curve and two images: nothing is asked again
    bench._moved(f"?{link_parameters(second.query)}")
    wait_until(lambda: bench.form.energies.low.value == "20")
    bench._moved("?product_type=isgri_movie")
    wait_until(lambda: "isgri_movie" in bench.job.message.value)


def test_back_to_a_query_that_was_cancelled_says_so(site: FakeSite, bench: Workbench) -> None:
    site._finish = False
    cancelled = bench.image_selection()
    cancelled.cancel()
    site._finish = True
    bench.form.energies.choose((20, 40))
    bench.image_selection()
    assert bench.job.message.value == ""
    bench._moved(f"?{link_parameters(cancelled.query)}")
    wait_for_threads("oda-workbench")
    assert bench.form.energies.low.value == "28"
    assert "The job was cancelled." in bench.job.message.value


def test_a_kept_job_that_ran_is_not_called_done(bench: Workbench) -> None:
    running = replace(record_of(bench.job.jobs[0], "x", 1.0), status="running")
    assert KeptJob(running).status == "cancelled"
    assert KeptJob(running).was_running


def test_a_reload_keeps_the_time_in_which_a_result_was_computed(bench: Workbench) -> None:
    bench.image_selection().elapsed = 102.7
    other = Workbench(FakeSite())
    other.open_session(bench.save_session())  # read from the store, in no time
    wait_until(lambda: other.job.jobs[1].status == "done" and other.results.sky_view is not None)
    assert not isinstance(other.job.jobs[1], KeptJob)
    assert other.job.records[1].seconds == 102.7
    assert other.job.history.children[0].description.endswith("102.7 s")
    assert other.job.table.rows[0]["cells"][-1]["text"] == "102.7 s"


def test_a_session_without_results_exports_nothing(bench: Workbench) -> None:
    with pytest.raises(EmptySelection, match="no result yet"):
        session_notebook([])
    with pytest.raises(EmptySelection, match="no result yet"):
        session_zip("{}", b"", [])
    assert bench.export_notebook()


def test_the_zip_has_files_figures_code_provenance_and_citation(sample_site: oda.Site) -> None:
    bench = Workbench(sample_site)
    wait_until(lambda: bench.job.jobs and bench.job.jobs[0].status == "done")
    wait_until(lambda: "light_curves" in bench._shown.jobs)
    bench.select([("2022-10-12T15:20:44", "2022-10-12T15:20:45")])
    bench.spectrum_of("SGR 1935+2154").result()
    wait_until(lambda: "spectra" in bench._shown.jobs)
    with zipfile.ZipFile(io.BytesIO(bench.export_zip())) as archive:
        names = set(archive.namelist())
        notebook = json.loads(archive.read("session.ipynb"))
        session = read_session(archive.read("session.oda-session.json"))
    folder = "Spectrum_of_SGR_1935+2154_ISGRI/"
    files = {"citation.txt", "provenance.json", "repeat.py", "Spectrum_of_SGR_1935+2154_ISGRI.fits"}
    files |= {f"Spectrum_of_SGR_1935+2154_ISGRI{end}" for end in ("_rmf.fits", "_arf.fits", ".pdf")}
    assert {folder + name for name in files} <= names
    assert len(session.jobs) == 2
    code = "\n".join(c["source"] for c in notebook["cells"] if c["cell_type"] == "code")
    scope: dict[str, Any] = {}
    exec(compile(code, "session.ipynb", "exec"), scope)  # noqa: S102 - the notebook we wrote
    (made,) = scope["spectra"].values()
    job = bench.job.jobs[-1]
    assert made.provenance.id == job.result()["SGR 1935+2154"].provenance.id


def test_an_edited_cell_is_part_of_the_session(bench: Workbench) -> None:
    bench.image_selection()
    table = bench.results.table
    edit_cell(table.pane, table._rows, "selected", 1, value=False)
    kept = read_session(bench.save_session()).form.catalog
    assert [source.selected for source in kept][:2] == [True, False]


def test_seconds_count_from_the_same_instant_after_a_reload(bench: Workbench) -> None:
    start = handmade.START - 4000.0  # windows of another year than the light curve on show
    window = ScienceWindow("097100400010.001", start, start + 0.04, 270.0, -25.0, 0.0, 0.0, 3000.0)
    bench.form.windows.show(ScienceWindowList((window,), 328, "by hand"))
    said = bench.form.times._reference.value
    assert bench.form.times.zero == start
    other = Workbench(FakeSite())
    wait_until(lambda: other.results.curve_view is not None)
    other.open_session(bench.save_session())
    wait_until(lambda: other.job.jobs[0].status == "done")
    assert other.form.times.zero == start
    assert other.form.times._reference.value == said


def test_products_say_of_how_many_windows_theirs_are_after_a_reload(bench: Workbench) -> None:
    query = replace(bench.query(), science_windows=Identifiers([handmade.WINDOW], 328))
    back = read_session(session_text(replace(bench.keeper.session, jobs=(job_of(query),))))
    assert back.jobs[0].query.science_windows.available == 328


def test_what_was_drawn_beside_a_product_is_there_after_a_reload(bench: Workbench) -> None:
    bench.spectrum()
    bench.form.times.choose(seconds(bench, 100, 103))
    bench.spectrum()
    spectra, curves = bench.results.spectrum_tools, bench.results.curve_tools
    ((_, beside),) = spectra.others.options
    spectra.others.value = (beside,)
    curves.width.value = dict(curves.width.options)["20 s"]
    curves.fit.value, curves.norm.value, curves.factor.value = "constant", "factor", "2"
    other = Workbench(FakeSite())
    wait_until(lambda: other.results.curve_view is not None)
    other.open_session(bench.save_session())
    wait_until(lambda: all(job.status == "done" for job in other.job.jobs))
    assert [state for _, state in other.keeper.session.tools] == [curves.state, spectra.state]
    wait_until(lambda: len(other.results.spectrum_view._spectra) == 2)
    assert float(np.median(other.results.curve_view.curve.width)) == pytest.approx(20, rel=0.01)


def reloaded(bench: Workbench) -> Workbench:
    """Return another page, with the session of one, as soon as its results are there."""
    other = Workbench(FakeSite())
    wait_until(lambda: other.results.curve_view is not None)
    other.open_session(bench.save_session())
    wait_until(lambda: all(job.status == "done" for job in other.job.jobs))
    return other


def test_what_was_on_screen_is_there_after_a_reload(bench: Workbench) -> None:
    bench.form.use_catalog(SourceCatalog(tuple(handmade.catalog())[:2]), "by hand")
    bench.light_curve()
    bench.image_selection()
    bench.spectrum()
    sky, curve = bench.results.sky_view, bench.results.curve_view
    sky.show_map("intensity")
    sky.set_stretch(sky.stretch.with_(low=-1.5, high=4.25, scale="asinh", colours="viridis"))
    sky._controls._grid.value = False
    sky.highlight("Cyg X-1")
    sky.zoom_to_source()
    curve.time.value = "mjd"
    curve.zoom(curve.zero + 100 / 86400, curve.zero + 220 / 86400)
    choice = bench.results._spectrum.children[1].children[0]
    choice.value = "Cyg X-1"
    spectrum = bench.results.spectrum_view
    spectrum.grouping.value = "5"
    spectrum.figure.x_range.update(start=30.0, end=90.0)
    bench.results._windows.text.value = "255900280010.001"
    bench.results.selected_index = 4
    kept = bench.keeper.session.views
    other = reloaded(bench)
    assert dict(other.keeper.session.views) == dict(kept)
    assert other.results.selected_index == 4
    assert other.results.sky_view.stretch == sky.stretch
    assert other.results.sky_view._figure.frame.window.left == pytest.approx(
        sky._figure.frame.window.left
    )
    assert other.results.spectrum_view.spectrum.name == "Cyg X-1"
    assert other.results.curve_view.figure.x_range.end == pytest.approx(220, abs=1e-3)
    assert other.results.curve_view.figure.x_range.reset_start == pytest.approx(0, abs=60)


def test_an_open_fit_is_there_after_a_reload(bench: Workbench) -> None:
    bench.spectrum()
    panel = bench.results._fit.begin()
    panel.ranges[0][0].value = "25"
    panel.model.value = "cutoffpl"
    rows = panel.table.rows
    rows["PhoIndex"].value.value, rows["PhoIndex"].free.value = 1.25, False
    panel.run()
    rows["HighECut"].high.value = 400
    rows["norm"].value.value *= 1.5  # moved by hand, and not fitted since
    panel.view.kind.value = "E F(E)"
    panel.measures.low.value = "30"
    panel.measures.flux()
    panel.prior.value = "jeffreys"
    other = reloaded(bench)
    again = other.results._fit.panel
    wait_until(lambda: again.measures.found)
    assert other.results._fit.kept == bench.results._fit.kept
    assert again.measures.found == panel.measures.found
    assert again.present().parameters["PhoIndex"].frozen
    assert again.present().parameters["HighECut"].high == 400
    assert again.view.summary.value == panel.view.summary.value
    assert other.results.spectrum_view.layout.display == "none"


def test_a_fit_of_two_spectra_is_there_once_both_are(bench: Workbench) -> None:
    bench.spectrum()
    bench.form.times.choose(seconds(bench, 100, 103))
    bench.spectrum()
    tools = bench.results.spectrum_tools
    tools.others.value = (tools.others.options[0][1],)
    panel = bench.results._fit.begin()
    other = reloaded(bench)
    wait_until(lambda: other.results._fit.panel is not None)
    assert other.results._fit.panel.model.value == panel.model.value == "constant*powerlaw"


def test_an_open_fit_stays_when_its_spectrum_is_shown_again(bench: Workbench) -> None:
    job = bench.spectrum()
    panel = bench.results._fit.begin()
    bench.job.choose(job)
    assert bench.results._fit.panel is panel
    bench.form.times.choose(seconds(bench, 100, 103))
    bench.spectrum()
    assert bench.results._fit.panel is None


HOSTILE_FITS: dict[str, dict[str, str]] = {
    "powerlow": {"model": "<script>powerlow</script>"},
    "not a number": {"value:PhoIndex": "__import__('os')", "low:PhoIndex": "0"},
    "Nonsense": {"value:Nonsense": "1", "low:Nonsense": "0", "high:Nonsense": "2"},
}


@pytest.mark.parametrize("words", HOSTILE_FITS)
def test_a_hostile_fit_of_a_session_is_refused_in_words(bench: Workbench, words: str) -> None:
    bench.spectrum()
    bench.results._fit.begin()
    session = json.loads(bench.save_session())
    session["views"]["fit"] |= HOSTILE_FITS[words]
    other = Workbench(FakeSite())
    wait_until(lambda: other.results.curve_view is not None)
    other.open_session(json.dumps(session))
    wait_until(lambda: other.results._fit is not None and other.results._fit.panel is not None)
    message = other.results._fit.panel.message.value
    assert words in message
    assert "<script" not in message


def test_a_reload_keeps_the_tab_when_the_address_names_a_result(bench: Workbench) -> None:
    image = bench.image_selection()
    bench.results.selected_index = 4
    other = Workbench(FakeSite())
    wait_until(lambda: other.results.curve_view is not None)
    other.opened(f"?{link_parameters(image.query)}", bench.save_session().decode())
    wait_for_threads("oda-workbench")
    assert other.results.sky_view is not None
    assert other.results.selected_index == 4
    assert len(other.job.jobs) == 2


@pytest.mark.parametrize("in_store", [0, 1])
def test_only_stored_results_are_offered_again_beside_others(
    bench: Workbench, in_store: int
) -> None:
    bench.spectrum()
    bench.form.times.choose(seconds(bench, 100, 103))
    bench.spectrum()
    other = Workbench(FakeSite(in_store=in_store))
    wait_until(lambda: other.results.curve_view is not None)
    other.open_session(bench.save_session())
    wait_for_threads("oda-offers")
    assert len(other.results.spectrum_tools.others.options) == in_store
