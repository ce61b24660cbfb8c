"""Any other instrument that a server offers, asked by its own parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from oda_widgets.backend.dispatcher.conversation import Conversation
from oda_widgets.backend.dispatcher.http import Http, said_in
from oda_widgets.backend.dispatcher.memory import Memory
from oda_widgets.backend.dispatcher.menu import Menu, MenuItem, menu_of
from oda_widgets.errors import BadParameter, DataError, ServiceError
from oda_widgets.protocol.items import WireItem, items_of
from oda_widgets.request.identity import identity
from oda_widgets.workers.monitor import Monitor, Silent

_OK = 200


class Instrument:
    """An instrument of a server.

    Parameters
    ----------
    name
        As the server calls it.
    http
        The server.
    memory
        Jobs that were asked before.
    """

    def __init__(self, name: str, http: Http, memory: Memory) -> None:
        self.name = name
        self._http = http
        self._memory = memory

    def __repr__(self) -> str:
        return f"<Instrument {self.name} of {self._http.address}>"

    def use_token(self, token: str) -> None:
        """Ask with a token from now on; it is kept in memory only.

        Raises
        ------
        BadParameter
            If it is none.
        NotAllowed
            If it is expired, or would travel in the clear.
        """
        self._http.use(token)

    @cached_property
    def menu(self) -> Menu:
        """The parameters of each product.

        Raises
        ------
        ServiceError
            If the server does not say.
        """
        reply = self._http.get("/api/meta-data", {"instrument": self.name})
        if reply.status != _OK:
            problem = f"{self._http.address} does not describe {self.name}: {said_in(reply)}."
            raise ServiceError(problem, "Some instruments want a token.")
        try:
            return menu_of(json.loads(reply.content))
        except (ValueError, RecursionError) as error:
            problem = f"The description of {self.name} is not JSON."
            raise ServiceError(problem, "Tell those who run the server.") from error

    @property
    def products(self) -> tuple[str, ...]:
        """What can be asked for."""
        return tuple(self.menu)

    def items(self, product: str) -> tuple[MenuItem, ...]:
        """Return the parameters of a product.

        Raises
        ------
        BadParameter
            If there is no such product.
        """
        if product not in self.menu:
            advice = f"Choose one of: {', '.join(self.products)}."
            raise BadParameter("product", product, f"not a product of {self.name}", advice)
        return self.menu[product]

    def get(
        self,
        product: str,
        *,
        query_type: str = "Real",
        monitor: Monitor | None = None,
        **parameters: Any,
    ) -> list[WireItem]:
        """Ask for a product and wait for it.

        Parameters
        ----------
        product
            One of `products`.
        query_type
            "Real", or "Dummy" for made-up products.
        monitor
            Who wants to know how far it is.
        **parameters
            Those to be changed; the others have the defaults of the server.

        Raises
        ------
        BadParameter
            If a parameter is not known, or a value cannot be accepted.
        JobError, ServiceError
            If there is no product.
        """
        asked: dict[str, str | list[str]] = {
            "instrument": self.name,
            "product_type": product,
            "query_type": query_type,
            **self._checked(product, parameters),
        }
        question = identity([self._http.address, asked])
        conversation = Conversation(self._http, self._memory, question, asked)
        _, answer = conversation.answer(monitor or Silent(), 1)
        try:
            return items_of(answer.products)
        except DataError as error:
            raise ServiceError(error.problem, error.advice) from error

    def _checked(self, product: str, parameters: Mapping[str, Any]) -> dict[str, str | list[str]]:
        items = {item.name: item for item in self.items(product)}
        for name in parameters:
            if name not in items:
                near = get_close_matches(name, items, 1)
                hint = f"Did you mean {near[0]}? " if near else ""
                advice = f"{hint}There are: {', '.join(items)}."
                limit = f"not a parameter of {product}"
                raise BadParameter(name, parameters[name], limit, advice)
        return {name: items[name].checked(value) for name, value in parameters.items()}
