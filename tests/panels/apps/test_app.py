"""A function as a page: recorded answers at once, computed ones on demand, all errors in words."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from PIL import Image

import oda_widgets as oda
from oda_widgets.errors import BadParameter, EmptySelection, JobCancelled
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.answer import Part, Run
from oda_widgets.panels.apps.app import THREAD
from oda_widgets.panels.apps.drawing import Drawing, view_of
from oda_widgets.panels.apps.recording import AppRecording
from oda_widgets.panels.apps.take_home import identity_of, script_of
from tests.panels.turns import wait_for_threads
from tests.patience import PATIENCE

MAGNETAR = "SGR 1935+2154"
BURST = [("2022-10-12T15:20:27", "2022-10-12T15:20:33")]


def bursts(site: Any, energy: tuple[float, float]) -> Iterator[Any]:
    image = site.image(MAGNETAR, energy=energy, intervals=BURST)
    yield "Figure 1", image, {"sources": len(image.catalog)}
    curves = site.light_curves(catalog=[MAGNETAR], energy=energy, time_bin=10)
    yield "Figure 2", curves[MAGNETAR], {"mean rate": curves[MAGNETAR].mean()}


BANDS = [(28, 80), (28, 150)]
CONNECTION = "oda.connect(archive='sample')"


@pytest.fixture(scope="module")
def site() -> oda.Site:
    return oda.connect(archive="sample", executor="none")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def recording(site: oda.Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the recording of an app, which no test changes."""
    folder = tmp_path_factory.mktemp("recording")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        app = App(site, bursts, "bursts", energy=BANDS)
        app.recording.write(app.choices, site.name, tuple(Run(bursts, site, app.choices).parts()))
    return folder / "recorded"


@pytest.fixture
def recorded(folder: Path, recording: Path) -> Path:
    """Give a copy of it, beside which an app is opened."""
    return shutil.copytree(recording, folder / "recorded") / "bursts.zip"


@pytest.mark.usefixtures("folder")
def test_without_a_recording_the_page_says_what_to_press(site: oda.Site) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    assert "There is no recording bursts.zip" in app.message.value
    assert "Compute again" in app.message.value
    assert app.parts == ()


@pytest.mark.usefixtures("folder")
def test_computing_shows_each_figure_with_its_numbers(site: oda.Site) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    app.compute()
    assert [part.figure for part in app.parts] == ["Figure 1", "Figure 2"]
    assert app.parts[0].values["sources"].value == 1
    assert "Computed now" in app.state.value
    assert app.message.value == ""


@pytest.mark.usefixtures("recorded")
def test_a_recorded_answer_is_shown_at_once_with_the_same_numbers(site: oda.Site) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    assert "Recorded on" in app.state.value
    computed = Run(bursts, site, app.choices).parts()
    # NaN stands for an error that there is not.
    assert [str(part.values) for part in app.parts] == [str(part.values) for part in computed]


@pytest.mark.usefixtures("recorded")
def test_two_pages_with_one_recording_share_no_model(site: oda.Site) -> None:
    first, second = (App(site, bursts, "bursts", energy=BANDS) for _ in range(2))
    names = [
        {
            model.id
            for pane in view_of(app.parts[0].shown).children
            for model in pane.document.models
        }
        for app in (first, second)
    ]
    assert names[0]
    assert not names[0] & names[1]


def recording_of(
    path: Path, name: str = "bursts", code: str = "", connection: str = CONNECTION
) -> AppRecording:
    return AppRecording(path, name, code or identity_of(bursts), connection)


def test_a_recorded_answer_holds_figures_for_publication(recorded: Path) -> None:
    parts = recording_of(recorded).read({"energy": (28, 80)}).parts
    sizes = [Image.open(BytesIO(part.picture)).size for part in parts]
    assert all(1000 <= width <= 1400 for width, _ in sizes)


@pytest.mark.usefixtures("folder")
def test_a_figure_may_have_options_such_as_the_light_curves_beside_it(site: oda.Site) -> None:
    def compared(site: Any) -> Iterator[Any]:
        curves = site.light_curves(catalog=[MAGNETAR], energy=(28, 80), time_bin=100)
        beside = {"others": curves[MAGNETAR].rebin(seconds=600), "labels": ["short", "long"]}
        yield "Figure 1", curves[MAGNETAR], {}, beside

    app = App(site, compared, "compared")
    app.compute()
    assert app.message.value == ""
    app.recording.write({}, site.name, app.parts)
    drawing = app.recording.read({}).parts[0].shown
    [pane] = view_of(drawing).children
    assert [item.label.value for item in pane.document.roots[0].legend[0].items] == [
        "short", "long"
    ]  # fmt: skip


@pytest.mark.usefixtures("folder")
def test_a_choice_that_was_not_recorded_is_computed(site: oda.Site) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    app.compute_behind = app.compute  # type: ignore[method-assign]
    app.controls["energy"].value = (28, 150)
    assert app.choices == {"energy": (28, 150)}
    assert len(app.parts) == 2


@pytest.mark.usefixtures("folder")
def test_a_link_makes_the_choices(site: oda.Site) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    app.compute_behind = app.compute  # type: ignore[method-assign]
    app._link_changed("?energy=28+to+150&else=1")
    assert app.choices == {"energy": (28, 150)}
    assert app.link_message.value == ""


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("link", "said"),
    [("?energy=3+to+5", "3 to 5"), ("?enrgy=28+to+150", "did you mean &#x27;energy&#x27;")],
)
def test_a_link_that_asks_in_vain_says_so_and_leaves_the_address(
    site: oda.Site, monkeypatch: pytest.MonkeyPatch, link: str, said: str
) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(app.page, "send", sent.append)
    app._link_changed(link)
    assert said in app.link_message.value
    assert sent == [{"type": "address", "link": "energy=28+to+80", "replace": True}]
    app.compute_behind = lambda: None  # type: ignore[method-assign]
    app.controls["energy"].value = BANDS[1]
    assert app.link_message.value == ""


@pytest.mark.usefixtures("recorded")
def test_recorded_figures_stay_until_new_ones_take_their_places(
    site: oda.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    recorded = app.parts
    with monkeypatch.context() as patch:
        patch.setattr("oda_widgets.panels.apps.app.Run", SaysMore)
        app.compute_button.click()
        assert app.parts == recorded
        headings = [card.children[0].value for card in app._figures.children]
        assert all("from the recording of" in heading for heading in headings)
        app.stop_button.click()
        wait_for_threads(THREAD)
    assert app.parts[1:] == recorded  # after what came before it was stopped
    app.compute()
    assert [part.figure for part in app.parts] == [part.figure for part in recorded]
    assert not any("recording" in card.children[0].value for card in app._figures.children)


@pytest.mark.usefixtures("folder")
def test_products_from_the_store_are_told_as_such(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
        app = App(oda.connect("sample", executor="none"), bursts, "bursts", energy=BANDS)
        app.compute()
        assert "Computed now" in app.state.value
        app.compute()
        assert "From the store of results" in app.state.value


def test_an_answer_of_other_code_is_refused(recorded: Path) -> None:
    recording = recording_of(recorded, code="def bursts(): ...")
    with pytest.raises(EmptySelection, match="other code"):
        recording.read({"energy": (28, 80)})


@pytest.mark.usefixtures("recorded")
def test_a_value_that_the_function_reads_is_part_of_its_code(
    site: oda.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert App(site, bursts, "bursts", energy=BANDS).parts
    monkeypatch.setitem(bursts.__globals__, "BURST", [("2022-10-12T15:20:27", 3)])
    app = App(site, bursts, "bursts", energy=BANDS)
    assert app.parts == ()
    assert "other values that it reads" in app.message.value


@pytest.mark.usefixtures("recorded")
def test_an_answer_of_another_site_is_refused() -> None:
    app = App(oda.connect(archive="simulated", executor="none"), bursts, "bursts", energy=BANDS)
    assert app.parts == ()
    assert "recorded over another site" in app.message.value


def test_an_answer_of_another_app_is_refused(recorded: Path) -> None:
    recording = recording_of(recorded, name="crab")
    with pytest.raises(EmptySelection, match="answers of bursts, not of crab"):
        recording.read({"energy": (28, 80)})


def test_an_answer_for_other_choices_is_refused(recorded: Path) -> None:
    recording = recording_of(recorded)
    with pytest.raises(EmptySelection, match="no answer for energy"):
        recording.read({"energy": (20, 40)})


def test_a_changed_recording_is_refused(recorded: Path, site: oda.Site) -> None:
    with zipfile.ZipFile(recorded) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(recorded, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(b"Figure 1", b"Figure 9"))
    app = App(site, bursts, "bursts", energy=BANDS)
    assert "was changed" in app.message.value
    assert app.parts == ()


def test_an_error_is_shown_beside_the_figures_that_came_before_it(
    folder: Path, site: oda.Site
) -> None:
    def failing(site: Any) -> Iterator[Any]:
        yield "Figure 1", site.image(MAGNETAR, energy=(28, 80), intervals=BURST)
        site.image("Nibiru X-1")

    assert not list(folder.iterdir())
    app = App(site, failing, "failing")
    app.compute()
    assert len(app.parts) == 1
    assert "Nibiru X-1" in app.message.value


def test_a_stopped_run_ends_before_its_next_figure(site: oda.Site) -> None:
    run = Run(bursts, site, {"energy": (28, 80)})
    parts = run.parts()
    next(parts)
    run.stop()
    with pytest.raises(JobCancelled):
        next(parts)


def test_a_job_that_was_cancelled_by_stop_is_told_in_words_of_the_page(site: oda.Site) -> None:
    def cancelled(_site: Any) -> Iterator[Any]:
        run.stop()
        raise JobCancelled("The job was cancelled.", "Submit it again.")
        yield

    run = Run(cancelled, site, {})
    with pytest.raises(JobCancelled, match="Press Compute again"):
        next(run.parts())


class SaysMore(Run):
    """A run that goes on until it is stopped, and says and shows something still."""

    def parts(self) -> Iterator[Part]:
        assert self._stopped.wait(PATIENCE)
        self._on_progress(self, "reading windows", 0.5)
        yield Part("Late", Drawing(()), {})
        raise JobCancelled("The job was cancelled.", "Submit it again.")


def state_of(app: App) -> tuple[object, ...]:
    """Return what a page shows."""
    figures = [part.figure for part in app.parts]
    buttons = app.compute_button.disabled, app.stop_button.layout.display
    return figures, app.state.value, app.message.value, *buttons


@pytest.mark.usefixtures("recorded")
def test_a_control_moved_while_it_computes_drops_what_the_computation_still_says(
    site: oda.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oda_widgets.panels.apps.app.Run", SaysMore)
    app = App(site, bursts, "bursts", energy=BANDS)
    before = state_of(app)
    app.compute_button.click()
    assert app.compute_button.disabled
    app.controls["energy"].value = BANDS[1]  # computed, as it was not recorded
    assert app.compute_button.disabled
    app.controls["energy"].value = BANDS[0]
    assert state_of(app) == before
    wait_for_threads(THREAD)
    assert state_of(app) == before
    app.compute_button.click()
    assert app.compute_button.disabled
    app.stop_button.click()
    wait_for_threads(THREAD)
    assert not app.compute_button.disabled


@pytest.mark.usefixtures("folder")
def test_a_function_that_fails_before_its_first_figure_says_so(site: oda.Site) -> None:
    def failing(_site: Any) -> list[Any]:
        raise EmptySelection("Nothing is there.", "Give something.")

    app = App(site, failing, "failing")
    app.compute()
    assert "Nothing is there." in app.message.value
    assert (app.state.value, app.compute_button.disabled) == ("", False)


@pytest.mark.parametrize("given", ["Figure 1", ("Figure 1",), (1, None), ("Figure 1", None, 3)])
def test_what_is_no_figure_is_refused(site: oda.Site, given: object) -> None:
    run = Run(lambda _site: [given], site, {})
    with pytest.raises(BadParameter, match="yield"):
        list(run.parts())


@pytest.mark.parametrize("values", [[], 3, "abc"])
@pytest.mark.usefixtures("folder")
def test_a_control_needs_values(site: oda.Site, values: Any) -> None:
    with pytest.raises(BadParameter, match="energy"):
        App(site, bursts, "bursts", energy=values)


@pytest.mark.usefixtures("folder")
def test_the_script_saves_all_figures(site: oda.Site, capsys: pytest.CaptureFixture[str]) -> None:
    script = script_of(bursts, {"energy": (28, 80)}, "SITE")
    exec(script, {"SITE": site})  # noqa: S102 - what it is for
    assert Path("Figure 1.pdf").stat().st_size > 1000
    assert "sources" in capsys.readouterr().out


@pytest.mark.parametrize(("number", "lines"), [(2, 2), (17, 1)])
@pytest.mark.usefixtures("folder")
def test_many_remarks_are_folded_into_one_line(site: oda.Site, number: int, lines: int) -> None:
    app = App(site, bursts, "bursts", energy=BANDS)
    notes = tuple(f"Source <{n}> is left out." for n in range(number))
    part = next(iter(Run(bursts, site, app.choices).parts()))
    app._show(replace(part, notes=notes))
    remarks = app._figures.children[0].children[3:]
    assert len(remarks) == lines
    assert ("17 remarks" in remarks[0].value) is (lines < number)
    assert "Source &lt;1&gt; is left out." in remarks[-1].value


def opens(site: Any) -> Iterator[Any]:
    yield open, site


def test_what_a_shell_makes_of_open_is_no_other_code() -> None:
    in_a_shell = FunctionType(opens.__code__, globals() | {"open": print})
    assert identity_of(in_a_shell) == identity_of(opens)
