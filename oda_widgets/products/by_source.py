"""Products of several sources, found by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from oda_widgets.abilities import Displayed
from oda_widgets.errors import BadParameter
from oda_widgets.request.words import counted, one_line, with_error


class _OfSource(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def mean_rate(self) -> tuple[float, float]: ...


ProductT = TypeVar("ProductT", bound=_OfSource)
_SHOWN = 4  # sources in the words about a mapping


class BySource(Displayed, Mapping[str, ProductT], Generic[ProductT]):
    """A read-only mapping from source name to product, in the order of the catalogue.

    Names are found in any case of letters.

    Parameters
    ----------
    products
        Spectra or light curves.

    Raises
    ------
    BadParameter
        On looking up a source that is not among them.

    Examples
    --------
    >>> list(spectra)
    ['SGR 1935+2154', 'Cyg X-1']
    >>> spectra["cyg x-1"].name
    'Cyg X-1'
    """

    def __init__(self, products: tuple[ProductT, ...]) -> None:
        self._products = {product.name: product for product in products}

    def __getitem__(self, name: str) -> ProductT:
        if str(name) in self._products:
            return self._products[str(name)]
        found = [known for known in self._products if known.casefold() == str(name).casefold()]
        if found:
            return self._products[found[0]]
        advice = f"There are: {', '.join(self._products)}."
        raise BadParameter("source", name, "was not among the fitted sources", advice)

    def __contains__(self, name: object) -> bool:
        return name in self._products

    def __iter__(self) -> Iterator[str]:
        return iter(self._products)

    def __len__(self) -> int:
        return len(self._products)

    def __repr__(self) -> str:
        ranked = sorted(self.values(), key=_significance, reverse=True)
        kind = type(ranked[0]).__name__ if ranked else "nothing"
        lines = [f"BySource: {kind} of {counted(len(self), 'source')}"]
        lines += [f"  {_words(product)}" for product in ranked[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"  and {len(self) - _SHOWN} more")
        return "\n".join(lines)


def _words(product: _OfSource) -> str:
    rate = with_error(*product.mean_rate)
    return f"{one_line(product.name)}: {rate} counts/s ({_significance(product):.1f} σ)"


def _significance(product: _OfSource) -> float:
    rate, error = product.mean_rate
    return rate / error if error > 0 else 0.0
