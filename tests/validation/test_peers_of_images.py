"""gammapy opens our images: units of the FITS standard, the size of the field, the values."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

import oda_widgets as oda
from tests.servers.installed import clean_environment, install_peers

PEERS = ("gammapy==2.1", "regions<0.11")  # 0.11 has lost what gammapy 2.1 imports
_READER = Path(__file__).with_name("peers_read_image.py")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install gammapy into an environment of its own; give its Python."""
    return install_peers(tmp_path_factory.mktemp("gammapy"), *PEERS)


def test_gammapy_opens_an_image(python: Path, tmp_path: Path, sample_site: oda.Site) -> None:
    image = sample_site.image("SGR 1935+2154", energy=(28, 150))
    path = tmp_path / "image.fits"
    image.write(path)
    found = _read(python, path, 293.73, 21.90)
    assert found["units"] == ["1 / s", "1 / s2", "", "s"]  # a count is no unit to gammapy
    rows, columns = image.shape
    size = np.abs(image.wcs.proj_plane_pixel_scales()[0].to_value("deg"))
    np.testing.assert_allclose(found["width"], [columns * size, rows * size], rtol=1e-6)
    place = SkyCoord(293.73, 21.90, unit="deg")
    column, row = (int(np.rint(axis)) for axis in image.wcs.world_to_pixel(place))
    maps = (image.intensity, image.variance, image.significance, image.exposure)
    np.testing.assert_allclose(found["values"], [a[row, column] for a in maps], rtol=1e-6)


def _read(python: Path, path: Path, ra: float, dec: float) -> dict[str, list[float]]:
    done = subprocess.run(
        [python, _READER, path, str(ra), str(dec)],
        capture_output=True, text=True, check=False, env=clean_environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found
