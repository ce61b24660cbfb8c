"""How work in progress reports to whoever waits for it, and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Monitor(Protocol):
    """How a backend tells how far it is, and learns that it should stop."""

    def step(self, name: str, done: float, total: float) -> None:
        """Say what begins now, and which part of the whole is done.

        Raises
        ------
        JobCancelled
            If the job was asked to stop.
        """
        ...

    def warn(self, text: str) -> None:
        """Tell the user something that does not stop the job."""
        ...


class Silent:
    """A monitor for what nobody waits for."""

    def step(self, name: str, done: float, total: float) -> None:
        """Take no note."""

    def warn(self, text: str) -> None:
        """Take no note."""
