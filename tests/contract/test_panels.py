"""A panel behaves the same whoever answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oda_widgets.backend.job import Job, JobStatus
from oda_widgets.panels.files import file_stem
from oda_widgets.panels.workbench import Workbench
from tests.contract.conftest import Party
from tests.panels.turns import in_turns, wait_until
from tests.patience import PATIENCE


def shown(bench: Workbench, job: Job) -> Any:
    """Wait until the page has shown the answer of a job; return the product."""
    assert job.wait(PATIENCE)
    bench.job.catch_up()
    assert job.status == JobStatus.DONE, job.error
    return job.result()


def walk(party: Party) -> dict[str, Any]:
    """Use the page as people do; return the states seen on the way."""
    bench = Workbench(party.site, source="Crab", energy=(28, 80), time_bin=20)
    wait_until(lambda: bench.job.jobs)
    curves = shown(bench, bench.job.jobs[0])
    wait_until(lambda: bench.results.curve_view is not None)
    wait_until(lambda: bench.form.source.value is not None)
    bench.form.product.kind.value = "image"
    image = shown(bench, bench.submit())
    wait_until(lambda: "3 in the store" in bench.form.plan.text.value)
    plan = bench.form.plan.text.value
    brightest = image.catalog.names[0]
    spectra = shown(bench, bench.spectrum_of(brightest))
    bench.results.show_history(image)
    return {
        "windows": bench.form.windows.value,
        "curve": [curves["Crab"].rate, curves["Crab"].error],
        "maps": [image.intensity, image.significance],
        "spectrum": [spectra[brightest].rate, spectra[brightest].error],
        "catalogue": image.catalog,
        "spectra of": list(spectra),
        "lines": [
            re.sub(r" · [\d.]+ s$", "", line.description) for line in bench.job.history.children
        ],
        "code": re.sub(r"connect\(.*\)", "connect()", bench.form.code.text),
        "files": [file_stem(product) for product in (image, spectra[brightest])],
        "tab": bench.results.selected_index,
        "plan": re.sub(r"(less than|about) \d+ s", "", plan),  # as fast as each party was
        "message": bench.job.message.value,
        "unknown source": _unknown_source(bench),
        "bad band": _bad_band(bench),
    }


def _unknown_source(bench: Workbench) -> str:
    bench.form.source.name.value = "Nibiru X-1"
    bench.form.source.submit()
    message: str = bench.form.source.message.value
    return message


def _bad_band(bench: Workbench) -> str:
    bench.form.energies.low.value = "90"
    message: str = bench.form.energies.message.value
    return message


@pytest.fixture(scope="module")
def walks(parties: Callable[[str], Party]) -> dict[str, dict[str, Any]]:
    """Give the states seen over the embedded engine and over our server."""
    with pytest.MonkeyPatch.context() as environment, in_turns():
        environment.setenv("ODA_WIDGETS_ONLINE", "no")
        return {name: walk(parties(name)) for name in ("embedded", "own_server")}


@pytest.mark.parametrize(
    "what",
    [
        *("windows", "catalogue", "spectra of", "lines", "code", "files", "tab", "message"),
        *("plan", "unknown source", "bad band"),
    ],
)
def test_the_page_says_the_same(walks: dict[str, dict[str, Any]], what: str) -> None:
    ours, theirs = (walks[name][what] for name in ("embedded", "own_server"))
    assert ours == theirs
    assert ours or what == "message"


@pytest.mark.parametrize("what", ["curve", "maps", "spectrum"])
def test_the_page_shows_the_same_numbers(walks: dict[str, dict[str, Any]], what: str) -> None:
    for ours, theirs in zip(*(walks[name][what] for name in walks), strict=True):
        assert np.array_equal(ours, theirs, equal_nan=True)
