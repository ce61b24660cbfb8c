"""Fetch several science windows at once, while others are computed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from oda_widgets.archive.mirror.cache import Record
from oda_widgets.archive.mirror.download import Watch
from oda_widgets.archive.mirror.traffic import Traffic, expected_bytes
from oda_widgets.archive.mirror.transport import Stopped
from oda_widgets.errors import DataError, OdaError, ServiceError
from oda_widgets.request.science_windows import ScienceWindow

AT_ONCE = 4
"""Transfers at a time: more would only burden the server."""

_CHECK_EVERY = 0.1  # seconds between two checks for cancellation

Arrival = tuple[ScienceWindow, Record | OdaError]


class Fetcher:
    """Fetches science windows in threads, in order of time.

    A context manager, at whose end all transfers stop; partial files are resumed the next time.

    Parameters
    ----------
    fetch
        Fetches one window; raises `OdaError` if that fails.
    windows
        The windows.
    ahead
        Most bytes that may wait on the disk for release; None for no limit.
    """

    def __init__(
        self,
        fetch: Callable[[str, Watch], Record],
        windows: Iterable[ScienceWindow],
        ahead: int | None = None,
    ) -> None:
        self._fetch = fetch
        self._to_do = deque(windows)
        self._lengths = {window.id: expected_bytes([window]) for window in self._to_do}
        self._total = len(self._to_do)
        self._ahead = ahead
        self._arrived: deque[Arrival | Exception] = deque()
        self._held: dict[str, int] = {}
        self._in_transfer: set[str] = set()
        self._bytes = self._done = 0
        self._stopped = False
        self._changed = threading.Condition()
        number = min(AT_ONCE, self._total)
        self._threads = [
            threading.Thread(target=self._fetch_windows, daemon=True) for _ in range(number)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def traffic(self) -> Traffic:
        """Files and bytes that have arrived."""
        with self._changed:
            expected = sum(self._lengths.values())
            return Traffic(self._done, self._total, self._bytes, expected)

    @property
    def full(self) -> bool:
        """Whether fetching pauses until windows are released."""
        with self._changed:
            return self._ahead is not None and sum(self._held.values()) >= self._ahead

    def arrivals(self, report: Callable[[], None]) -> Iterator[Arrival]:
        """Iterate over the windows as they arrive, each with its record or its error.

        Parameters
        ----------
        report
            Called repeatedly while waiting; may raise to give up.

        Raises
        ------
        StoreError
            If files cannot be written.
        """
        for _ in range(self._total):
            yield self._next_arrival(report)

    def release(self) -> None:
        """Let the cache remove the windows that have arrived."""
        with self._changed:
            self._held = {
                name: self._held[name] for name in self._held if name in self._in_transfer
            }
            self._changed.notify_all()

    def _next_arrival(self, report: Callable[[], None]) -> Arrival:
        while True:
            with self._changed:
                if not self._arrived:
                    self._changed.wait(_CHECK_EVERY)
                arrived = self._arrived.popleft() if self._arrived else None
            report()
            if isinstance(arrived, Exception):
                raise arrived
            if arrived is not None:
                return arrived

    def _fetch_windows(self) -> None:
        """Fetch one window after the other."""
        while (window := self._next_to_do()) is not None:
            arrival = self._outcome(window)
            if arrival is None:
                return
            with self._changed:
                self._done += 1
                self._in_transfer.discard(window.id)
                if not (isinstance(arrival, tuple) and isinstance(arrival[1], Record)):
                    self._lengths[window.id] = 0
                    self._held.pop(window.id, None)
                self._arrived.append(arrival)
                self._changed.notify_all()

    def _next_to_do(self) -> ScienceWindow | None:
        with self._changed:
            while not self._stopped and self._to_do and not self._may_begin():
                self._changed.wait()
            if self._stopped or not self._to_do:
                return None
            window = self._to_do.popleft()
            self._held[window.id] = self._lengths[window.id]
            self._in_transfer.add(window.id)
            return window

    def _may_begin(self) -> bool:
        # One file may always begin: one larger than the limit would wait for ever.
        held = sum(self._held.values())
        return self._ahead is None or not held or held < self._ahead

    def _outcome(self, window: ScienceWindow) -> Arrival | Exception | None:
        try:
            return window, self._fetch(window.id, self._watch(window.id))
        except Stopped:
            return None
        except (DataError, ServiceError) as error:
            return window, error
        except Exception as error:  # noqa: BLE001 - raised in the waiting thread
            return error

    def _watch(self, identifier: str) -> Watch:
        def on_length(length: int) -> None:
            with self._changed:
                self._lengths[identifier] = self._held[identifier] = length

        def on_bytes(count: int) -> None:
            with self._changed:
                self._bytes += count

        return Watch(on_length, on_bytes, lambda: self._stopped)


def fetched_all(fetcher: Fetcher, report: Callable[[Traffic], Any]) -> list[Arrival]:
    """Fetch all windows and return the record or the error of each.

    Parameters
    ----------
    fetcher
        The fetcher.
    report
        Called with the traffic; may raise to give up.
    """
    with fetcher:
        return list(fetcher.arrivals(lambda: report(fetcher.traffic)))
