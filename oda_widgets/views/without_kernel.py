"""The picture or table that stands for a widget in a notebook opened without its kernel."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import Any

from oda_widgets.abilities import abilities


class WithoutKernel:
    """A widget that can be seen in a saved notebook, where its model no longer exists.

    Viewers with a kernel show the widget; the others show the picture, table or sentence.
    """

    _without_kernel = "This needs a running kernel: run this cell."

    @property
    def still(self) -> dict[str, str]:
        """A picture, a table or a sentence that stands for the widget, by MIME type."""
        return {"text/html": f"<p>{escape(self._without_kernel)}</p>"}

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget as Jupyter displays it, and its stand-in without a kernel."""
        left: dict[str, str] = {}
        with suppress(Exception):  # the widget is displayed even if it cannot be drawn on paper
            left = self.still
        widget = super()._repr_mimebundle_(**options)  # type: ignore[misc]  # that of ipywidgets
        return {**left, **(widget or {})}


class Pictured(WithoutKernel):
    """A view whose stand-in is the picture or the table of its value."""

    _pictured: Any = None

    @property
    def still(self) -> dict[str, str]:
        """The picture or the table of the value, as notebooks display it."""
        return abilities().still(self._pictured)
