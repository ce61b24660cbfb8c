"""Real data: in the repository, or in ODA_WIDGETS_TEST_REAL_DATA (data/README.md)."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Real files of others, which the notebooks open too: NGC 2110, a light curve of JEM-X.
NOTEBOOK_DATA = ROOT / "notebooks" / "data"

# Science window 255900280010: some of its events, and OSA's illumination function of a source.
CUT_EVENTS = ROOT / "tests" / "data" / "isgri_events_255900280010_cut.fits.gz"
OSA_ILLUMINATION = ROOT / "tests" / "data" / "255900280010_isgri_model.fits.gz"

# OSA's response of 2022, as the package brings it.
RESPONSE = ROOT / "oda_widgets" / "instruments" / "isgri" / "data" / "isgri_rmf_2022.fits.gz"

# SPI-ACS: GRB 230307A, which the package brings, and the orbit of INTEGRAL in a science window.
GRB_230307A = ROOT / "oda_widgets" / "archive" / "sample" / "spiacs_lc_GRB230307A.fits.gz"
ORBIT = ROOT / "tests" / "data" / "sc_orbit_param_078900560010.fits.gz"

# What the repository does not hold, in the folder that the variable names.
_VARIABLE = "ODA_WIDGETS_TEST_REAL_DATA"
OSA_IMAGE = "isgri_sky_ima_066500280010.fits.gz"

_ISGRI_SOURCE = "isgri==0.7.2"
_WHOLE_EVENTS = "demo/data/archive/2559/255900280010.001/isgri_events.fits.gz"


def file_from_elsewhere(name: str) -> Path:
    """Return a file outside the repository; skip the test if it is absent."""
    folder = os.environ.get(_VARIABLE)
    if not folder:
        pytest.skip(f"needs {name}: {_VARIABLE} names no folder (tests/data/README.md)")
    path = Path(folder) / name
    if not path.exists():
        pytest.fail(f"{_VARIABLE}={folder} has no {name} (tests/data/README.md)")
    return path


def whole_events(folder: Path) -> Path:
    """Fetch all events of 255900280010 from the package index (49 MB) into a folder."""
    words = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder), _ISGRI_SOURCE]
    subprocess.run([sys.executable, "-m", "pip", "download", *words], check=True)
    (package,) = folder.glob("isgri-*.tar.gz")
    with tarfile.open(package) as opened:
        (member,) = (name for name in opened.getnames() if name.endswith(_WHOLE_EVENTS))
        opened.extract(member, folder, filter="data")
    return folder / member
