"""The cost of the simulated mission: its plan, one of its windows, and a list of all."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from oda_widgets.archive.select import select
from oda_widgets.archive.simulated import plan
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.request.queries import ImageQuery
from oda_widgets.request.science_windows import parse_identifiers
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery
from tests.benchmarks.rows import Rows

CRAB = Source("Crab", 83.63321, 22.01447, "")


def seconds_of(work: Callable[[], object]) -> float:
    """Return the seconds of processor time of the fastest of five runs."""
    taken = []
    for _ in range(5):
        began = process_time()
        work()
        taken.append(process_time() - began)
    return min(taken)


def test_the_plan_of_all_windows(rows: Rows) -> None:
    def planned() -> object:
        plan.mission.cache_clear()
        return plan.mission()

    assert rows.note("the plan of the simulated mission", seconds_of(planned), "limit", 0.4) <= 1


def test_one_window(rows: Rows) -> None:
    mission = SimulatedArchive()
    query = WindowQuery(source=CRAB, radius=4.0, stop=2500.0)
    window = select(mission.science_windows(), query)[0]
    events = len(mission.raw(window.id))  # now the response has been read
    seconds = seconds_of(lambda: mission.raw(window.id))
    subject = f"one simulated window, {events / 1e6:.1f} M events"
    assert rows.note(subject, seconds, "limit", max(events / 2e6, 1.0)) <= 1


def test_a_list_of_100000_windows(rows: Rows) -> None:
    many = [f"{number:012d}" for number in range(100_000)]

    def checked() -> object:
        return parse_identifiers(many), ImageQuery(science_windows=tuple(many[:10_000]))

    assert rows.note("checking 100,000 names of windows", seconds_of(checked), "limit", 2.0) <= 1
