"""Waiting in a script writes progress to its log."""

from __future__ import annotations

from oda_widgets.backend.waiting import wait_with_lines
from oda_widgets.workers.progress import Progress


class SlowJob:
    """A job that ends when it was looked at some times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks
        self.elapsed = 12.3
        self.progress = Progress("making images", 12.5, 50, "255900280010.001")

    def wait(self, _seconds: float) -> bool:
        self.looks -= 1
        return self.looks < 0


def test_a_log_has_lines_with_the_part_that_is_done_the_step_and_the_time() -> None:
    lines: list[str] = []
    wait_with_lines(SlowJob(2), lines.append, between=0.0)  # type: ignore[arg-type]
    assert lines == ["oda_widgets: 25% making images · 255900280010.001 · 12 s"] * 2


def test_a_short_job_writes_nothing() -> None:
    lines: list[str] = []
    wait_with_lines(SlowJob(3), lines.append)  # type: ignore[arg-type]
    assert lines == []
