"""The examples in docstrings run, and everything public has one."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.by_source import BySource
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from tests.real_data import GRB_230307A

MAGNETAR = "SGR 1935+2154"
PACKAGE = Path(oda.__file__).parent
ELSEWHERE = {"fitting"}  # with a fit and a chain at hand: tests/fitting
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in ELSEWHERE
    and ">>> " in path.read_text(encoding="utf-8")
]
PUBLIC = (
    oda.CatalogSource,
    oda.ImageQuery,
    oda.OdaError,
    oda.LightCurve,
    oda.LightCurveQuery,
    oda.Response,
    oda.SkyImage,
    oda.SourceCatalog,
    oda.Spectrum,
    oda.SpectrumQuery,
    oda.connect,
    oda.read_catalog,
    oda.write_catalog,
    AllSky,
    BySource,
    EnergyBand,
    Observation,
    Provenance,
    ScienceWindow,
    ScienceWindowList,
    Source,
    TimeInterval,
)


@pytest.fixture(scope="module")
def names(sample_site: oda.Site) -> dict[str, Any]:
    """Give what an example finds: a site over the bundled window and products of it."""
    image = sample_site.image(MAGNETAR, energy=(28, 150))
    spectra = sample_site.spectra(catalog=image.catalog)
    curves = sample_site.light_curves(catalog=image.catalog, time_bin=100)
    windows = sample_site.science_windows()
    acs = oda.LightCurve.read(GRB_230307A)
    return {
        "oda": oda,
        "site": sample_site,
        "windows": windows,
        "image": image,
        "catalog": image.catalog,
        "spectra": spectra,
        "spectrum": spectra[MAGNETAR],
        "curves": curves,
        "curve": curves[MAGNETAR],
        "acs": acs,
        "grb": acs.burst(),
        "sky": sample_site.survey(energy=(28, 150), nside=64),
        "query": oda.ImageQuery(science_windows=windows.ids),
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_run(
    module: str, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ODA_WIDGETS_ONLINE", "no")
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    finder = doctest.DocTestFinder(exclude_empty=True)
    for example in finder.find(import_module(module), extraglobs=names):
        runner.run(example, out=said.append)
    assert not runner.failures, "".join(said)


def methods(thing: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over a class and its public members, or over a function alone."""
    yield thing.__name__, thing
    for name, member in vars(thing).items() if inspect.isclass(thing) else ():
        function = getattr(member, "__func__", getattr(member, "fget", member))
        function = getattr(function, "func", function)
        if not name.startswith("_") and inspect.isfunction(function):
            yield f"{thing.__name__}.{name}", function


@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: thing.__name__)
def test_everything_public_has_an_example(thing: Any) -> None:
    without = [name for name, item in methods(thing) if ">>> " not in (item.__doc__ or "")]
    assert without == []


@pytest.mark.parametrize("name", sorted(set(oda.__all__) - {"__version__"}))
def test_each_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(getattr(oda, name)) or "")
