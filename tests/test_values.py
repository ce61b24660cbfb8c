"""What users get can be compared, hashed, copied and sent to other processes, or says why not."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from astropy import units as u

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DataError, NoSuchName
from oda_widgets.fitting.result import Fit
from tests.fitting.instruments import ngc_2110
from tests.products import examples


@pytest.fixture(scope="module")
def fit() -> Fit:
    found: Fit = ngc_2110().fit("powerlaw", energy=(22, 200))
    return found


@pytest.fixture(scope="module")
def values(fit: Fit) -> dict[str, Any]:
    """Return one of each kind of value that is made of arrays, and of those that hold them."""
    site = oda.connect(archive="sample")
    moment = [("2022-10-12T15:20:27", "2022-10-12T15:20:33")]
    curve, hard = (
        site.light_curves(catalog=["SGR 1935+2154"], energy=energy, time_bin=300)["SGR 1935+2154"]
        for energy in ((28, 60), (60, 150))
    )
    return {
        "image": site.image("SGR 1935+2154", energy=(28, 150), intervals=moment),
        "spectra": site.spectra(catalog=["SGR 1935+2154"], intervals=moment),
        "curve": curve,
        "bin errors": curve.bin_errors,
        "hardness": curve.hardness(hard),
        "image of a file": examples.make_image(),
        "spectrum of a file": examples.make_spectrum(),
        "curve of a file": examples.make_light_curve(),
        "response": examples.make_response(),
        "catalogue": examples.CATALOG,
        "made": oda.fakeit("powerlaw", ngc_2110().response, 1000),
        "dataset": fit.datasets[0],
        "contour": fit.contour("PhoIndex", "norm", points=5),
        "errors": fit.errors(),
        "fit": fit,
        "trend": oda.trend({"first": fit, "second": fit}, ["PhoIndex", (20, 100)]),
        "burst": curve.cut().burst("2022-10-12T15:20:00", "2022-10-12T15:45:00"),
        "chain": fit.chain(steps=60, burn=20, progress=lambda _done, _wanted: None),
        "query": oda.SpectrumQuery(science_windows="255900280010.001", catalog=examples.CATALOG),
    }


def test_a_copy_is_equal_and_has_the_same_hash(values: dict[str, Any]) -> None:
    for name, value in values.items():
        for other in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert other == value, name
            if not isinstance(value, Mapping):
                assert hash(other) == hash(value), name


def test_values_of_other_kinds_are_not_equal(values: dict[str, Any]) -> None:
    for name, value in values.items():
        for other in (*(v for n, v in values.items() if n != name), None, 5, "x"):
            assert value != other, name


@pytest.mark.parametrize(
    ("product", "part"),
    [
        (examples.make_image(), "variance"),
        (examples.make_spectrum(), "error"),
        (examples.make_light_curve(), "width"),
        (examples.make_response(), "redistribution"),
    ],
    ids=["image", "spectrum", "curve", "response"],
)
def test_another_number_anywhere_makes_another_product(product: Any, part: str) -> None:
    numbers = getattr(product, part).copy()
    numbers.flat[np.flatnonzero(np.isfinite(numbers))[0]] += 1
    other = replace(product, **{part: numbers})
    assert other != product
    assert len({other, product, replace(product)}) == 2


def test_nan_is_equal_to_nan() -> None:
    curve = examples.make_light_curve()
    rate = np.full_like(curve.rate, np.nan)
    first, second = (replace(curve, rate=rate.copy()) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert first != curve


def test_a_job_stays_in_its_process_and_says_what_to_send() -> None:
    site = oda.connect(archive="sample")
    job = site.submit(oda.ImageQuery(science_windows="255900280010.001", energy=(28, 150)))
    job.cancel()
    assert copy.deepcopy(job) is copy.copy(job) is job
    with pytest.raises(DataError, match=r"cannot be pickled.*job\.query.*job\.result"):
        pickle.dumps([job])
    assert pickle.loads(pickle.dumps(job.query)) == job.query


def test_products_are_found_by_the_source_too() -> None:
    site = oda.connect(archive="sample")
    curves = site.light_curves(catalog=["SGR 1935+2154"], time_bin=600)
    source = site.resolve("SGR 1935+2154")
    assert source in curves
    assert curves[source] is curves["sgr1935+2154"]
    assert curves.get("Crab") is None
    with pytest.raises(NoSuchName, match=r"There are: SGR 1935\+2154"):
        curves["Crab"]


@pytest.mark.parametrize("name", ["PhoIndex", "phoindex", "Gamma", "powerlaw.gamma", 1, "p1"])
def test_a_parameter_has_the_names_that_people_use(fit: Fit, name: Any) -> None:
    index = fit.parameters["PhoIndex"]
    assert fit.parameters[name] == index
    assert fit.errors(name)[name] == fit.errors([name])["PhoIndex"] == fit.errors()[name]


def test_errors_say_whose_they_are(fit: Fit) -> None:
    errors = fit.errors("PhoIndex")
    with pytest.raises(NoSuchName, match=r"norm.*not among these. There are: PhoIndex\."):
        errors["norm"]
    with pytest.raises(NoSuchName, match=r"no such parameter. Did you mean PhoIndex\?"):
        errors["PhoIdx"]
    assert errors.get("norm") is None
    assert fit.parameters.get("kT") is None


def test_a_job_takes_times_and_functions_only() -> None:
    site = oda.connect(archive="sample")
    job = site.submit(oda.ImageQuery(science_windows="255900280010.001", energy=(28, 150)))
    job.cancel()
    for wrong in ("x", -1, float("nan"), 1e300, [1], True, 5 * u.m):
        with pytest.raises(BadParameter, match=r"^timeout="):
            job.result(wrong)  # type: ignore[arg-type]
        with pytest.raises(BadParameter, match=r"^seconds="):
            job.wait(wrong)  # type: ignore[arg-type]
    assert job.wait(1 * u.min)  # type: ignore[arg-type]
    for value in (5, None, "x"):
        with pytest.raises(BadParameter, match=r"^callback="):
            job.listen(value)  # type: ignore[arg-type]
    with pytest.raises(BadParameter, match=r"^watch="):
        site.watched(5)  # type: ignore[arg-type]


def test_the_steps_of_a_provenance_are_found_by_their_ids(values: dict[str, Any]) -> None:
    provenance = values["image"].provenance
    last = provenance.nodes[-1]
    assert provenance[last.id] is provenance[last.id[:20]] is last
    assert list(provenance) == list(provenance.nodes)
    assert len(provenance) == len(provenance.nodes)
    assert last.id[:9] in provenance
    for wrong in ("", "x", 5, None, b"x"):
        assert wrong not in provenance
        with pytest.raises(NoSuchName, match=r"^node="):
            provenance[wrong]
    with pytest.raises(BadParameter, match=r"^line=5: not text"):
        provenance.then(5)


def test_what_is_wrong_with_a_source_is_blamed_by_its_own_name() -> None:
    place = {"name": "A", "ra": 1.0, "dec": 2.0}
    for name, wrong in (("ra", "05:34"), ("ra", 360), ("ra", True), ("dec", 91), ("name", 5)):
        with pytest.raises(BadParameter, match=rf"^{name}="):
            oda.CatalogSource(**place | {name: wrong})  # type: ignore[arg-type]
    with pytest.raises(BadParameter, match=r"^catalog=True"):
        examples.CATALOG[True]
    with pytest.raises(BadParameter, match=r"^parameters=\[2, 1\]"):
        oda.fakeit("powerlaw", ngc_2110().response, 1000, parameters=[2, 1])  # type: ignore[arg-type]


def test_fits_and_trends_are_equal_if_their_numbers_are(fit: Fit) -> None:
    again, other = (ngc_2110().fit(model, energy=(22, 200)) for model in ("powerlaw", "cutoffpl"))
    assert again == fit
    assert len({again, fit, other}) == 2
    assert ngc_2110().fit("powerlaw", energy=(25, 200)) != fit
    trends = [oda.trend({"one": one}, ["PhoIndex"]) for one in (again, fit, other)]
    assert trends[0] == trends[1] != trends[2]
    before = hash(trends[0])
    assert trends[0].spans.shape == (1, 2)
    assert hash(trends[0]) == before == hash(trends[1])
