"""Public methods accept any value, or refuse it with an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.errors import OdaError
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.result import Fit
from tests.fitting.instruments import ngc_2110
from tests.products import examples

NOT_A_NUMBER = float("nan")
VALUES: tuple[Any, ...] = (
    None, 5, -1, 1.5, NOT_A_NUMBER, True, "", "\0", "a/../../b", "~no user/x", "x" * 5000, b"x", [],
    [None], {}, (1, 2, 3), object(),
)  # fmt: skip

Call = Callable[[Any], object]


def accepted(call: Call) -> list[Any]:
    """Return the values that a call accepts; each other one it must refuse in our own words."""
    found = []
    for value in VALUES:
        try:
            call(value)
        except OdaError:
            continue
        found.append(value)
    return found


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("call", "good"),
    [
        (lambda value: oda.connect(archive=value), [None, ""]),
        (oda.SkyImage.read, []),
        (oda.Spectrum.read, []),
        (oda.LightCurve.read, []),
        (oda.read_catalog, []),
        (oda.SourceCatalog.of, [[], {}]),
    ],
    ids=["archive", "image", "spectrum", "light curve", "catalogue", "sources"],
)
def test_bad_files_to_open_are_refused(call: Call, good: list[Any]) -> None:
    assert accepted(call) == good


@pytest.mark.parametrize(
    "product",
    [examples.make_image(), examples.make_spectrum(), examples.make_light_curve()],
    ids=["image", "spectrum", "light curve"],
)
def test_bad_paths_of_products_are_refused(product: Any) -> None:
    assert accepted(product.save) == []
    assert not list(Path().iterdir())


def test_bad_arguments_of_catalogues_are_refused() -> None:
    catalog = examples.CATALOG
    assert accepted(catalog.brighter_than) == [5, -1, 1.5]
    assert accepted(catalog.deduplicate) == [5, 1.5]
    assert accepted(catalog.add) == []
    assert accepted(catalog.drop) == []


def test_the_source_of_a_query() -> None:
    windows = ("255900280010.001",)
    found = accepted(lambda value: oda.ImageQuery(science_windows=windows, source=value))
    assert found == [None]


@pytest.fixture(scope="module")
def fit() -> Fit:
    found: Fit = ngc_2110().fit("powerlaw", energy=(22, 200))
    return found


@pytest.fixture(scope="module")
def chain(fit: Fit) -> Chain:
    return fit.chain(50, progress=lambda _done, _wanted: None)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("energy", [None, [None]]),
        ("systematic", [None, [None]]),
        ("statistic", [None, [None]]),
        ("start", [None, {}]),
        ("freeze", [None, [], {}]),
        ("free", [None, [], {}]),
        ("limits", [None, {}]),
        ("links", [None, {}]),
    ],
)
def test_bad_options_of_fits_are_refused(name: str, good: list[Any]) -> None:
    spectrum = ngc_2110()
    assert accepted(lambda value: oda.fit(spectrum, "powerlaw", **{name: value})) == good


@pytest.mark.parametrize(
    "options",
    [
        {"links": {"norm": -1}},
        {"links": {"PhoIndex": 1e300}},
        {"links": {"PhoIndex": "1e400"}},
        {"links": {"PhoIndex": (1,)}},
        {"links": {"PhoIndex": "2 $ norm"}},
        {"links": {"PhoIndex": True}},
        {"limits": {"PhoIndex": b"ab"}},
        {"energy": b"ab"},
        {"energy": {50: 1, 90: 2}},
        {"free": {"PhoIndex": NOT_A_NUMBER}},
    ],
    ids=str,
)
def test_choices_that_no_fit_can_keep_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OdaError):
        oda.fit(ngc_2110(), "powerlaw", **options)


def test_tokens_of_a_wrong_kind_are_refused() -> None:
    good = accepted(lambda value: oda.connect(archive="sample", token=value))
    assert good == [value for value in VALUES if value is None or isinstance(value, str)]


def test_bad_spectra_to_fit_are_refused() -> None:
    assert accepted(lambda value: oda.fit(value, "powerlaw")) == []
    assert accepted(lambda value: oda.fit(ngc_2110(), value)) == []


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("steps", []),
        ("walkers", [None]),
        ("burn", [None, 5]),
        ("seed", [5]),
        ("processes", [None, 5]),
    ],
)
def test_bad_options_of_chains_are_refused(fit: Fit, name: str, good: list[Any]) -> None:
    def sampled(value: Any) -> object:
        options = {"steps": 10, name: value}
        return fit.chain(progress=lambda _done, _wanted: None, **options)

    assert accepted(sampled) == good


def test_bad_arguments_of_fits_and_chains_are_refused(fit: Fit, chain: Chain) -> None:
    assert accepted(fit.table) == []
    assert accepted(fit.upper_limit) == []
    assert accepted(lambda value: fit.flux_limit(20, 100, unit=value)) == []
    assert accepted(lambda value: fit.flux_limit(20, 100, level=value)) == []
    assert accepted(fit.write_xcm) == []
    assert accepted(fit.to_xspec) == ["", "a/../../b"]
    assert accepted(lambda value: fit.flux(20, 100, unit=value)) == []
    assert accepted(lambda value: fit.errors(level=value)) == []
    assert accepted(chain.with_prior) == []
    assert accepted(chain.interval) == []
    assert accepted(lambda value: chain.plot(size=value)) == [None]
    assert accepted(lambda value: chain.quantiles("norm", value)) == [[]]
    assert accepted(lambda value: chain.flux(20, 100, samples=value)) == [5]
    assert accepted(lambda value: chain.flux(20, 100, level=value)) == []


def test_bad_spectra_to_fold_are_refused() -> None:
    assert accepted(examples.make_response().fold) == []
