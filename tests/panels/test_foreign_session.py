"""A session of another's making: what it costs to open, and the texts that it may hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.panels.job_table import AGAIN
from oda_widgets.panels.kept_job import KeptJob
from oda_widgets.panels.session_file import read_session
from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.queries import Query
from tests.panels.fake_site import FakeJob, FakeSite
from tests.panels.turns import held_timers, wait_for_threads, wait_until

MOST_JOBS = 500
HALF, BELL = "A\ud800", "A\x07"


def with_jobs(bench: Workbench, jobs: list[dict[str, Any]], **others: Any) -> str:
    """Return the session of a page with other jobs, of which it shows none."""
    content = json.loads(bench.save_session()) | {"shown": {}, "past": None} | others
    one = content["jobs"][0]
    return json.dumps(content | {"jobs": [one | job for job in jobs]})


def band(bench: Workbench, high: float) -> str:
    """Return the query of the first job of a page, up to another energy."""
    query: str = json.loads(bench.save_session())["jobs"][0]["query"]
    return query.replace("E2_keV=150.0", f"E2_keV={high}")


def asked_by(bench: Workbench, site: FakeSite, content: str) -> list[FakeJob]:
    """Return the jobs that a site is asked for as a page opens a session."""
    before = len(site.jobs)
    bench.open_session(content)
    wait_for_threads("oda-offers")
    return site.jobs[before:]


def test_a_query_that_a_session_lists_many_times_is_asked_and_drawn_once(
    bench: Workbench, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    show = bench.results.show
    monkeypatch.setattr(
        bench.results, "show", lambda kind, *a, **k: (drawn.append(kind), show(kind, *a, **k))
    )
    content = with_jobs(bench, [{"status": "running"}] * MOST_JOBS)
    assert len(asked_by(bench, site, content)) == 1
    assert drawn == ["light_curves"]
    assert len(bench.job.jobs) == MOST_JOBS
    assert bench.bar.message.value == ""


def test_a_session_asks_again_the_latest_of_many_jobs_and_says_that_others_wait(
    bench: Workbench, site: FakeSite
) -> None:
    jobs = [{"status": "running", "query": band(bench, 100 + n)} for n in range(60)]
    asked = asked_by(bench, site, with_jobs(bench, jobs))
    assert sorted(job.query.energy.high for job in asked) == [100 + n for n in range(40, 60)]
    assert "40 jobs" in bench.bar.message.value
    assert "at most 20" in bench.bar.message.value
    assert bench.bar.panel.layout.display == ""
    assert isinstance(bench.job.jobs[0], KeptJob)
    bench.job.act("0", AGAIN)
    assert site.jobs[-1].query.energy.high == 100
    assert bench.job.jobs[0] is site.jobs[-1]


def test_what_is_drawn_beside_a_product_counts_among_the_jobs_that_are_asked_again(
    bench: Workbench, site: FakeSite
) -> None:
    jobs = [{"query": band(bench, 100 + n)} for n in range(60)]
    records = read_session(with_jobs(bench, jobs)).jobs
    beside = [[job.query.identity, "SGR 1935+2154"] for job in records]
    tools = {"light_curves": {"beside": beside, "fields": {}}}
    site._finish = False
    assert len(asked_by(bench, site, with_jobs(bench, jobs, tools=tools))) == 20
    assert "40 jobs" in bench.bar.message.value


def test_a_light_curve_is_drawn_once_with_all_that_come_beside_it(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [{"query": band(bench, 100 + n)} for n in range(5)]
    records = read_session(with_jobs(bench, jobs)).jobs
    beside = [[job.query.identity, "SGR 1935+2154"] for job in records]
    tools = {"light_curves": {"beside": beside, "fields": {}}}
    shown = {"light_curves": 4}
    drawn: list[int] = []
    fill = bench.results._fill_curve
    monkeypatch.setattr(
        bench.results,
        "_fill_curve",
        lambda *parts: (drawn.append(len(bench.results.curve_tools.chosen)), fill(*parts)),
    )
    with held_timers():
        bench.open_session(with_jobs(bench, jobs, tools=tools, shown=shown))
    assert drawn == [0, 4]


def test_of_jobs_that_had_not_ended_the_latest_of_a_kind_is_shown(
    bench: Workbench, site: FakeSite
) -> None:
    jobs = [{"status": "queued", "query": band(bench, high)} for high in (100, 200)]
    first, second = asked_by(bench, site, with_jobs(bench, jobs))
    assert bench._shown.jobs["light_curves"].query.energy.high == 200
    assert {first.query.energy.high, second.query.energy.high} == {100, 200}
    assert len(bench.results.curve_tools.others.options) >= 1  # the earlier one is offered


def test_a_query_that_a_site_does_not_take_keeps_no_other_job_back(
    bench: Workbench, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = site.submit

    def choosy(query: Query) -> FakeJob:
        if query.energy.high == 100:
            raise BadParameter("energy", 100, "not answered here", "Choose another band.")
        return take(query)

    monkeypatch.setattr(site, "submit", choosy)
    jobs = [{"status": "running", "query": band(bench, high)} for high in (100, 200)]
    (asked,) = asked_by(bench, site, with_jobs(bench, jobs))
    assert asked.query.energy.high == 200
    assert "1 job not taken: Energies 100" in bench.bar.message.value


def test_one_clock_is_enough_for_all_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    site = FakeSite(finish=False)
    bench = Workbench(site)
    wait_until(lambda: site.jobs and site.jobs[0].listened)
    started: list[str] = []
    monkeypatch.setattr(bench.job, "_tick", lambda: started.append("a clock"))
    jobs = [{"status": "running", "query": band(bench, 100 + n)} for n in range(5)]
    bench.open_session(with_jobs(bench, jobs))
    assert len([job for job in bench.job.jobs if job.status == "queued"]) == 5
    assert len(started) <= 1


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all texts in the content of a file."""
    if isinstance(value, str):
        yield path
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from places(item, (*path, key))


def replaced(content: str, path: tuple[Any, ...], text: str) -> str:
    """Return the content of a file with another text at a path."""
    copy = json.loads(content)
    group = copy
    for key in path[:-1]:
        group = group[key]
    group[path[-1]] = text
    return json.dumps(copy)


@pytest.mark.parametrize("text", [HALF, BELL])
def test_no_text_of_a_session_may_hold_what_no_page_can_show(bench: Workbench, text: str) -> None:
    bench.image_selection()
    bench.spectrum()
    content = bench.save_session().decode()
    every = [path for path in places(json.loads(content)) if path != ("format",)]
    assert {path[0] for path in every} == {"form", "jobs", "views", "tools", "past"}
    seen = set()
    for path in every:
        kind = tuple("" if isinstance(key, int) else key for key in path)
        if kind in seen:
            continue
        seen.add(kind)
        with pytest.raises(DamagedFile, match="control character"):
            read_session(replaced(content, path, text))


@pytest.mark.parametrize("text", [HALF, BELL])
@pytest.mark.parametrize(
    "part",
    [
        lambda text: {"views": {"image": {text: "1"}}},
        lambda text: {"tools": {"spectra": {"beside": [["x", text]], "fields": {}}}},
        lambda text: {"tools": {"spectra": {"beside": [], "fields": {text: ""}}}},
        lambda text: {"later": [[{text: 5}]]},
    ],
)
def test_no_name_in_a_session_may_either(bench: Workbench, text: str, part: Any) -> None:
    content = json.loads(bench.save_session()) | part(text)
    with pytest.raises(DamagedFile, match="control character"):
        read_session(json.dumps(content))


def test_a_session_with_half_a_character_leaves_the_page_as_it_was(bench: Workbench) -> None:
    before, jobs = bench.keeper.session, list(bench.job.jobs)
    raw = bench.save_session().replace(
        b'"radius":"15"', '"radius":"\ud800"'.encode(errors="surrogatepass")
    )
    for content in (raw, raw.decode(errors="surrogatepass").replace("\ud800", "\\ud800").encode()):
        bench.bar.open_button._receive(None, {"type": "file"}, [content])
        assert r"Its radius is '\ud800'" in unescape(bench.bar.message.value)
        assert bench.keeper.session == before
        assert bench.job.jobs == jobs


def test_lines_and_tabs_stand_in_texts_of_a_session(bench: Workbench) -> None:
    bench.results._windows.text.value = lines = "255900280010.001\r\n\t255900290010.001\n"
    again = read_session(bench.save_session())
    assert dict(dict(again.views)["windows"])["text"] == lines


def test_whatever_is_typed_a_saved_session_can_be_opened(bench: Workbench) -> None:
    bench.form.source.name.value = "Cyg\ud800 X\x00-1"
    assert read_session(bench.save_session()).form.name == "Cyg X-1"


def test_a_name_of_a_file_shows_no_half_of_a_character(bench: Workbench, tmp_path: Any) -> None:
    curve = bench.results.curve_view.curve
    curve.save(tmp_path / "curve.fits")
    content = (tmp_path / "curve.fits").read_bytes()
    tools = bench.results.curve_tools
    tools._add_file("curve\ud800.fits", content)
    for label, _ in tools.others.options:
        label.encode()


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", ""])
def test_a_name_that_is_not_that_of_its_source_is_told(bench: Workbench, name: str) -> None:
    content = json.loads(bench.save_session())
    content["form"]["name"] = name
    bench.open_session(json.dumps(content))
    assert bench.form.source.name.value == "SGR 1935+2154"
    said = unescape(bench.bar.message.value)
    assert "SGR 1935+2154" in said
    assert (name or "no name") in said
    assert "<img" not in bench.bar.message.value


def test_a_session_of_ours_is_opened_without_a_word(bench: Workbench) -> None:
    bench.open_session(bench.save_session())
    assert bench.bar.message.value == ""
