"""The methods that images, spectra and light curves share."""

from __future__ import annotations

import os
from typing import Any

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.errors import DataError
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.oda_api_code import oda_api_code
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.address import page_address
from oda_widgets.request.arguments import one_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import one_line

_LONGEST_LINE = 200  # characters of a line in a print; notes in files may be longer
_PAGE = "http://127.0.0.1:8866/"  # of `oda-widgets app`
_DISPATCHER = "https://www.astro.unige.ch/mmoda/dispatch-data"
_OURS = "http://127.0.0.1:10100/"  # of `oda-widgets serve`


@suggesting_class
class Product(Displayed):
    """A product that can be saved, shown and made again."""

    provenance: Provenance | None
    observation: Observation

    def __repr__(self) -> str:
        heading, *facts = self._description()
        observation = self.observation
        times = ", ".join(filter(None, (observation.span, observation.intervals_note)))
        observed = (observation.label, times, observation.weights_note, *facts)
        lines = [f"  {one_line(line, _LONGEST_LINE)}" for line in observed if line]
        return "\n".join([f"{type(self).__name__} of {heading}", *lines])

    def _description(self) -> tuple[str, ...]:
        """Return a heading and at most three lines on the content, for prints."""
        raise NotImplementedError

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        history: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        """Write the data as FITS, with the names and columns of OSA and MMODA.

        The file of an image has four maps and the catalogue; that of a light curve, one table. RMF
        and ARF of a spectrum (PHA) are written beside it: ``crab_rmf.fits`` and ``crab_arf.fits``
        beside ``crab.fits``.

        Parameters
        ----------
        path
            Ends in ``.fits`` or ``.fits.gz``.
        overwrite
            Replace files that exist.
        history
            Lines on the origin of the product, for the HISTORY of the file.
        options
            For a light curve, ``time_unit``: "d" for days as in OSA and MMODA, or "s" for seconds,
            which OGIP recommends and stingray, HENDRICS and XRONOS expect. For a spectrum,
            ``layout``: "osa", or "on_off" for gammapy, which reads counts on and off a source
            (``crab_bkg.fits``).

        Raises
        ------
        BadParameter
            If the suffix is not one of these, there is no such option, or a file cannot be written.

        Examples
        --------
        >>> curve.write("magnetar_curve.fits.gz", history=("made for the talk",))
        """
        abilities().write(self, path, overwrite=overwrite, history=history, **options)

    def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, **options: Any
    ) -> None:
        """Save the product, or a figure of it, in the format that the suffix names.

        Parameters
        ----------
        path
            Ends in ``.fits`` or ``.fits.gz`` for the data (see `write`), or in ``.pdf``,
            ``.png`` or ``.svg`` for a figure ready for publication.
        overwrite
            Replace a file that exists.
        options
            For a figure, the options of `figure`, and ``dpi`` of a PNG, 300 by default. For FITS,
            ``time_unit`` of a light curve and ``layout`` of a spectrum, see `write`.

        Raises
        ------
        BadParameter
            If the suffix is none of these, there is no such option, or the file cannot be
            written.

        Examples
        --------
        >>> image.save("magnetar.fits")
        >>> image.save("magnetar.pdf")
        >>> image.save("magnetar.png", width=5, dpi=150)
        """
        abilities().save(self, path, overwrite=overwrite, **options)

    def code(self, client: str = "oda_widgets", url: str | None = None) -> str:
        """Return a Python script that makes the product again.

        Parameters
        ----------
        client
            "oda_widgets", or "oda_api" for a script that queries a dispatcher.
        url
            Address of the dispatcher for oda_api. By default it is the dispatcher that made the
            product, else MMODA, or ``oda-widgets serve`` for simulated events, which no public
            dispatcher has.

        Raises
        ------
        BadParameter
            If the client is not one of these, or the address does not begin with http or https.
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
        if one_of("client", client, ("oda_widgets", "oda_api")) == "oda_widgets":
            return provenance.script(simulated=self.observation.simulated)
        simulated = self.observation.simulated
        default = provenance.repeat.dispatcher or (_OURS if simulated else _DISPATCHER)
        address = default if url is None else page_address("url", url)
        return oda_api_code(provenance.link, address, simulated=simulated)

    def share_url(self, page: str = _PAGE) -> str:
        """Return a link to a page that repeats the query, with its catalogue.

        Parameters
        ----------
        page
            Address of the web app, by default that of ``oda-widgets app``. MMODA reads the same
            parameters: give the address of its page. Links of simulated products say so
            (``simulated=yes``), since MMODA does not have their science windows.

        Raises
        ------
        BadParameter
            If the address does not begin with http or https.
        DataError
            If the product was read from a file, which does not hold its whole provenance.

        Examples
        --------
        >>> image.share_url("https://host/app")
        'https://host/app?...instrument=isgri...'
        """
        simulated = "&simulated=yes" if self.observation.simulated else ""
        return f"{page_address('page', page)}?{self._history().link}{simulated}"

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
            For an image: ``on_source``, ``on_place``, ``size``. For a light curve: ``on_select``,
            ``height``, ``others`` (further light curves), ``norm`` (their factors, or "mean"),
            ``labels``, ``fit`` ("constant" or "linear"), ``time`` ("elapsed", "mjd" or "date") and
            ``limit_below`` (sigma, below which bins are drawn as upper limits). For a spectrum:
            ``min_significance`` (channels are joined until a point reaches it), ``others``,
            ``labels``, ``lower``, ``height``. For all: ``on_view``, called when the reader zooms or
            moves the figure. Sizes are in screen pixels.

        Raises
        ------
        BadParameter
            If there is no such option.

        Examples
        --------
        >>> type(curve.plot(height=300)).__name__
        'LightCurveView'
        >>> view = curve.plot(others=curves["Cyg X-1"], norm="mean", fit="constant")
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            ``columns`` (width in columns of text, 1 or 2), or ``width`` and ``height`` (inches).
            For an image (whose height follows from the map) also ``map_name``
            ("significance", "intensity", "variance" or "exposure"), ``radius`` (degrees around the
            target), ``cuts`` (values of the first and the last colour), ``scale`` ("linear",
            "sqrt" or "asinh"), ``colours`` (for example "viridis"), ``catalog`` (sources to mark in
            place of those of the image) and ``regions`` (circles and boxes to draw, as in region
            files of DS9). For a spectrum also ``min_significance``, ``others`` and ``labels``. For
            a light curve also ``others``, ``norm``, ``labels``, ``fit``, ``time`` and
            ``limit_below``, as for `plot`, and ``panels`` (True for a frame for each light curve,
            the default for several instruments).

        Raises
        ------
        BadParameter
            If there is no such option, or its value is not valid.

        Examples
        --------
        >>> image.figure(columns=2, map_name="exposure").savefig("exposure.pdf")
        """
        return abilities().figure(self, **options)
