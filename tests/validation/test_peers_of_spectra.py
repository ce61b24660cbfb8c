"""gammapy opens our spectra: the rates, their errors, the response, and the same fit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from tests.servers.installed import clean_environment, install_peers
from tests.validation.test_peers_of_images import PEERS

_READER = Path(__file__).with_name("peers_read_spectrum.py")
_BAND = (34.0, 150.0)
_NAME = "SGR 1935+2154"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install gammapy into an environment of its own; give its Python."""
    return install_peers(tmp_path_factory.mktemp("gammapy"), *PEERS)


def _of_rates(site: oda.Site) -> oda.Spectrum:
    return site.spectra(catalog=[_NAME])[_NAME]


def _of_jemx() -> oda.Spectrum:
    site = oda.connect(archive="simulated", executor="none")
    words: Any = {"catalog": ["Crab", "1A 0535+262"], "instrument": "jemx1"}
    return site.spectra(["083500090010.001"], **words)["Crab"]


def _of_counts(site: oda.Site) -> oda.Spectrum:
    truth = {"PhoIndex": 2.0, "norm": 0.05}
    return oda.fakeit("powerlaw", _of_rates(site).response, 1e4, parameters=truth)


@pytest.mark.parametrize("kind", ["rates", "jemx", "counts"])
def test_gammapy_opens_a_spectrum(
    kind: str, python: Path, tmp_path: Path, sample_site: oda.Site
) -> None:
    made = {"rates": _of_rates, "jemx": lambda _: _of_jemx(), "counts": _of_counts}
    spectrum = made[kind](sample_site)
    band = (5.0, 20.0) if kind == "jemx" else _BAND
    spectrum.save(tmp_path / "spectrum.fits", layout="on_off")
    found = _read(python, tmp_path / "spectrum.fits", band)
    good, seconds = spectrum.quality == 0, spectrum.observation.live_time
    np.testing.assert_array_equal(found["good"], good)
    net, error = (values[good] * seconds for values in (spectrum.rate, spectrum.error))
    np.testing.assert_allclose(np.array(found["net"])[good], net, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(np.sqrt(found["variance"])[good], error, rtol=1e-9)
    np.testing.assert_allclose(found["exposure"], spectrum.response.area * seconds, rtol=1e-6)
    matrix = spectrum.response.redistribution
    np.testing.assert_allclose(found["matrix"], matrix, rtol=1e-6, atol=1e-30)
    again = oda.Spectrum.read(tmp_path / "spectrum.fits").fit("powerlaw", energy=band)
    index = again.parameters["PhoIndex"]
    assert found["converged"]
    assert found["index"] == pytest.approx(index.value, abs=index.sigma)  # W there, chi2 here


def _read(python: Path, path: Path, band: tuple[float, float]) -> dict[str, Any]:
    done = subprocess.run(
        [python, _READER, path, *map(str, band)],
        capture_output=True, text=True, check=False, env=clean_environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
