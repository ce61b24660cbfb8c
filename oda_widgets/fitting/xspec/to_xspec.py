"""A fit as files that XSPEC itself can run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from oda_widgets.errors import BadParameter
from oda_widgets.files import write_files
from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Recipe
from oda_widgets.fitting.xspec.xcm import xcm_text
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.paths import file_path

MODEL_FILE, SCRIPT = "model.xcm", "fit.xcm"
_LEFT_OUT = 5  # the quality of channels that "ignore bad" leaves out


def write_for_xspec(
    recipe: Recipe, parameters: Parameters, folder: str | Path, *, overwrite: bool
) -> Path:
    """Write spectra, responses, model and a script, and return the path of the script.

    Channels that are not fitted are marked bad, so that XSPEC fits exactly those that were fitted
    here; systematic errors stand in the spectra.

    Parameters
    ----------
    recipe, parameters
        Data and model, and the values to start from.
    folder
        Created if it does not exist.
    overwrite
        Replace files that exist.

    Raises
    ------
    BadParameter
        If a file exists or cannot be written.
    """
    place = file_path("folder", folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        limit = f"cannot be made ({error.strerror})"
        raise BadParameter("folder", str(folder), limit, "Give another folder.") from None
    names = [f"spectrum_{number}.fits" for number in range(1, len(recipe.datasets) + 1)]
    for name, data in zip(names, recipe.datasets, strict=True):
        _as_fitted(data).write(place / name, overwrite=overwrite)
    script = place / SCRIPT
    model = xcm_text(recipe.model, parameters, recipe.statistics)
    texts = {place / MODEL_FILE: model.encode("ascii"), script: _script(names).encode("ascii")}
    write_files(texts, overwrite=overwrite)
    return script


def _as_fitted(data: Dataset) -> Spectrum:
    """Return a spectrum with the channels, the area and the systematic errors of the fit."""
    spectrum = data.spectrum
    quality = np.where(data.used, 0, np.maximum(spectrum.quality, _LEFT_OUT)).astype(np.int16)
    fraction = spectrum.systematic_error
    if data.systematic is not None:
        fraction = np.full(len(quality), data.systematic)
    area = np.where(spectrum.response.area >= 0, spectrum.response.area, 0.0)
    return replace(
        spectrum,
        quality=quality,
        systematic_error=fraction,
        response=replace(spectrum.response, area=area),
    )


def _script(names: list[str]) -> str:
    data = " ".join(f"{number}:{number} {name}" for number, name in enumerate(names, 1))
    lines = ["query yes", f"data {data}", "ignore bad", f"@{MODEL_FILE}", "fit", "show all"]
    return "\n".join([*lines, ""])
