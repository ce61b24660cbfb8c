"""The same fit by XSPEC itself, where PyXspec (of HEASoft) can be imported."""

from __future__ import annotations

import os
from contextlib import chdir
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from oda_widgets.errors import MissingTool
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Recipe
from oda_widgets.fitting.xspec.to_xspec import MODEL_FILE, write_for_xspec


@dataclass(frozen=True)
class XspecFit:
    """Parameters and statistic that XSPEC found.

    Parameters
    ----------
    statistic, dof
        At its minimum.
    values
        Of all parameters, by short name.
    """

    statistic: float
    dof: int
    values: dict[str, float]


def fit_with_pyxspec(recipe: Recipe, parameters: Parameters) -> XspecFit:
    """Return the result of XSPEC's own fit of the same data from the same start.

    Raises
    ------
    MissingTool
        If PyXspec is not installed.
    """
    xspec = _import_xspec()
    n_spectra = len(recipe.datasets)
    with TemporaryDirectory() as folder:
        write_for_xspec(recipe, parameters, folder, overwrite=True)
        with chdir(folder):
            names = (f"{n}:{n} spectrum_{n}.fits" for n in range(1, n_spectra + 1))
            xspec.AllData(" ".join(names))
            xspec.AllData.ignore("bad")
            xspec.Xset.restore(os.fspath(MODEL_FILE))
            xspec.Fit.query = "yes"
            xspec.Fit.perform()
    values: dict[str, float] = {}
    n_parameters = len(parameters) // n_spectra
    for index, name in enumerate(parameters):
        group, number = divmod(index, n_parameters)
        values[name] = float(xspec.AllModels(group + 1)(number + 1).values[0])
    return XspecFit(float(xspec.Fit.statistic), int(xspec.Fit.dof), values)


def _import_xspec() -> Any:
    try:
        import xspec  # noqa: PLC0415 - part of HEASoft, seldom there
    except ImportError:
        problem = "PyXspec cannot be imported."
        advice = "Start Python where HEASoft is set up, or use the fit as it is."
        raise MissingTool(problem, advice) from None
    return xspec
