"""Products of several sources, found by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from oda_widgets.errors import BadParameter


class _Named(Protocol):
    @property
    def name(self) -> str: ...


ProductT = TypeVar("ProductT", bound=_Named)


class BySource(Mapping[str, ProductT], Generic[ProductT]):
    """A read-only mapping from source name to product, in the order of the catalogue."""

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
        return f"BySource({', '.join(self._products)})"
