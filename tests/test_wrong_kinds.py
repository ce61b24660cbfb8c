"""Whatever kind of value the public face is given, it answers, or says what is wrong with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import AltAz, SkyCoord
from astropy.time import Time

import oda_widgets as oda
from oda_widgets.errors import BadParameter, NoSuchRow, OdaError, shorten
from oda_widgets.fitting.result import Fit
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import parse_intervals, parse_span
from oda_widgets.views.figure_options import checked_figure_options
from tests.fitting.instruments import ngc_2110
from tests.products import examples


class Endless:
    """What can be gone through without end."""

    def __iter__(self) -> Iterator[int]:
        yield from range(300_000)
        pytest.fail("it was read without end")


class Hostile:
    """What raises an error of its own whatever it is asked."""

    def __getitem__(self, _: object) -> Any:
        raise ArithmeticError

    __repr__ = __str__ = __eq__ = __float__ = __int__ = __iter__ = __len__ = __bool__ = __getitem__  # type: ignore[assignment]
    __lt__ = __gt__ = __le__ = __ge__ = __index__ = __array__ = __fspath__ = __getitem__
    __hash__ = None  # type: ignore[assignment]


class HostileText(str):
    """A text that cannot be compared."""

    __slots__ = ()

    def __eq__(self, _: object) -> bool:
        raise ArithmeticError

    __hash__ = str.__hash__


def nested(depth: int) -> list[Any]:
    """Return a list within a list within a list."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


ALTAZ = SkyCoord(10 * u.deg, 20 * u.deg, frame=AltAz())
HOSTILE: tuple[Any, ...] = (
    10**5000, Hostile(), [Hostile(), Hostile()], HostileText("x"), nested(100_000),
)  # fmt: skip
KINDS: tuple[Any, ...] = (
    None, -5, float("inf"), float("nan"), 10**12, 10**400, 1e300, "x", "\0", "\ud800", b"x", b"ab",
    [], [[]], {"a": 1}, {50: 1, 90: 2}, range(3), (1, 2, 3), (1,), np.ones((2, 2)),
    object(), np.array([1.0, 2.0]), np.array([]), np.array("x"), 1 * u.m, [1, 2] * u.keV, ALTAZ,
    Time(["2003-01-01", "2004-01-01"]), SkyCoord([1, 2] * u.deg, [3, 4] * u.deg), Endless(),
    range(10**15), *HOSTILE,
)  # fmt: skip
IMAGE, SPECTRUM, CURVE = (
    examples.make_image(),
    examples.make_spectrum(),
    examples.make_light_curve(),
)
RESPONSE, CATALOG = examples.make_response(), examples.CATALOG
PRODUCTS = (IMAGE, SPECTRUM, CURVE, CATALOG)
# What is given to the parameters that have no default, while another has a wrong kind.
GOOD: dict[str, Any] = {
    "name": "Crab", "ra": 83.6, "dec": 22.0, "path": "x.fits", "catalog": CATALOG, "number": 1,
    "source": "Crab", "model": "powerlaw", "response": RESPONSE, "exposure": 100.0, "low": 20,
    "science_windows": ("255900280010.001",), "significance": 5, "other": CATALOG[0], "high": 100,
    "sources": CATALOG, "photon_flux": np.ones(len(RESPONSE.area)), "starts": [0, 2], "days": 1,
    "rmf": "x.fits", "index": 0, "value": "Crab", "level": 0.68, "parameter": "PhoIndex",
    "spectra": SPECTRUM, "first": "PhoIndex", "second": "norm", "hard": CURVE, "groups": None,
    "address": "sample", "folder": "x",
}  # fmt: skip
BURST = ("2023-03-07T15:44:00", "2023-03-07T15:44:10")
SHIELD = {"instrument": "spi_acs", "start": BURST[0], "stop": BURST[1], "time_bin": 1.0}
FIGURES = ("on_source", "on_select", "size", "height", "columns", "map_name", "radius", "cuts",
           "scale", "colours", "catalog", "min_significance", "lower",
           "unfolded", "ratio")  # fmt: skip
FUNCTIONS = (
    oda.CatalogSource, oda.SourceCatalog, oda.SourceCatalog.of, oda.ImageQuery, oda.SpectrumQuery,
    oda.LightCurveQuery, oda.connect, oda.open, oda.read_catalog, oda.write_catalog, oda.fakeit,
    oda.SkyImage.read, oda.Spectrum.read, oda.LightCurve.read, oda.Response.read, oda.fit,
    oda.SourceCatalog.read,
)  # fmt: skip
# Their wrong kinds cost a computation each, or are those of a list.
LEFT_OUT = {"Spectrum.fit", "SourceCatalog.count", "SourceCatalog.index"}


def public_calls() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public functions, and the methods of the values that they return."""
    for function in FUNCTIONS:
        yield function.__qualname__, function
    for value in (IMAGE, SPECTRUM, CURVE, CATALOG, CATALOG[0], RESPONSE):
        kind = type(value)
        for name, _ in inspect.getmembers(kind, inspect.isfunction):
            label = f"{kind.__name__}.{name}"
            static = isinstance(inspect.getattr_static(kind, name), classmethod | staticmethod)
            if not (name.startswith("_") or static or label in LEFT_OUT):
                yield label, getattr(value, name)


def foreign(label: str, call: Callable[..., Any]) -> list[str]:
    """Return the errors that are not ours, by parameter and value."""
    parameters = inspect.signature(call).parameters.values()
    named = [p for p in parameters if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}]
    several = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
    needed = {p.name: GOOD[p.name] for p in named if p.default is p.empty}
    first = [p.name for p in named if p.kind is p.POSITIONAL_ONLY]
    found = []
    for name in (*(p.name for p in named), *several):
        for value in (*KINDS, *PRODUCTS):
            given = needed | {name: value}
            positional = [given.pop(each) for each in (*first, *several) if each in given]
            try:
                call(*positional, **given)
            except OdaError:
                continue
            except Exception as error:  # noqa: BLE001 - any is a fault
                text = f"{label}({name}={shorten(value)}): {type(error).__name__} {error}"
                found.append(text[:200])
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("label", "call"), [pytest.param(name, call, id=name) for name, call in public_calls()]
)
def test_a_value_of_a_wrong_kind_is_refused_in_words(
    label: str, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert foreign(label, call) == []


@pytest.mark.filterwarnings("ignore")
def test_a_site_refuses_sources_of_a_wrong_kind_without_windows() -> None:
    site = oda.connect(archive="sample")
    for value in KINDS:
        with pytest.raises(OdaError):
            site.spectra(catalog=value)


@pytest.mark.parametrize("number", ["1e400", "1e300", "-1e308", "nan"])
@pytest.mark.parametrize("kind", ["MJD", "JD", "IJD"])
def test_an_instant_beyond_any_calendar_is_refused(kind: str, number: str) -> None:
    with pytest.raises(BadParameter, match="start="):
        parse_span(f"{kind} {number}", None)
    with pytest.raises(BadParameter, match="intervals="):
        parse_intervals([(f"{kind} {number}", "2004")])


@pytest.mark.parametrize("days", [1e300, -1e308, 1e9])
def test_a_time_of_astropy_beyond_any_calendar_is_refused(days: float) -> None:
    with pytest.raises(BadParameter, match="start="):
        parse_span(Time(days, format="mjd"), None)


@pytest.mark.parametrize("index", [None, 1.5, (), 5, -9, np.array([])])
def test_a_place_that_a_list_does_not_have_is_refused(index: Any) -> None:
    with pytest.raises(NoSuchRow, match="catalog="):
        CATALOG[index]
    assert index not in CATALOG
    windows = oda.connect(archive="sample").science_windows()
    with pytest.raises(NoSuchRow, match="windows="):
        windows[index]
    assert index not in windows


@pytest.mark.parametrize("value", [b"ab", {50: 1, 90: 2}, {50, 90}, "ab", bytearray(b"ab")])
def test_what_only_looks_like_a_pair_is_no_band(value: Any) -> None:
    with pytest.raises(BadParameter, match="not a pair of energies"):
        EnergyBand.parse(value)


@pytest.mark.parametrize("product", [SPECTRUM, CURVE], ids=["spectrum", "curve"])
@pytest.mark.parametrize("name", ["labels", "norm", "time", "others"])
def test_an_option_of_several_in_a_figure_is_refused(product: Any, name: str) -> None:
    for value in (5, True, float("nan"), object(), np.ones((2, 2)), {"a": 1}, b"ab"):
        for draw in (product.plot, product.figure):
            with pytest.raises(BadParameter, match=f"{name}="):
                draw(**{name: value})


@pytest.mark.parametrize("unit", [np.ones((2, 2)), object(), 5, "h"])
def test_a_wrong_unit_of_time_is_refused(unit: Any, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="time_unit="):
        CURVE.save(tmp_path / "x.fits", time_unit=unit)


@pytest.mark.parametrize("history", [{"a": 1}, "\ud800", ["\ud800"], 5, [5]])
def test_a_wrong_history_is_refused(history: Any, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="history="):
        CURVE.write(tmp_path / "x.fits", history=history)


@pytest.mark.filterwarnings("ignore")
def test_a_site_refuses_places_of_a_wrong_kind() -> None:
    site = oda.connect(archive="sample")
    for value in KINDS:
        if type(value) is not np.ndarray:  # a pair of degrees
            with pytest.raises(OdaError):
                site.resolve(value)


@pytest.mark.filterwarnings("ignore")
def test_a_site_answers_hostile_values_in_words() -> None:
    site = oda.connect(archive="sample")
    calls: tuple[Callable[[Any], object], ...] = (
        site.science_windows, site.named_windows, site.resolve, site.plan, site.submit, site.record,
        site.image, site.spectra, site.light_curves, site.use_token, site.instrument, site.watched,
        lambda value: site.science_windows("Crab", value), lambda v: site.science_windows(limit=v),
        lambda value: site.science_windows("Crab", radius=value),
        lambda value: site.survey(nside=value), lambda value: site.survey(energy=value),
        lambda value: site.survey(nside=16, windows=value, limit=1),
        lambda value: site.science_windows("Crab", limit=5, seed=value),
        lambda value: oda.ImageQuery(science_windows=value),
        lambda value: oda.fit(value, "powerlaw"), lambda value: oda.trend(value, "PhoIndex"),
        lambda value: oda.Workbench(site, value), oda.Workbench,
        lambda value: oda.Workbench(site).open_session(value),
    )  # fmt: skip
    for value in HOSTILE:
        for call in calls:
            with suppress(OdaError):
                call(value)


@pytest.mark.parametrize("release", ["OSA", "11.2", "osa11.2", "OSA11.2\n", 11.2, None, "x" * 9999])
def test_a_version_of_osa_that_cannot_be_is_refused_by_every_site(release: Any) -> None:
    with pytest.raises(BadParameter, match=r"osa_version=.*Leave it out"):
        oda.connect(archive="sample", osa_version=release)


@pytest.mark.parametrize("name", FIGURES)
def test_an_option_of_a_figure_of_a_wrong_kind_is_refused(name: str) -> None:
    accepted = []
    for value in KINDS:
        with suppress(OdaError):
            checked = checked_figure_options({name: value}, on_paper=False)
            accepted.append(checked[name])
    assert [value for value in accepted if value is not None] in ([], [(1.0, 2.0)])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: IMAGE.plot(size=float("nan")),
        lambda: IMAGE.figure(catalog=5),
        lambda: CURVE.plot(height=-5),
        lambda: SPECTRUM.plot(lower=5),
        lambda: SPECTRUM.figure(columns=[1]),
        lambda: CURVE.figure(height=-5),
        lambda: CURVE.figure(width="wide"),
    ],
)
def test_figures_check_their_options_first(draw: Callable[[], object]) -> None:
    with pytest.raises(BadParameter):
        draw()


@pytest.fixture(scope="module")
def fit() -> Fit:
    found: Fit = ngc_2110().fit("powerlaw", energy=(22, 200))
    return found


@pytest.mark.parametrize(
    "call",
    [
        lambda fit: fit.contour("PhoIndex", "norm", points=10**9),
        lambda fit: fit.chain(steps=10**12),
        lambda fit: fit.chain(steps=100, walkers=10**9),
        lambda fit: fit.chain(steps=10**7, walkers=10_000),
        lambda fit: fit.chain(steps=100, cancel=5),
        lambda fit: fit.chain(steps=100, progress=5),
        lambda fit: fit.goodness(10**9),
        lambda fit: fit.chain(steps=100, seed=10**400),
        *(lambda fit, bad=bad: fit.figure(unfolded=bad) for bad in ("zzz", np.ones((2, 2)))),
        *(lambda fit, bad=bad: fit.figure(ratio=bad) for bad in (object(), np.ones((2, 2)))),
    ],
)
def test_what_no_machine_can_compute_is_refused_at_once(
    fit: Fit, call: Callable[[Fit], object]
) -> None:
    with pytest.raises(BadParameter):
        call(fit)


@pytest.mark.parametrize("name", ["index", "values", "sigmas"])
def test_parameters_refuse_numbers_of_a_wrong_kind(fit: Fit, name: str) -> None:
    parameters, ones = fit.parameters, np.ones(len(fit.parameters))
    call = parameters.name if name == "index" else parameters.with_values
    usual = {} if name == "index" else {"values": ones, "sigmas": ones}
    for value in (*KINDS, 99, -99):
        given = usual | {name: value}
        if type(value) is np.ndarray and value.shape == ones.shape:
            continue
        with pytest.raises(BadParameter, match=f"{name}="):
            call(**given)


@pytest.mark.filterwarnings("ignore")
def test_a_client_of_a_wrong_kind_is_refused() -> None:
    site = oda.connect(archive="sample")
    curve = site.light_curves(**SHIELD)["SPI-ACS"]
    for value in KINDS:
        with pytest.raises(BadParameter, match="client="):
            curve.code(client=value)


@pytest.mark.parametrize(
    ("product", "part"),
    [
        *((IMAGE, part) for part in ("observation", "energy", "catalog", "intensity", "exposure")),
        *((SPECTRUM, part) for part in ("observation", "source", "response", "rate", "quality")),
        *((CURVE, part) for part in ("observation", "source", "energy", "rate", "time")),
    ],
)
def test_a_product_of_other_parts_is_refused(product: Any, part: str) -> None:
    for value in (5, "x", [1.0], None, object()):
        with pytest.raises(BadParameter, match=rf"{part}=.*{type(product).__name__} needs"):
            replace(product, **{part: value})


def test_a_site_of_no_backend_is_refused() -> None:
    for value in KINDS:
        with pytest.raises(BadParameter, match=r"backend=.*oda\.connect"):
            oda.Site(value)


def test_a_size_on_paper_is_in_inches() -> None:
    assert CURVE.figure(width=5, height=2.5).get_figheight() == 2.5


def test_levels_without_end_are_counted_and_not_read() -> None:
    chain = ngc_2110().fit("powerlaw", energy=(50, 200)).chain(steps=60, burn=20)
    for levels in (range(10**15), Endless()):
        with pytest.raises(BadParameter, match=r"levels=.*more than 100,000 values"):
            chain.quantiles("PhoIndex", levels)
    assert chain.quantiles("PhoIndex", 0.5).shape == (1,)
