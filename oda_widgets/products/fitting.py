"""The one door from spectra to fits; as for views (see `show`), opened by name when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_FITTING = "oda_widgets.fitting.fit"


def fit(spectra: Any, model: str, **options: Any) -> Any:
    """Return the fit of a model to spectra (see `oda_widgets.fit`)."""
    return import_module(_FITTING).fit(spectra, model, **options)
