"""Source catalogues: found in an image, fitted in spectra and light curves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Self, overload

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.errors import BadParameter, text_of
from oda_widgets.request.arguments import item_of, listed
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import finite_number, number_within, whole_number
from oda_widgets.request.source import Source
from oda_widgets.request.spelling import spelled
from oda_widgets.request.words import any_of, counted

if TYPE_CHECKING:
    from astropy.table import Table

# The value MMODA writes for "not a new source" (a FITS null of a 16-bit column).
KNOWN_SOURCE = -32768
_SHOWN = 4  # sources that a print lists
# Degrees. Through a coded mask whose pixels are 12 arcmin wide, nearer sources look like one, and
# an error of a position shifts flux from one to the other: no fit can share the flux between them.
SAME_PLACE = 0.05
MOST_SOURCES = 200_000
_SOURCES = 'Give sources, as in [site.resolve("Crab")], or names, as in catalog=["Crab"].'


_FIELDS = tuple(item.name for item in fields(CatalogSource))


@suggesting_class
@dataclass(frozen=True)
class SourceCatalog(Displayed, Sequence[CatalogSource]):
    """An immutable list of sources with distinct names; each change returns a new one.

    Parameters
    ----------
    sources
        The sources, in order.
    simulated
        True if they were measured in events that are not real; files of the catalogue say so.

    Raises
    ------
    BadParameter
        If two sources have the same name.

    Examples
    --------
    >>> catalog
    SourceCatalog: 2 sources
      SGR 1935+2154 at (293.7..., +21.8...) deg, significance ..., ... counts/s
      Cyg X-1 at (299.5903, +35.2016) deg, significance ..., ... counts/s
    >>> catalog["Cyg X-1"].ra
    299.59033
    """

    sources: tuple[CatalogSource, ...] = ()
    simulated: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", tuple(_bounded_list(self.sources)))
        for source in self.sources:
            if not isinstance(source, CatalogSource):
                raise BadParameter("catalog", source, "not a CatalogSource", _SOURCES)
        seen: set[str] = set()
        for name in self.names:
            if name in seen:
                limit = f"two sources are called {name}"
                raise BadParameter("catalog", name, limit, "Rename or drop one of them.")
            seen.add(name)

    def __repr__(self) -> str:
        facts = [
            "SIMULATED" if self.simulated else "",
            counted(len(self), "source"),
            any_of(sum(source.new for source in self), "new"),
            any_of(len(self) - len(self.selected), "not selected"),
        ]
        lines = [f"  {source}" for source in self.brightest(_SHOWN)]
        if len(self) > _SHOWN:
            lines.append(f"  and {len(self) - _SHOWN} more")
        return "\n".join([f"SourceCatalog: {', '.join(fact for fact in facts if fact)}", *lines])

    @overload
    def __getitem__(self, index: int | str) -> CatalogSource: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CatalogSource, ...]: ...
    def __getitem__(self, index: int | str | slice) -> CatalogSource | tuple[CatalogSource, ...]:
        if isinstance(index, str):
            return self._named(index)
        found: CatalogSource | tuple[CatalogSource, ...] = item_of("catalog", self.sources, index)
        return found

    def __iter__(self) -> Iterator[CatalogSource]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def __contains__(self, item: object) -> bool:
        # Check types first: comparing an array gives an array, which is neither true nor false.
        return (isinstance(item, str) and item in self.names) or (
            isinstance(item, CatalogSource) and item in self.sources
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names, in order.

        Examples
        --------
        >>> catalog.names
        ('SGR 1935+2154', 'Cyg X-1')
        """
        return tuple(source.name for source in self.sources)

    @property
    def selected(self) -> Self:
        """The catalogue of the selected sources only.

        Examples
        --------
        >>> catalog.update("Cyg X-1", selected=False).selected.names
        ('SGR 1935+2154',)
        """
        return self._filtered(lambda source: source.selected)

    @property
    def coincident(self) -> tuple[CatalogSource, CatalogSource] | None:
        """Two selected sources nearer than 3 arcmin, between which no fit can share the flux.

        None if there are none; queries refuse such catalogues.

        Examples
        --------
        >>> double = catalog.add(oda.CatalogSource("Cyg X-1 again", 299.59033, 35.20161))
        >>> sorted(source.name for source in double.coincident)
        ['Cyg X-1', 'Cyg X-1 again']
        """
        ordered = sorted(self.selected, key=lambda source: source.dec)
        for index, source in enumerate(ordered):
            for other in ordered[index + 1 :]:
                if other.dec - source.dec > SAME_PLACE:
                    break
                if source.separation(other) < SAME_PLACE:
                    return source, other
        return None

    @property
    def table(self) -> Table:
        """The catalogue as an astropy table: the columns of MMODA, then those of this package.

        Examples
        --------
        >>> catalog.table["src_names", "ra", "dec"].colnames
        ['src_names', 'ra', 'dec']
        """
        from astropy.table import Table  # noqa: PLC0415 - heavy import

        columns: dict[str, list[Any]] = {
            "meta_ID": list(range(len(self))),
            "src_names": [source.name for source in self],
            "significance": [source.significance for source in self],
            "ra": [source.ra for source in self],
            "dec": [source.dec for source in self],
            "NEW_SOURCE": [1 if source.new else KNOWN_SOURCE for source in self],
            "ISGRI_FLAG": [2 if source.new else 1 for source in self],
            "FLAG": [0 for _ in self],
            "ERR_RAD": [source.error_radius for source in self],
            "flux": [source.flux for source in self],
            "flux_error": [source.flux_error for source in self],
            "ra_fit": [source.ra_fit for source in self],
            "dec_fit": [source.dec_fit for source in self],
        }
        degrees = dict.fromkeys(("ra", "dec", "ERR_RAD", "ra_fit", "dec_fit"), "deg")
        rates = dict.fromkeys(("flux", "flux_error"), "ct / s")
        dtype = [int, str, float, float, float, int, int, int, *[float] * 5]
        meta: dict[str, Any] = {"FRAME": "fk5"} | ({"SIMULATE": True} if self.simulated else {})
        return Table(columns, units=degrees | rates, dtype=dtype, meta=meta)

    def drop_new(self) -> Self:
        """Return the catalogue without its new sources, ``NEW_1`` and so on.

        Examples
        --------
        >>> len(catalog.drop_new())
        2
        """
        return self._filtered(lambda source: not source.new)

    def brightest(self, number: int) -> Self:
        """Return the most significant sources, in descending order; unmeasured ones come last.

        Raises
        ------
        BadParameter
            If the number is not a whole number, 0 or more.

        Examples
        --------
        >>> catalog.brightest(1).names
        ('SGR 1935+2154',)
        """

        def rank(source: CatalogSource) -> float:
            return source.significance if isfinite(source.significance) else -inf

        ranked = sorted(self.sources, key=rank, reverse=True)
        return replace(self, sources=tuple(ranked[: whole_number("number", number, least=0)]))

    def brighter_than(self, significance: float) -> Self:
        """Return the sources at or above a significance.

        Raises
        ------
        BadParameter
            If it is not a finite number.

        Examples
        --------
        >>> catalog.brighter_than(20).names
        ('SGR 1935+2154',)
        """
        least = finite_number("significance", significance)
        return self._filtered(lambda source: source.significance >= least)

    def significances(self) -> dict[str, float]:
        """Return the significance of each source, rounded, under the label that tables give it.

        Examples
        --------
        >>> catalog.brighter_than(20).significances()
        {'significance of SGR 1935+2154': ...}
        """
        return {f"significance of {one.name}": round(one.significance, 1) for one in self}

    def deduplicate(self, radius: float = 0.1) -> Self:
        """Return the catalogue without new sources that lie near another source.

        Of two new sources within the radius, the more significant one stays; new sources near a
        known one are removed. All known sources stay, however close, since catalogues distinguish
        them.

        Parameters
        ----------
        radius
            Degrees, 0 to 180.

        Raises
        ------
        BadParameter
            If the radius is outside its limits.

        Examples
        --------
        >>> ghost = oda.CatalogSource("NEW_1", 293.8, 21.9, significance=6.1, new=True)
        >>> catalog.add(ghost).deduplicate(radius=0.2).names
        ('SGR 1935+2154', 'Cyg X-1')
        """
        reach = number_within("radius", radius, 0.0, 180.0, "deg")

        def rank(source: CatalogSource) -> tuple[bool, float]:
            return source.new, -source.significance if isfinite(source.significance) else 0.0

        chosen: list[CatalogSource] = []
        for source in sorted(self.sources, key=rank):
            if not source.new or all(source.separation(other) > reach for other in chosen):
                chosen.append(source)
        return self._filtered(lambda source: source in chosen)

    def drop(self, *names: str) -> Self:
        """Return the catalogue without the named sources.

        Raises
        ------
        BadParameter
            If a name is not in the catalogue.

        Examples
        --------
        >>> catalog.drop("Cyg X-1").names
        ('SGR 1935+2154',)
        """
        dropped = {self._named(name).name for name in names}
        return self._filtered(lambda source: source.name not in dropped)

    def add(self, source: CatalogSource | Source | str) -> Self:
        """Return the catalogue with a source added.

        Parameters
        ----------
        source
            A name or a position as `Site.resolve` takes it, a `Source`, or a `CatalogSource`.

        Raises
        ------
        BadParameter
            If it is not a source, or its name is in the catalogue.
        UnknownSource
            If no catalogue or service knows the name.

        Examples
        --------
        >>> catalog.add("Crab").names
        ('SGR 1935+2154', 'Cyg X-1', 'Crab')
        """
        return replace(self, sources=(*self.sources, _catalog_source(source)))

    def update(self, name: str, /, **changes: Any) -> Self:
        """Return the catalogue with some fields of one source changed.

        Parameters
        ----------
        name
            In any usual spelling.
        changes
            Fields of `CatalogSource` with their new values.

        Raises
        ------
        BadParameter
            If there is no such source or field, or a value is not valid.

        Examples
        --------
        >>> catalog.update("Cyg X-1", name="Cygnus X-1").names
        ('SGR 1935+2154', 'Cygnus X-1')
        """
        changed = self._named(name)
        for field_name, value in changes.items():
            if field_name not in _FIELDS:
                advice = f"There are: {', '.join(_FIELDS)}."
                raise BadParameter(field_name, value, "no field of a source", advice)
        sources = (replace(s, **changes) if s is changed else s for s in self.sources)
        return replace(self, sources=tuple(sources))

    @classmethod
    def of(cls, sources: Iterable[CatalogSource | Source | str]) -> Self:
        """Return a catalogue of sources.

        Parameters
        ----------
        sources
            Names or positions as `Site.resolve` takes them, `Source`, or `CatalogSource`.

        Raises
        ------
        BadParameter
            If something else is among them, or two have the same name.
        UnknownSource
            If no catalogue or service knows a name.

        Examples
        --------
        >>> oda.SourceCatalog.of(["Crab", "Vela X-1", "17:45:40 -29:00:28"]).names
        ('Crab', 'Vela X-1', '266.41667 -29.00778')
        """
        if isinstance(sources, str | Source | CatalogSource):
            sources = [sources]
        return cls(tuple(_catalog_source(source) for source in _bounded_list(sources)))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Save the catalogue in the format that the suffix names.

        Parameters
        ----------
        path
            Ends in ``.fits``, ``.fits.gz``, ``.vot``, ``.xml`` (VOTable), ``.ecsv``, ``.csv`` or
            ``.reg`` (regions for DS9, which hold names and positions only).
        overwrite
            Replace a file that exists.

        Raises
        ------
        BadParameter
            If the suffix is none of these, or the file cannot be written.

        Examples
        --------
        >>> catalog.save("sources.ecsv")
        """
        abilities().save(self, path, overwrite=overwrite)

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, row: int | None = None) -> SourceCatalog:
        """Read a catalogue of any origin with names and positions.

        Parameters
        ----------
        path
            A FITS table, VOTable, ECSV, CSV or region file of DS9. Units and frames that it states
            are converted; positions without a unit are degrees, without a frame ICRS.
        row
            Number of the table of sources, from 1, if the file has several.

        Raises
        ------
        BadParameter
            If there is no such file, its suffix is none of these, or it has several tables.
        DamagedFile
            If it is not what its suffix says, lacks names or positions, or states a unit or frame
            that is not known.

        Warns
        -----
        FileWarning
            If rows without a position are left out, or names that occur twice are numbered.

        Examples
        --------
        >>> catalog.save("sources.fits")
        >>> oda.SourceCatalog.read("sources.fits") == catalog
        True
        """
        return abilities().read(SourceCatalog, path, row=row)

    def _filtered(self, keep: Callable[[CatalogSource], bool]) -> Self:
        return replace(self, sources=tuple(source for source in self.sources if keep(source)))

    def _named(self, name: Any) -> CatalogSource:
        found = spelled("catalog", text_of(name), self.names) if isinstance(name, str) else None
        if found is not None:
            return next(source for source in self.sources if source.name == found)
        known = ", ".join(self.names) or "none"
        raise BadParameter("catalog", name, "no such source", f"The catalogue has: {known}.")


def _bounded_list(sources: Any) -> list[Any]:
    """Return sources as a list, and refuse more of them than `MOST_SOURCES`."""
    try:
        return listed("catalog", sources, MOST_SOURCES)
    except BadParameter as error:
        raise BadParameter("catalog", sources, error.limit, _SOURCES) from None


def _catalog_source(source: Any) -> CatalogSource:
    """Return a source of a catalogue; resolve names and positions."""
    if isinstance(source, CatalogSource):
        return source
    if not isinstance(source, Source):
        source = abilities().resolve(source)
    return CatalogSource(source.name, source.ra, source.dec)
