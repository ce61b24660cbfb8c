"""Limits of waiting for a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Limits of waiting for a server: seconds, and number of attempts.

    Parameters
    ----------
    connect, read
        Longest wait for a connection, and between two pieces of a file, seconds.
    tries
        Most attempts of a request that fails for a temporary reason.
    total
        Seconds after which no further try begins. A try that brought new bytes resets both.
    first_wait, longest_wait
        First and longest pause between two tries, seconds.
    slowest
        Bytes per second below which a transfer is stopped and resumed.
    over
        Seconds over which the speed is measured.
    """

    connect: float = 10.0
    read: float = 30.0
    tries: int = 6
    total: float = 90.0
    first_wait: float = 0.5
    longest_wait: float = 20.0
    slowest: float = 2000.0
    over: float = 30.0
