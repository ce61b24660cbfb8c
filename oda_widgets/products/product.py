"""What images, spectra and light curves can all do."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any

from oda_widgets.errors import DataError
from oda_widgets.products import show
from oda_widgets.provenance.record import Provenance


class Product(ABC):
    """A result that can be saved and shown."""

    provenance: Provenance | None

    @abstractmethod
    def write(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        history: tuple[str, ...] = (),
    ) -> None:
        """Write the product as FITS; each kind of product says how."""

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Save the product, or a figure of it, as the suffix of the name says.

        Parameters
        ----------
        path
            Ends in ``.fits`` or ``.fits.gz`` for the data (see `write`), or in ``.pdf``,
            ``.png`` or ``.svg`` for a figure ready for publication.
        overwrite
            Replace a file that exists.

        Raises
        ------
        BadParameter
            If the suffix is none of these, or the file cannot be written.
        """
        from oda_widgets.products.files.saving import save  # noqa: PLC0415 - imports astropy

        save(self, path, overwrite=overwrite)

    def code(self) -> str:
        """Return Python that makes the product again.

        Raises
        ------
        DataError
            If the product was read from a file, and nobody knows how it was made.
        """
        if self.provenance is None:
            problem = f"This {type(self).__name__} carries no record of how it was made."
            raise DataError(problem, "Only products of a site do; ask for it again.")
        return self.provenance.script()

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the product, for the notebook."""
        return show.interactive(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure` (see `views.paper`)."""
        return show.figure(self, **options)
