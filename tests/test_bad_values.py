"""Whatever a public method is given, it answers, or says what is wrong with it."""

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
        (oda.SourceCatalog.of, ["", [], {}]),
    ],
    ids=["archive", "image", "spectrum", "light curve", "catalogue", "sources"],
)
def test_what_is_opened(call: Call, good: list[Any]) -> None:
    assert accepted(call) == good


@pytest.mark.parametrize(
    "product",
    [examples.make_image(), examples.make_spectrum(), examples.make_light_curve()],
    ids=["image", "spectrum", "light curve"],
)
def test_where_products_are_saved(product: Any) -> None:
    assert accepted(product.save) == []
    assert not list(Path().iterdir())


def test_what_is_asked_of_a_catalogue() -> None:
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
def test_what_a_fit_is_told(name: str, good: list[Any]) -> None:
    spectrum = ngc_2110()
    assert accepted(lambda value: oda.fit(spectrum, "powerlaw", **{name: value})) == good


def test_what_is_fitted() -> None:
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
def test_what_a_chain_is_told(fit: Fit, name: str, good: list[Any]) -> None:
    def sampled(value: Any) -> object:
        options = {"steps": 10, name: value}
        return fit.chain(progress=lambda _done, _wanted: None, **options)

    assert accepted(sampled) == good


def test_what_is_asked_of_a_fit_and_a_chain(fit: Fit, chain: Chain) -> None:
    assert accepted(fit.table) == []
    assert accepted(fit.upper_limit) == []
    assert accepted(fit.write_xcm) == []
    assert accepted(fit.to_xspec) == ["", "a/../../b"]
    assert accepted(lambda value: fit.flux(20, 100, unit=value)) == []
    assert accepted(lambda value: fit.errors(level=value)) == []
    assert accepted(chain.with_prior) == []
    assert accepted(chain.interval) == []
    assert accepted(lambda value: chain.quantiles("norm", value)) == [[]]
    assert accepted(lambda value: chain.flux(20, 100, samples=value)) == [5]
    assert accepted(lambda value: chain.flux(20, 100, level=value)) == []


def test_what_is_folded() -> None:
    assert accepted(examples.make_response().fold) == []
