"""Check how much memory a process may still take, as far as the system tells."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from oda_widgets.errors import JobError

_FREE = ("MemAvailable", "SwapFree")
_MB = 1 << 20
_MORE = "Close other programs, or use a machine or a server with more memory."


def check_memory(needed: int) -> None:
    """Check that there is enough memory, before a computation that would fail or hang.

    Parameters
    ----------
    needed
        Bytes that the computation needs at least.

    Raises
    ------
    JobError
        If this process may not take as much, or the machine has less.
    """
    left = _left_to_process()
    if left is not None and left < needed:
        problem = f"{needed // _MB} MB of memory are needed; this process may take {left // _MB}"
        raise JobError(f"{problem} more.", "Raise its limit, for example by: ulimit -v unlimited.")
    free = _left_on_machine()
    if free is not None and free < needed:
        problem = f"{needed // _MB} MB of memory are needed, and {free // _MB} are free."
        raise JobError(problem, _MORE)


def out_of_memory() -> JobError:
    """Return the error for a computation that ran out of memory."""
    problem = "There was not enough memory."
    return JobError(problem, f"Ask for fewer science windows, bands or bins at once. {_MORE}")


def _left_to_process() -> int | None:
    """Return the bytes by which the address space of this process may grow; None: no limit."""
    with suppress(ImportError, OSError, ValueError, AttributeError):  # other systems lack these
        import resource  # noqa: PLC0415 - absent on Windows

        limit = int(resource.getrlimit(resource.RLIMIT_AS)[0])
        if limit != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            return max(limit - pages * os.sysconf("SC_PAGE_SIZE"), 0)
    return None


def _left_on_machine() -> int | None:
    """Return the bytes that no program uses, swap included; None: not known."""
    with suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found = dict(line.split(":", 1) for line in lines if line.startswith(_FREE))
        if len(found) == len(_FREE):
            return sum(int(value.split()[0]) << 10 for value in found.values())
    return None
