"""Wait for a job, with a progress bar or with lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from oda_widgets.backend.job import Job

_CHECK_EVERY = 0.2  # seconds between two checks of a job
_SILENCE = 1.0  # seconds before a progress bar appears
_BETWEEN_LINES = 10.0  # seconds


def wait_for(job: Job) -> None:
    """Wait until a job has ended; show its progress once it takes longer than a second."""
    if job.wait(_SILENCE):
        return
    if sys.stderr.isatty() or "ipykernel" in sys.modules:
        _with_bar(job)
    else:
        wait_with_lines(job, lambda line: sys.stderr.write(f"{line}\n"))


def wait_with_lines(
    job: Job, write: Callable[[str], object], between: float = _BETWEEN_LINES
) -> None:
    """Wait until a job has ended, writing a line from time to time, for the log of a script.

    Parameters
    ----------
    job
        The job.
    write
        Called with each line.
    between
        Seconds between two lines.
    """
    written = time.monotonic()
    while not job.wait(min(_CHECK_EVERY, between)):
        if time.monotonic() - written >= between:
            written = time.monotonic()
            progress = job.progress
            write(f"oda_widgets: {progress.fraction:.0%} {progress} · {job.elapsed:.0f} s")


def _with_bar(job: Job) -> None:
    from tqdm.auto import tqdm  # noqa: PLC0415 - looks for a notebook when imported

    layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}"
    with tqdm(total=1.0, leave=False, bar_format=layout) as bar:
        while not job.wait(_CHECK_EVERY):
            bar.set_description(str(job.progress), refresh=False)
            bar.update(job.progress.fraction - bar.n)
