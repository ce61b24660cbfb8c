"""The session as a frozen value: what the form holds, the jobs, and the results on show.

The page is drawn from it. Undo walks through its forms, a reload and a file bring it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Self

from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.survey_query import AnyQuery
from oda_widgets.request.timespan import TimeInterval

Fields = tuple[tuple[str, str], ...]

FROM_IMAGE, EDITED = "from image", "edited"  # origins of catalogues

_MOST_FORMS = 200
_AT_ONCE = 0.3  # seconds: one act changes several panels
_TYPING = 2.0  # seconds between keys


@dataclass(frozen=True, kw_only=True)
class FormState:
    """The contents of the form; numbers and dates are texts, as they were typed.

    Parameters
    ----------
    name
        Text in the field of the source.
    source
        The resolved source; None while its name is typed.
    start, stop, radius, limit, seed
        Of the search for science windows.
    windows
        The windows that were found; None while they are searched, or if there are none.
    chosen
        Identifiers of the windows in use.
    instrument, low, high
        Name, and the ends of the band in keV.
    intervals
        The time selection; empty means all good time.
    zero, dates
        The instant from which its seconds count (IJD), None where there are none yet, and whether
        it is written in dates instead. Undo does not walk through them.
    searching
        Whether the windows are being searched: their arrival belongs to the same change.
    product
        "image", "spectra" or "light_curves".
    threshold, time_bin
        Fields of single products.
    time_bin_chosen
        Whether the user typed the bin width.
    catalog, origin
        The catalogue in use, and where it comes from.
    """

    name: str
    source: Source | None
    start: str
    stop: str
    radius: str
    limit: str
    seed: str
    windows: ScienceWindowList | None
    chosen: tuple[str, ...]
    instrument: str
    low: str
    high: str
    intervals: tuple[TimeInterval, ...]
    product: str
    threshold: str
    time_bin: str
    time_bin_chosen: bool
    catalog: SourceCatalog
    origin: str
    zero: float | None = field(default=None, compare=False)
    searching: bool = field(default=False, compare=False)
    dates: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class ToolsState:
    """The controls below the light curves, or below the spectra.

    Parameters
    ----------
    beside
        Products drawn beside the one on show: identity of the query and name of the source.
    fields
        Names and values of the other controls.
    """

    beside: tuple[tuple[str, str], ...] = ()
    fields: Fields = ()


@dataclass(frozen=True)
class JobRecord:
    """A job of a session: its query, and how it ended.

    Parameters
    ----------
    query
        Of any kind.
    target
        Name of the source that it is about.
    status
        Name of a `JobStatus`.
    seconds
        Time since the submission, or that the job took.
    """

    query: AnyQuery
    target: str
    status: str
    seconds: float


@dataclass(frozen=True)
class OnShow:
    """The results on show; fields as in `Session`."""

    shown: tuple[tuple[str, int], ...] = ()
    tab: int = 0
    tools: tuple[tuple[str, ToolsState], ...] = ()
    views: tuple[tuple[str, Fields], ...] = ()


@dataclass(frozen=True)
class Past:
    """The forms that undo and redo walk through.

    Parameters
    ----------
    forms
        In order of time.
    place
        Of the present one.
    made
        When the present one was made, seconds of any clock.

    Examples
    --------
    >>> past = Past(("a", "b"), place=1)
    >>> past.back().present, past.back().forth().present
    ('a', 'b')
    """

    forms: tuple[FormState, ...] = ()
    place: int = -1
    made: float = field(default=0.0, compare=False)

    @classmethod
    def again(cls, forms: tuple[FormState, ...], place: int) -> Self:
        """Return the past that a session kept; the next change is a new one."""
        return cls(forms, place, made=-_TYPING)

    @property
    def present(self) -> FormState:
        """The form at this place."""
        return self.forms[self.place]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier form."""
        return self.place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a form that was undone."""
        return self.place + 1 < len(self.forms)

    def then(self, form: FormState, now: float) -> Self:
        """Return the past after a change; keys typed into one field are one change."""
        if self._replaces_present(form):
            forms = (*self.forms[: self.place], form, *self.forms[self.place + 1 :])
            return replace(self, forms=forms)
        earlier = self.forms[: self.place + 1]
        if self._continues(form, now):
            earlier = earlier[:-1]
        forms = (*earlier, form)[-_MOST_FORMS:]
        return replace(self, forms=forms, place=len(forms) - 1, made=now)

    def back(self) -> Self:
        """Return the past with the earlier form as the present one."""
        return replace(self, place=max(self.place - 1, 0), made=-_TYPING)

    def forth(self) -> Self:
        """Return the past with the form that was undone last as the present one."""
        return replace(self, place=min(self.place + 1, len(self.forms) - 1), made=-_TYPING)

    def _replaces_present(self, form: FormState) -> bool:
        """Return whether a form replaces the present one, as it is equal or the awaited result.

        Equal forms may count their seconds from different instants.
        """
        if not self.forms:
            return False
        changed = changed_fields(self.present, form)
        awaited = self.present.searching and changed <= _FOLLOWS
        late = self.can_redo and self._brings_catalog(form, changed)
        return not changed or awaited or late

    def _brings_catalog(self, form: FormState, changed: set[str]) -> bool:
        """Return whether only the catalogue of an image is new in a form.

        That is a step of undo, except after an undo, which could not be redone after it. A
        catalogue that was edited by hand is always a step.
        """
        by_hand = EDITED in self.present.origin or EDITED in form.origin
        return (
            changed <= {"catalog", "origin"} and form.origin.startswith(FROM_IMAGE) and not by_hand
        )

    def _continues(self, form: FormState, now: float) -> bool:
        """Return whether a form belongs to the change that made the present one."""
        if self.place < 1:
            return False
        changed, before = (
            changed_fields(self.present, form),
            changed_fields(self.forms[self.place - 1], form),
        )
        if self._brings_catalog(form, changed):
            return False
        if not (len(changed) == 1 and changed == before and changed <= _TYPED):
            return now - self.made < _AT_ONCE
        (name,) = changed
        same = _is_same_typing(getattr(self.present, name), getattr(form, name))
        return same and now - self.made < _TYPING


@dataclass(frozen=True)
class Session:
    """The form, the jobs and the results on show.

    Parameters
    ----------
    form
        Contents of the form.
    jobs
        In the order of their submission.
    shown
        Number of the job, counted from 0, whose result each kind of product shows.
    tab
        Number of the open tab.
    tools
        The controls below each kind of product.
    views
        Names and values of the view of each kind of product, such as map, cuts, colours, zoom
        and grouping, and of an open fit.
    past
        The forms that undo and redo walk through.
    """

    form: FormState
    jobs: tuple[JobRecord, ...] = ()
    shown: tuple[tuple[str, int], ...] = ()
    tab: int = 0
    tools: tuple[tuple[str, ToolsState], ...] = ()
    views: tuple[tuple[str, Fields], ...] = ()
    past: Past = Past()


_TYPED = frozenset(
    {"name", "start", "stop", "radius", "limit", "seed", "low", "high", "threshold", "time_bin"}
)
_FOLLOWS = frozenset({"windows", "chosen", "intervals", "time_bin"})


def changed_fields(one: FormState, other: FormState) -> set[str]:
    """Return the names of the fields in which two forms differ."""
    names = (item.name for item in fields(FormState) if item.compare)
    return {name for name in names if getattr(one, name) != getattr(other, name)}


def _is_same_typing(text: str, typed: str) -> bool:
    """Return whether letters were only inserted, or only deleted, in one place of a text."""
    shorter, longer = sorted((text, typed), key=len)
    return any(
        longer.startswith(shorter[:place]) and longer.endswith(shorter[place:])
        for place in range(len(shorter) + 1)
    )
