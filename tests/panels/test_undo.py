"""What undo and redo say, and that a reload keeps their steps."""

from __future__ import annotations

import json
from time import monotonic

import pytest

from oda_widgets.errors import DamagedFile
from oda_widgets.panels.past_file import MOST_STEPS
from oda_widgets.panels.session_file import read_session, session_text
from oda_widgets.panels.workbench import Workbench
from tests.panels.fake_site import FakeSite


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass at once: each change is one of its own."""
    now = [0.0]

    def later() -> float:
        now[0] += 10.0
        return now[0]

    monkeypatch.setattr("oda_widgets.panels.session_keeper.monotonic", later)


def test_undo_says_what_it_changed_until_something_else_is(bench: Workbench) -> None:
    bench.form.energies.low.value = "40"
    bench.undo()
    assert "Undone: energies, now 28" in bench.bar.step.value
    bench.redo()
    assert "Redone: energies, now 40" in bench.bar.step.value
    bench.form.product.kind.value = "spectra"
    assert "Redone" not in bench.bar.step.value


@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_the_catalogue_of_an_image_and_what_was_chosen_before_it_are_undone_one_by_one(
    seconds: float, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bench.form.catalogue.origin
    bench.form.energies.low.value = "40"
    now = monotonic()
    monkeypatch.setattr("oda_widgets.panels.session_keeper.monotonic", lambda: now + seconds)
    bench.image_selection()  # its catalogue comes into use
    assert bench.form.catalogue.origin == "from image 1"
    bench.undo()
    assert (bench.form.catalogue.origin, bench.form.energies.low.value) == (first, "40")
    assert bench.bar.step.value.count(",") <= 1
    bench.undo()
    assert bench.form.energies.low.value == "28"
    bench.redo()
    bench.redo()
    assert bench.form.catalogue.origin == "from image 1"


def test_the_catalogue_of_an_image_that_comes_late_takes_no_step_away(bench: Workbench) -> None:
    bench.form.energies.low.value = "40"
    bench.undo()
    bench.image_selection()
    assert bench.form.catalogue.origin == "from image 1"
    bench.redo()
    assert bench.form.energies.low.value == "40"


def test_a_catalogue_edited_by_hand_comes_back_when_that_of_an_image_is_undone(
    bench: Workbench,
) -> None:
    bench.image_selection()
    bench.results.table.drop_new()
    edited = bench.form.catalogue.catalog
    bench.image_selection()
    assert bench.form.catalogue.catalog != edited
    bench.undo()
    assert bench.form.catalogue.catalog == edited
    assert "Undone: catalogue" in bench.bar.step.value


def test_a_reload_keeps_the_steps_of_undo(bench: Workbench) -> None:
    for low in ("30", "40", "50"):
        bench.form.energies.low.value = low
    bench.undo()
    other = Workbench(FakeSite())
    other.open_session(bench.save_session())
    assert other.form.energies.low.value == "40"
    other.undo()
    assert other.form.energies.low.value == "30"
    other.redo()
    other.redo()
    assert other.form.energies.low.value == "50"
    assert not other.keeper.can_redo


def test_a_reload_makes_no_step_of_a_catalogue_with_unknown_numbers(bench: Workbench) -> None:
    bench.image_selection()
    steps = len(bench.keeper.past.forms)
    other = Workbench(FakeSite())
    other.open_session(bench.save_session())
    assert len(other.keeper.past.forms) == steps


def test_as_many_steps_are_kept_as_there_is_room_for(bench: Workbench) -> None:
    for number in range(2 * MOST_STEPS):
        bench.form.energies.low.value = str(30 + number / 100)
    kept = read_session(session_text(bench.keeper.session)).past
    assert len(kept.forms) == MOST_STEPS
    assert kept.present == bench.keeper.past.present


@pytest.mark.parametrize(
    "past",
    [7, {"forms": 7}, {"windows": [], "catalogs": [], "forms": [], "place": 0}, {"windows": [3]}],
)
def test_hostile_steps_are_refused_in_words(bench: Workbench, past: object) -> None:
    content = json.loads(bench.save_session()) | {"past": past}
    with pytest.raises(DamagedFile):
        read_session(json.dumps(content))


def test_the_link_is_that_of_the_form_from_the_first_moment(bench: Workbench) -> None:
    assert "src_name=SGR" in bench.bar.link.text
    bench.form.energies.low.value = "40"
    assert "E1_keV=40" in bench.bar.link.text
    bench.form.energies.low.value = "forty"
    assert bench.bar.link.text == ""
    assert "no query" in bench.bar.link.without
