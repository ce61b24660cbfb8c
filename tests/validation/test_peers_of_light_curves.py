"""Programs for time series open our light curves in seconds, with our times and rates."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oda_widgets.products.light_curve import LightCurve
from tests.products.examples import make_light_curve
from tests.servers.installed import clean_environment, install_peers

_PEERS = ("stingray==2.3.2", "hendrics==8.5.1", "lightkurve==2.6.0")
_READER = Path(__file__).with_name("peers_read_light_curve.py")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the peers into an environment of their own; give its Python."""
    return install_peers(tmp_path_factory.mktemp("peers"), *_PEERS)


@pytest.mark.parametrize(
    "curve", [make_light_curve(30), make_light_curve(30).rebin(days=500 / 86400)]
)
def test_peers_read_times_and_rates(python: Path, tmp_path: Path, curve: LightCurve) -> None:
    path = tmp_path / "curve.fits"
    curve.save(path, time_unit="s")
    for name, found in _read(python, path).items():
        middle = 51544 + curve.edges.mean(axis=1)
        np.testing.assert_allclose(found["mjd"], middle, rtol=0, atol=1e-9, err_msg=name)
        np.testing.assert_allclose(found["rate"], curve.rate, err_msg=name)
        assert found["stretches"] in (0, 2), name  # lightkurve has none


def _read(python: Path, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [python, _READER, path], capture_output=True, text=True, check=False,
        env=clean_environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
