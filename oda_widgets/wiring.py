"""Connect each ability of values to the room that implements it (see `oda_widgets.abilities`).

This module is above all rooms. Only the package itself imports it, so that abilities work whichever
module is imported first, also in worker processes. A room is imported when one of its abilities is
first used, which keeps the import of the package light.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

from oda_widgets.abilities import Abilities, provide

T = TypeVar("T")


class Rooms(Abilities):
    """The abilities, implemented by the rooms of this package."""

    def plot(self, value: Any, **options: Any) -> Any:
        """Return the interactive figure of a value."""
        from oda_widgets.views.show import show

        return show(value, **options)

    def figure(self, value: Any, **options: Any) -> Any:
        """Return the figure of a value for publication."""
        from oda_widgets.views.paper.publish import figure

        return figure(value, **options)

    def picture(self, value: Any, picture_format: str, **options: Any) -> bytes:
        """Return the figure of a value for publication as the content of a file."""
        from oda_widgets.views.paper.publish import render

        return render(value, picture_format, **options)

    def still(self, value: Any) -> dict[str, str]:
        """Return a small picture or a table of a value by its MIME type."""
        from oda_widgets.views.still import still

        return still(value)

    def link(self, query: Any) -> str:
        """Return the query string of the link that repeats a query."""
        from oda_widgets.protocol.links import link_parameters

        return link_parameters(query)

    def resolve(self, source: Any) -> Any:
        """Return the source of a name or a position."""
        from oda_widgets.config import load_settings
        from oda_widgets.lookup.names import resolve

        return resolve(source, online=load_settings().online)

    def fit(self, spectra: Any, model: str, **options: Any) -> Any:
        """Return the fit of a model to spectra."""
        from oda_widgets.fitting.fit import fit
        from oda_widgets.request.options import check_options

        check_options(fit, options)
        return fit(spectra, model, **options)

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
        from oda_widgets.products.files.writing import write

        write(value, path, overwrite=overwrite, history=history, **options)

    def save(
        self, value: Any, path: str | os.PathLike[str], *, overwrite: bool, **options: Any
    ) -> None:
        """Save a value, or a figure of it, as the suffix of the name says."""
        from oda_widgets.products.files.saving import save

        save(value, path, overwrite=overwrite, **options)

    def read(self, kind: type[T], path: str | os.PathLike[str], **options: Any) -> T:
        """Read a value of some kind from a file."""
        from oda_widgets.products.files.reading import read

        return read(kind, path, **options)


provide(Rooms())
