"""What products keep cannot be written: the next who asks for it would get what was written."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.products.orbit import Orbit
from oda_widgets.products.spectrum_data import Background
from tests.fitting.instruments import ngc_2110
from tests.products import examples
from tests.real_data import ORBIT

MOMENT = [("2022-10-12T15:20:27", "2022-10-12T15:20:33")]
NAME = "SGR 1935+2154"
# What fits and histories are made of, and no user asks for.
INSIDE = {"problem", "recipe", "repeat"}
# Arrays, where an object lies in memory, and fields of a dataclass as they come.
NO_WORDS = re.compile(r"array\(| object at 0x|^\w+\(\w+=|\d\.\d{7}")


@pytest.fixture(scope="module")
def site() -> oda.Site:
    """Return the sample."""
    return oda.connect(archive="sample")


@pytest.fixture(scope="module")
def everything(site: oda.Site) -> dict[str, Any]:
    """Return one of each thing that holds arrays and that users get."""
    curve, hard = (
        site.light_curves(catalog=[NAME], energy=energy, time_bin=300)[NAME]
        for energy in ((28, 60), (60, 150))
    )
    fit = ngc_2110().fit("powerlaw", energy=(50, 200))
    chain = fit.chain(steps=60, burn=20)
    return {
        "image": site.image(NAME, energy=(28, 150), intervals=MOMENT),
        "spectra": site.spectra(catalog=[NAME], intervals=MOMENT),
        "curve": curve,
        "hardness": curve.hardness(hard),
        "bin errors": curve.bin_errors,
        "joined bins": curve.rebin(seconds=600),
        "grouped": ngc_2110().group(min_snr=3),
        "fit": fit,
        "contour": fit.contour("PhoIndex", "norm", points=5),
        "chain": chain,
        "weighted chain": chain.with_prior("jeffreys"),
        "trend": oda.trend([fit], ["PhoIndex"]),
        "made": oda.fakeit("powerlaw", ngc_2110().response, 1000),
        "orbit": Orbit.read(ORBIT),
        "image of a file": examples.make_image(),
        "spectrum of a file": examples.make_spectrum(),
        "curve of a file": examples.make_light_curve(),
    }


def kept(value: Any, path: str, seen: set[int]) -> Iterator[str]:
    """Iterate over the names of arrays that can be written and come again when asked again."""
    if id(value) in seen or not type(value).__module__.startswith("oda_widgets"):
        return
    seen.add(id(value))
    for name in (each for each in dir(value) if not each.startswith("_")):
        pairs = zip(*(parts(getattr(value, name, None)) for _ in range(2)), strict=True)
        if any(one.flags.writeable and np.shares_memory(one, other) for one, other in pairs):
            yield f"{path}.{name}"
    fields = dict(value) if isinstance(value, Mapping) else getattr(value, "__dict__", {})
    for name, field in fields.items():
        if name == "_parts":
            continue  # what a fit computes with
        for part in field if isinstance(field, tuple | list) else (field,):
            yield from kept(part, f"{path}.{name}", seen)


def reached(value: Any, path: str, seen: dict[type, str]) -> Iterator[tuple[str, Any]]:
    """Iterate over one value of each class of ours that can be reached by names without "_"."""
    if isinstance(value, tuple | list) and value:
        yield from reached(value[0], f"{path}[0]", seen)
    kind = type(value)
    if not kind.__module__.startswith("oda_widgets") or kind in seen:
        return
    seen[kind] = path
    yield path, value
    for name in (each for each in dir(value) if not each.startswith("_")):
        field = None if name in INSIDE else getattr(value, name, None)
        if not callable(field):
            yield from reached(field, f"{path}.{name}", seen)


def parts(attribute: Any) -> list[Any]:
    """Return the arrays in an attribute."""
    found = attribute if isinstance(attribute, tuple | list) else (attribute,)
    return [part for part in found if isinstance(part, np.ndarray)]


def test_nothing_that_users_get_prints_arrays_or_more_than_six_lines(
    everything: dict[str, Any], site: oda.Site
) -> None:
    named = everything | {"site": site, "windows": site.science_windows(NAME)}
    prints = {
        path: repr(value)
        for name, thing in named.items()
        for path, value in reached(thing, name, {})
    }
    assert len(prints) > 40
    assert {path: text for path, text in prints.items() if NO_WORDS.search(text)} == {}
    assert {path: text for path, text in prints.items() if text.count("\n") > 5} == {}
    assert re.search(r"in 12 bins\n.* UTC\n  -?0\.\d+ ± ", prints["hardness"])


def test_no_array_of_what_users_get_can_be_written(everything: dict[str, Any]) -> None:
    found = {
        name: writable
        for name, value in everything.items()
        if (writable := list(kept(value, "", set())))
    }
    assert found == {}


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))],
    ids=["copy", "deep copy", "pickle"],
)
@pytest.mark.parametrize(
    "make", [examples.make_image, examples.make_spectrum, examples.make_light_curve]
)
def test_copies_cannot_be_written_either(
    make: Callable[[], Any], again: Callable[[Any], Any]
) -> None:
    assert list(kept(again(make()), "", set())) == []


def test_what_a_product_was_made_of_can_be_written_as_before() -> None:
    rate = np.ones(3)
    Background(rate, np.ones(3))
    rate[0] = 2.0
    assert rate[0] == 2.0


def test_a_response_that_is_written_to_says_so_and_the_next_spectrum_is_right(
    site: oda.Site,
) -> None:
    spectrum = site.spectra(catalog=[NAME], intervals=MOMENT)[NAME]
    before = spectrum.channel_low.copy()
    with pytest.raises(ValueError, match="read-only"):
        spectrum.channel_low[:] *= 1.05
    another = oda.connect(archive="sample").spectra(catalog=[NAME], intervals=MOMENT)[NAME]
    assert np.array_equal(another.channel_low, before)
