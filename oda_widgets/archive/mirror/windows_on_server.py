"""Locate science windows on a mirror: their newest version, and whether they have events."""

from __future__ import annotations

import re
import threading
from collections import defaultdict

from oda_widgets.archive.layout import FILE_NAMES
from oda_widgets.archive.mirror.listing import Listings
from oda_widgets.forking import renew_in_children

_WINDOW = re.compile(r"\d{12}\.\d{3}")


class WindowsOnServer:
    """Looks up science windows in the listings of a mirror; each listing is read once.

    Parameters
    ----------
    listings
        Reads the listings.
    """

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._revolutions: dict[str, dict[str, str] | None] = {}
        self._renew()
        renew_in_children(self._renew)

    def _renew(self) -> None:
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def newest(self, identifier: str) -> str | None:
        """Return the newest version of a window; None if there is none.

        A server that lists no folders is assumed to have the requested version.

        Raises
        ------
        ServerGone
            If the server does not answer.
        """
        revolution = identifier[:4]
        with self._locks[revolution]:
            if revolution not in self._revolutions:
                self._revolutions[revolution] = self._listed(revolution)
        there = self._revolutions[revolution]
        return identifier if there is None else there.get(identifier[:12])

    def has_events(self, identifier: str) -> bool | None:
        """Return whether a window has an event file; None if the server does not say."""
        names = self._listings.names(f"scw/{identifier[:4]}/{identifier}/")
        return None if names is None else not names.isdisjoint(FILE_NAMES)

    def _listed(self, revolution: str) -> dict[str, str] | None:
        names = self._listings.names(f"scw/{revolution}/")
        if names is None:
            return None
        windows = (name for name in sorted(names) if _WINDOW.fullmatch(name))
        return {name[:12]: name for name in windows if name.startswith(revolution)}
