"""An instrument of a server, with the parameters that the server describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from oda_widgets.backend.dispatcher.analysis_request import AnalysisRequest
from oda_widgets.backend.dispatcher.http import Http, reason_in
from oda_widgets.backend.dispatcher.remote_jobs import RemoteJobs
from oda_widgets.errors import BadParameter, DataError, ServiceError
from oda_widgets.protocol.generic_products import GenericProduct, read_generic_products
from oda_widgets.protocol.meta_data import ParameterDescription, read_meta_data
from oda_widgets.request.identity import identity
from oda_widgets.workers.progress import Monitor, Muted

_OK = 200


class Instrument:
    """An instrument of a server.

    Parameters
    ----------
    name
        Name of the instrument at the server.
    http
        Connection to the server.
    jobs
        Jobs of earlier sessions.
    """

    def __init__(self, name: str, http: Http, jobs: RemoteJobs) -> None:
        self.name = name
        self._http = http
        self._jobs = jobs

    def __repr__(self) -> str:
        return f"<Instrument {self.name} of {self._http.address}>"

    def use_token(self, token: str) -> None:
        """Use a token from now on; it is kept in memory only.

        Raises
        ------
        BadParameter
            If the text is not a token.
        NotAllowed
            If the token is expired, or would travel unencrypted.
        """
        self._http.use(token)

    @cached_property
    def parameters(self) -> Mapping[str, tuple[ParameterDescription, ...]]:
        """The parameters of each product.

        Raises
        ------
        ServiceError
            If the server does not describe the instrument.
        """
        reply = self._http.get("/api/meta-data", {"instrument": self.name})
        if reply.status != _OK:
            problem = f"{self._http.address} does not describe {self.name}: {reason_in(reply)}."
            raise ServiceError(problem, "Some instruments require a token.")
        try:
            return read_meta_data(json.loads(reply.content))
        except (ValueError, RecursionError) as error:
            problem = f"The description of {self.name} is not JSON."
            raise ServiceError(problem, "Tell those who run the server.") from error

    @property
    def products(self) -> tuple[str, ...]:
        """Names of the products."""
        return tuple(self.parameters)

    def items(self, product: str) -> tuple[ParameterDescription, ...]:
        """Return the parameters of a product.

        Raises
        ------
        BadParameter
            If there is no such product.
        """
        if product not in self.parameters:
            advice = f"Choose one of: {', '.join(self.products)}."
            raise BadParameter("product", product, f"not a product of {self.name}", advice)
        return self.parameters[product]

    def get(
        self,
        product: str,
        *,
        query_type: str = "Real",
        monitor: Monitor | None = None,
        **parameters: Any,
    ) -> list[GenericProduct]:
        """Request a product and wait for it.

        Parameters
        ----------
        product
            One of `products`.
        query_type
            "Real", or "Dummy" for prepared sample products.
        monitor
            Receives progress and warnings.
        **parameters
            Parameters other than the defaults of the server.

        Raises
        ------
        BadParameter
            If a parameter is unknown, or a value cannot be accepted.
        JobError, ServiceError
            If there is no product.
        """
        asked: dict[str, str | list[str]] = {
            "instrument": self.name,
            "product_type": product,
            "query_type": query_type,
            **self._checked(product, parameters),
        }
        key = identity([self._http.address, asked])
        request = AnalysisRequest(self._http, self._jobs, key, asked)
        _, reply = request.result(monitor or Muted(), 1)
        try:
            return read_generic_products(reply.products)
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
