"""Methods of values, such as `plot`, that rooms above theirs implement.

Data flow one way, and a room imports only rooms below it. Yet users expect `plot`, `save` and
`fit` among the methods of an image or a spectrum. Such a method calls `abilities()`, and
`oda_widgets.wiring`, above all rooms, chooses the room that does the work.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

T = TypeVar("T")


class Abilities(ABC):
    """Operations on values that rooms above theirs implement."""

    provided: ClassVar[Abilities]

    @abstractmethod
    def plot(self, value: Any, **options: Any) -> Any:
        """Return the interactive figure of a value, a widget."""

    @abstractmethod
    def figure(self, value: Any, **options: Any) -> Any:
        """Return the figure of a value for publication, a `matplotlib.figure.Figure`."""

    @abstractmethod
    def picture(self, value: Any, picture_format: str, **options: Any) -> bytes:
        """Return the figure of a value for publication as the content of a file."""

    @abstractmethod
    def still(self, value: Any) -> dict[str, str]:
        """Return a small picture or a table of a value by its MIME type, for a notebook."""

    @abstractmethod
    def link(self, query: Any) -> str:
        """Return the query string of the link that repeats a query."""

    @abstractmethod
    def resolve(self, source: Any) -> Any:
        """Return the `Source` of a name or a position."""

    @abstractmethod
    def fit(self, spectra: Any, model: str, **options: Any) -> Any:
        """Return the fit of a model to spectra (see `oda_widgets.fit`)."""

    @abstractmethod
    def write(
        self,
        value: Any,
        path: str | os.PathLike[str],
        *,
        overwrite: bool,
        history: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        """Write the data of a value as FITS."""

    @abstractmethod
    def save(
        self, value: Any, path: str | os.PathLike[str], *, overwrite: bool, **options: Any
    ) -> None:
        """Save a value, or a figure of it, in the format that the suffix of the name says."""

    @abstractmethod
    def read(self, kind: type[T], path: str | os.PathLike[str], **options: Any) -> T:
        """Read a value of some kind from a file."""


def provide(provider: Abilities) -> None:
    """Set the implementation of the abilities; `oda_widgets.wiring` does so once, on import."""
    Abilities.provided = provider


def abilities() -> Abilities:
    """Return the implementation of the abilities."""
    return Abilities.provided


class Displayed:
    """A value that notebooks display as a picture or a table, also without a kernel."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the value as text and, if it can be drawn, as a picture or a table."""
        del include, exclude  # IPython chooses from all that it gets
        bundle = {"text/plain": repr(self)}
        with suppress(Exception):  # if anything fails, the text is displayed
            bundle |= abilities().still(self)
        return bundle
