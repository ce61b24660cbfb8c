"""The methods that images, spectra and light curves share."""

from __future__ import annotations

import os
from typing import Any

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.oda_api_code import oda_api_code
from oda_widgets.provenance.record import Provenance

_PAGE = "http://127.0.0.1:8866/"  # of `oda-widgets app`
_DISPATCHER = "https://www.astro.unige.ch/mmoda/dispatch-data"


class Product(Displayed):
    """A product that can be saved, shown and made again."""

    provenance: Provenance | None
    observation: Observation

    def __repr__(self) -> str:
        heading, *facts = self._words()
        observed = (self.observation.label, self.observation.span, *facts)
        lines = [f"  {line}" for line in observed if line]
        return "\n".join([f"{type(self).__name__} of {heading}", *lines])

    def _words(self) -> tuple[str, ...]:
        """Return a heading, and at most three lines on the content."""
        raise NotImplementedError

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        history: tuple[str, ...] = (),
    ) -> None:
        """Write the data as FITS, with the names and columns of OSA and MMODA.

        An image brings four maps and its catalogue; a light curve one table; a spectrum (PHA) its
        RMF and ARF beside it: ``crab.fits`` brings ``crab_rmf.fits`` and ``crab_arf.fits``.

        Parameters
        ----------
        path
            Ends in ``.fits`` or ``.fits.gz``.
        overwrite
            Replace files that exist.
        history
            Lines on the origin of the product, for the HISTORY of the file.

        Raises
        ------
        BadParameter
            If the suffix is another, or a file cannot be written.

        Examples
        --------
        >>> curve.write("magnetar_curve.fits.gz", history=("made for the talk",))
        """
        abilities().write(self, path, overwrite=overwrite, history=history)

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

        Examples
        --------
        >>> image.save("magnetar.fits")
        >>> image.save("magnetar.pdf")
        """
        abilities().save(self, path, overwrite=overwrite)

    def code(self, client: str = "oda_widgets", url: str = _DISPATCHER) -> str:
        """Return a Python script that makes the product again.

        Parameters
        ----------
        client
            "oda_widgets", or "oda_api" for a script that queries a dispatcher.
        url
            Of the dispatcher, for oda_api; ``oda-widgets serve`` is one too.

        Raises
        ------
        BadParameter
            If the client is another.
        DataError
            If the product was read from a file, which does not hold its whole provenance.

        Examples
        --------
        >>> print(image.code())
        # Product ...
        # Query ...
        site = oda.connect(archive='sample')
        image = site.image(
            'SGR 1935+2154',
            ['255900280010.001'],
            energy=(28, 150),
            detection_threshold=6,
        )
        <BLANKLINE>
        """
        provenance = self._history()
        if client == "oda_widgets":
            return provenance.script()
        if client != "oda_api":
            advice = 'Write "oda_widgets" or "oda_api".'
            raise BadParameter("client", client, "not a client known here", advice)
        return oda_api_code(provenance.link, url)

    def share_url(self, page: str = _PAGE) -> str:
        """Return a link whose page makes the same query again, with its catalogue.

        Parameters
        ----------
        page
            Address of the web app, that of ``oda-widgets app`` by default. MMODA understands the
            same parameters: give the address of its page.

        Raises
        ------
        DataError
            If the product was read from a file, which does not hold its whole provenance.

        Examples
        --------
        >>> image.share_url("https://host/app")
        'https://host/app?...instrument=isgri...'
        """
        return f"{page}?{self._history().link}"

    def _history(self) -> Provenance:
        if self.provenance is None:
            problem = f"This {type(self).__name__} carries no provenance."
            raise DataError(problem, "Only products of a site do; make the query again.")
        return self.provenance

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the product, for the notebook.

        Parameters
        ----------
        options
            Of an image: ``on_source``, ``size``. Of a light curve: ``on_select``, ``height``. Of a
            spectrum: ``min_significance`` (channels are joined until a point reaches it),
            ``lower``, ``height``. Sizes are screen pixels.

        Raises
        ------
        BadParameter
            If there is no such option.

        Examples
        --------
        >>> type(curve.plot(height=300)).__name__
        'LightCurveView'
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            ``columns`` (width in columns of text, 1 or 2). Of an image also ``map_name``
            ("significance", "intensity", "variance" or "exposure"), ``radius`` (degrees around the
            target), ``cuts`` (values of the first and the last colour), ``scale`` ("linear",
            "sqrt" or "asinh" between them), ``colours`` (for example "viridis") and ``catalog``
            (sources to mark in place of those of the image). Of a spectrum also
            ``min_significance``.

        Raises
        ------
        BadParameter
            If there is no such option, or its value cannot be accepted.

        Examples
        --------
        >>> image.figure(columns=2, map_name="exposure").savefig("exposure.pdf")
        """
        return abilities().figure(self, **options)
