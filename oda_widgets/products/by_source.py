"""Products of several sources by their names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.errors import BadParameter, NoSuchName
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.spelling import spelled
from oda_widgets.request.words import counted, one_line, significance_text


class _OfSource(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def shown_rate(self) -> tuple[float, float]: ...
    @property
    def rate_in_words(self) -> str: ...


ProductT = TypeVar("ProductT", bound=_OfSource)
_SHOWN = 4  # sources in a print


@suggesting_class
class BySource(Displayed, Mapping[str, ProductT], Generic[ProductT]):
    """A read-only mapping from the name of a source to its product, in the order of the catalogue.

    Names may have any usual spelling: ``"sgr1935+2154"``. A source of a catalogue can be used in
    place of its name.

    Parameters
    ----------
    products
        Spectra or light curves.

    Raises
    ------
    NoSuchName
        If a source that is looked up has no product.
    BadParameter
        If several sources share the spelling that is looked up.

    Examples
    --------
    >>> list(spectra)
    ['SGR 1935+2154', 'Cyg X-1']
    >>> spectra["cyg x-1"].name
    'Cyg X-1'
    """

    def __init__(self, products: tuple[ProductT, ...]) -> None:
        self._products = {product.name: product for product in products}

    def __getitem__(self, name: Any) -> ProductT:
        found = spelled("source", str(getattr(name, "name", name)), self._products)
        if found is not None:
            return self._products[found]
        advice = f"There are: {', '.join(self._products)}."
        raise NoSuchName("source", name, "was not among the fitted sources", advice)

    def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, **options: Any
    ) -> None:
        """Save each product as FITS into a folder, or one figure of all.

        Parameters
        ----------
        path
            A folder, which is made if needed; spectra are saved with RMF and ARF. Or the name of a
            figure that ends in ``.pdf``, ``.png`` or ``.svg``.
        overwrite
            Replace files that exist.
        options
            Options for a single product.

        Raises
        ------
        BadParameter
            If there is no such option, the name ends as that of another kind of file, or a file
            exists or cannot be written; no file is then written.

        Examples
        --------
        >>> curves.save("curves")
        >>> curves.save("curves.pdf", columns=2)
        """
        abilities().save(self, path, overwrite=overwrite, **options)

    def plot(self, **options: Any) -> Any:
        """Return one interactive figure of all products, for the notebook.

        Parameters
        ----------
        options
            Options for a single product.

        Raises
        ------
        BadParameter
            If there is no such option, or nothing to show.

        Examples
        --------
        >>> type(curves.plot()).__name__
        'LightCurveView'
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return one figure of all products for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            Options for a single product.

        Raises
        ------
        BadParameter
            If there is no such option, or nothing to show.

        Examples
        --------
        >>> len(curves.figure().legends[0].get_texts())
        2
        """
        return abilities().figure(self, **options)

    def __contains__(self, name: object) -> bool:
        try:
            self[name]
        except BadParameter:
            return False  # unknown, or shared by several sources
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._products)

    def __len__(self) -> int:
        return len(self._products)

    def __repr__(self) -> str:
        ranked = sorted(self.values(), key=_significance, reverse=True)
        kind = type(ranked[0]).__name__ if ranked else "nothing"
        lines = [f"BySource: {kind} of {counted(len(self), 'source')}"]
        lines += [f"  {_line(product)}" for product in ranked[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"  and {len(self) - _SHOWN} more")
        return "\n".join(lines)


def _line(product: _OfSource) -> str:
    significance = significance_text(_significance(product))
    return f"{one_line(product.name)}: {product.rate_in_words} ({significance} σ)"


def _significance(product: _OfSource) -> float:
    rate, error = product.shown_rate
    return rate / error if error > 0 else 0.0
