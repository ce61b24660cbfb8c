"""Progress of a job, and its reporting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Progress:
    """Progress of a job.

    Parameters
    ----------
    step
        Name of the current step, in words.
    done, total
        Parts done and in all: 1.5 and 3 for three science windows of which the second is half done.
    science_window
        Identifier of the current window; empty if there is no particular one.
    """

    step: str = "waiting"
    done: float = 0.0
    total: float = 1.0
    science_window: str = ""

    def __str__(self) -> str:
        return f"{self.step} · {self.science_window}" if self.science_window else self.step

    @property
    def fraction(self) -> float:
        """Fraction that is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


class Monitor(Protocol):
    """Receives the reports of a backend that runs a query."""

    def report(self, progress: Progress) -> None:
        """Record progress.

        Raises
        ------
        JobCancelled
            If the job was asked to stop.
        """
        ...

    def warn(self, text: str) -> None:
        """Record a warning that does not stop the job."""
        ...


class Muted:
    """A monitor that records nothing."""

    def report(self, progress: Progress) -> None:
        """Record nothing."""

    def warn(self, text: str) -> None:
        """Record nothing."""
