"""Calls for worker processes, which can import this module but no test module."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.errors import BadParameter, StoreError
from oda_widgets.instruments.events import WindowEvents


def refuse() -> None:
    raise BadParameter("energy", 3, "too low", "Choose more.")


def fail_untold() -> None:
    class Local(Exception):
        pass

    raise Local("lost")


def die_once(mark: Path) -> int:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def stop_once(mark: Path) -> int:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGSTOP)
    return os.getpid()


def wait_for(mark: Path) -> int:
    while not mark.exists():
        time.sleep(0.01)
    return os.getpid()


def count_aloud(to: int, tell: Callable[[object], None]) -> int:
    for number in range(to):
        tell(number)
    return to


class TroubledArchive(IsdcArchive):
    """An archive one of whose windows is trouble.

    Parameters
    ----------
    root
        The folder.
    troubled
        Which window.
    trouble
        "kills" the process that reads it, or is "refused" with an error that ends the question.
    """

    def __init__(self, root: Path, troubled: str, trouble: str) -> None:
        super().__init__(root)
        self.trouble = troubled, trouble

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:  # type: ignore[override]
        return TroubledArchive, (self.root, *self.trouble)

    def events(self, identifier: str) -> WindowEvents:
        if identifier == self.trouble[0]:
            if self.trouble[1] == "kills":
                os.kill(os.getpid(), signal.SIGKILL)
            raise StoreError("The tape robot is stuck.", "Call the operator.")
        return super().events(identifier)
