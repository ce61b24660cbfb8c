"""Science windows, the pointings in which INTEGRAL observes: half an hour to an hour each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any, Self, overload

from oda_widgets.abilities import Displayed
from oda_widgets.errors import BadParameter, text_of
from oda_widgets.request.arguments import item_of, listed
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.timespan import isot_utc
from oda_widgets.request.words import counted, one_line

if TYPE_CHECKING:
    from astropy.table import Table

_IDENTIFIER = re.compile(r"(?P<stem>[0-9]{12})(?:\.(?P<version>[0-9]{3}))?")
_LONGEST_REASON = 200  # characters, in a print
_MOST_WINDOWS = 200_000  # more than the mission has
_ADVICE = 'Write it as in "255900280010.001": revolution, pointing, part, type, version.'


class Identifiers(tuple[str, ...]):  # noqa: SLOT001 - a tuple with slots holds nothing more
    """A tuple of identifiers that knows among which science windows they were chosen.

    Products print the number, "50 of 1240 science windows", and name those that cannot be read.

    Parameters
    ----------
    identifiers
        Identifiers of the chosen windows.
    available
        Number of windows that satisfied the query.
    unusable
        Windows of the archive that cannot be read and may have satisfied it.

    Examples
    --------
    >>> windows.ids.available
    1
    """

    available: int
    unusable: tuple[SkippedWindow, ...]

    def __new__(  # noqa: D102
        cls, identifiers: Iterable[str], available: int, unusable: Iterable[SkippedWindow] = ()
    ) -> Self:
        chosen = super().__new__(cls, identifiers)
        chosen.available = available
        chosen.unusable = tuple(unusable)
        return chosen

    def __reduce__(self) -> tuple[type[Identifiers], tuple[Any, ...]]:
        """Keep what it knows in pickles and copies."""
        return Identifiers, (tuple(self), self.available, self.unusable)


def parse_identifier(value: Any) -> str:
    """Return a science-window identifier as ``RRRRPPPPSSSF`` or ``RRRRPPPPSSSF.VVV``.

    Raises
    ------
    BadParameter
        If the text does not have the form of an identifier.

    Examples
    --------
    >>> parse_identifier(" 255900280010.001 ")
    '255900280010.001'
    """
    text = text_of(value).strip()
    if not _IDENTIFIER.fullmatch(text):
        raise BadParameter("science_windows", value, "not a science-window identifier", _ADVICE)
    return text


def parse_identifiers(values: Any) -> tuple[str, ...]:
    """Return identifiers of science windows, after checking them.

    Text may hold several, separated by commas or blanks.

    Raises
    ------
    BadParameter
        If one is malformed or given twice, or there are none.

    Examples
    --------
    >>> parse_identifiers("255900280010.001, 255900290010.001")
    ('255900280010.001', '255900290010.001')
    """
    if isinstance(values, ScienceWindowList):
        return values.ids
    if isinstance(values, Identifiers):
        return values
    if isinstance(values, ScienceWindow):
        return (values.id,)
    if isinstance(values, str):
        values = re.split(r"[,\s]+", values.strip())
    if not isinstance(values, Iterable):
        raise BadParameter("science_windows", values, "not a list of identifiers", _ADVICE)
    given = listed("science_windows", values, _MOST_WINDOWS)
    items = [v.id if isinstance(v, ScienceWindow) else parse_identifier(v) for v in given]
    if not items:
        raise BadParameter("science_windows", [], "no science window is named", _ADVICE)
    seen: set[str] = set()
    for item in items:
        if item[:12] in seen:
            limit = f"{item} is given more than once"
            raise BadParameter("science_windows", items, limit, "Give each science window once.")
        seen.add(item[:12])
    return tuple(items)


@suggesting_class
@dataclass(frozen=True, slots=True)
class ScienceWindow:
    """One science window, as listed in the index of an archive.

    Parameters
    ----------
    id
        ``RRRRPPPPSSSF.VVV``.
    start, stop
        IJD days.
    ra, dec
        Pointing of the spacecraft X axis (the line of sight), degrees.
    ra_z, dec_z
        Pointing of the spacecraft Z axis, degrees.
    good_time
        Sum of the good time intervals in seconds; the length of the window if it was listed without
        reading its events.
    simulated
        True if the events are not real.
    others
        Good time of instruments other than ISGRI, by name, in seconds: 0 if the instrument was off.
        Instruments without data in the archive are not listed.

    Examples
    --------
    >>> windows[0].id, windows[0].revolution
    ('255900280010.001', 2559)
    """

    id: str
    start: float
    stop: float
    ra: float
    dec: float
    ra_z: float
    dec_z: float
    good_time: float
    simulated: bool = False
    others: tuple[tuple[str, float], ...] = ()

    def __repr__(self) -> str:
        facts = [
            f"science window {self.id}",
            "SIMULATED" if self.simulated else "",
            f"{isot_utc(self.start, 0)} UTC" if isfinite(self.start) else "",
            f"{self.good_time:,.0f} s of good time" if isfinite(self.good_time) else "",
            f"pointing at ({self.ra:.2f}, {self.dec:+.2f}) deg" if isfinite(self.ra) else "",
        ]
        return ", ".join(filter(None, facts))

    def __post_init__(self) -> None:
        # JSON gives lists, which cannot be hashed.
        others = tuple((str(name), float(seconds)) for name, seconds in self.others)
        object.__setattr__(self, "others", others)

    def seen_by(self, instrument: str) -> ScienceWindow | None:
        """Return the window with the good time of an instrument, or None if it was off.

        Examples
        --------
        >>> windows[0].seen_by("isgri") == windows[0], windows[0].seen_by("jemx1")
        (True, None)
        """
        if instrument == "isgri":
            return self
        seconds = dict(self.others).get(instrument, 0.0)
        return replace(self, good_time=seconds) if seconds > 0 else None

    @property
    def revolution(self) -> int:
        """Number of the revolution, one orbit of the satellite.

        Examples
        --------
        >>> windows[0].revolution
        2559
        """
        return int(self.id[:4])


@dataclass(frozen=True)
class SkippedWindow:
    """A science window that could not be used, and the reason.

    Parameters
    ----------
    id
        ``RRRRPPPPSSSF.VVV``.
    reason
        One sentence.
    """

    id: str
    reason: str

    def __repr__(self) -> str:
        return f"{one_line(self.id)} skipped: {one_line(self.reason, _LONGEST_REASON)}"


@suggesting_class
@dataclass(frozen=True)
class ScienceWindowList(Displayed, Sequence[ScienceWindow]):
    """Selected science windows, in order of time.

    Parameters
    ----------
    windows
        The selected windows.
    available
        Number of windows that satisfied the query before its limit.
    answered_by
        Name of the archive or service that listed them.
    unusable
        Science windows of the archive whose files cannot be read, with reasons. It is not known
        whether they would satisfy the query; those of revolutions outside its time are not among
        them.

    Examples
    --------
    >>> windows
    ScienceWindowList: 1 science window, from bundled sample
      revolution 2559, 2022-10-12T15:09:22 to 2022-10-12T16:08:56 UTC
      3,548 s of good time
      255900280010.001
    """

    windows: tuple[ScienceWindow, ...]
    available: int
    answered_by: str
    unusable: tuple[SkippedWindow, ...] = ()
    ids: Identifiers = field(init=False)

    def __post_init__(self) -> None:
        names = (window.id for window in self.windows)
        object.__setattr__(self, "ids", Identifiers(names, self.available, self.unusable))

    @overload
    def __getitem__(self, index: int) -> ScienceWindow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ScienceWindow, ...]: ...
    def __getitem__(self, index: int | slice) -> ScienceWindow | tuple[ScienceWindow, ...]:
        found: ScienceWindow | tuple[ScienceWindow, ...] = item_of("windows", self.windows, index)
        return found

    def __contains__(self, item: object) -> bool:
        return isinstance(item, ScienceWindow) and item in self.windows

    def __iter__(self) -> Iterator[ScienceWindow]:
        return iter(self.windows)

    def __len__(self) -> int:
        return len(self.windows)

    def __repr__(self) -> str:
        windows = counted(len(self), "science window")
        chosen = "" if len(self) == self.available else f" of {self.available:,}"
        lines = [f"ScienceWindowList: {windows}{chosen}, from {one_line(self.answered_by)}"]
        if any(window.simulated for window in self):
            lines[0] += ", SIMULATED"
        if self.windows:
            lines += _span_lines(self.windows)
        if self.unusable:
            lines.append(f"  {self.unusable_note}")
        return "\n".join(lines)

    @property
    def unusable_note(self) -> str:
        """Number of windows that cannot be read, and the reason of the first; empty if none.

        Examples
        --------
        >>> windows.unusable_note
        ''
        """
        if not self.unusable:
            return ""
        first = one_line(self.unusable[0].reason, _LONGEST_REASON)
        number = counted(len(self.unusable), "science window")
        return f"{number} of the archive cannot be read (.unusable), the first: {first}"

    @property
    def table(self) -> Table:
        """The windows as an astropy table; times are IJD days, angles degrees.

        Examples
        --------
        >>> windows.table.colnames
        ['id', 'start', 'stop', 'ra', 'dec', 'good_time', 'simulated']
        """
        from astropy.table import Table  # noqa: PLC0415 - heavy import

        names = ("id", "start", "stop", "ra", "dec", "good_time", "simulated")
        units = {"start": "d", "stop": "d", "ra": "deg", "dec": "deg", "good_time": "s"}
        rows = {name: [getattr(window, name) for window in self.windows] for name in names}
        simulated = {"SIMULATE": True} if any(rows["simulated"]) else {}
        meta = {"answered_by": self.answered_by, **simulated}
        return Table(rows, names=names, units=units, meta=meta)


def _span_lines(windows: tuple[ScienceWindow, ...]) -> list[str]:
    """Return lines that say when windows were observed, and for how long."""
    first, last = windows[0], windows[-1]
    revolutions = sorted({window.revolution for window in windows})
    which = f"revolution {revolutions[0]}"
    if len(revolutions) > 1:
        which = f"revolutions {revolutions[0]} to {revolutions[-1]}"
    known = [window.good_time for window in windows if isfinite(window.good_time)]
    partly = "" if len(known) == len(windows) else f" in {len(known):,} of them, else not told"
    identifiers = first.id if len(windows) == 1 else f"{first.id} to {last.id}"
    return [
        f"  {which}, {isot_utc(first.start, 0)} to {isot_utc(last.stop, 0)} UTC",
        *([f"  {sum(known):,.0f} s of good time{partly}"] if known else []),
        f"  {identifiers}",
    ]
