"""What values can do with the help of rooms above them.

Data flows one way, and a room imports only rooms below it. Yet people look for `plot`, `save` and
`fit` among the methods of an image or a spectrum. Such a method calls `abilities()`; which room
does the work is said in one place above all rooms, `oda_widgets.wiring`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

T = TypeVar("T")


class Abilities(ABC):
    """What is done for a value by rooms above its own."""

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
        """Return the part of a link behind the question mark that carries a query."""

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
    ) -> None:
        """Write the data of a value as FITS."""

    @abstractmethod
    def save(self, value: Any, path: str | os.PathLike[str], *, overwrite: bool) -> None:
        """Save a value, or a figure of it, as the suffix of the name says."""

    @abstractmethod
    def read(self, kind: type[T], path: str | os.PathLike[str], **options: Any) -> T:
        """Read a value of some kind from a file."""


def provide(provider: Abilities) -> None:
    """Set the provider of the abilities; `oda_widgets.wiring` does, once, on import."""
    Abilities.provided = provider


def abilities() -> Abilities:
    """Return what values can do with the help of rooms above them."""
    return Abilities.provided


class Displayed:
    """A value that notebooks display by a picture or a table, which needs no kernel afterwards."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the value in words and, if it can be drawn, as a picture or a table."""
        del include, exclude  # IPython chooses from all that it gets
        bundle = {"text/plain": repr(self)}
        with suppress(Exception):  # whatever fails, the words are displayed
            bundle |= abilities().still(self)
        return bundle
