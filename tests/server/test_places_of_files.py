"""What leaves the server names files, and no folder of its machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.request.timespan import isot_utc
from oda_widgets.server.client_query import read_client_query
from oda_widgets.server.job_run import JobRun
from oda_widgets.server.tokens import NOBODY

ASKED = {"instrument": "isgri", "E1_keV": "28", "E2_keV": "80"}


@pytest.fixture
def damaged(three_windows: Path, tmp_path: Path) -> Path:
    """Give an archive of three windows, one truncated and one without a file behind its link."""
    archive = tmp_path / "archive"
    shutil.copytree(three_windows, archive)
    _, cut, lost = sorted(archive.rglob("isgri_events*"))
    cut.write_bytes(cut.read_bytes()[:3000])
    lost.unlink()
    lost.symlink_to(tmp_path / "elsewhere" / lost.name)
    return archive


@pytest.mark.parametrize("windows", ["named", "all"])
def test_a_job_tells_which_files_cannot_be_read_and_not_where_they_are(
    damaged: Path, windows: str
) -> None:
    site = oda.connect(archive=damaged)
    names = sorted(path.parent.name for path in damaged.rglob("isgri_events*"))
    whole = site.science_windows()[0]
    times = {"T1": isot_utc(whole.start - 1), "T2": isot_utc(whole.stop + 1)}
    place = {"RA": str(whole.ra), "DEC": str(whole.dec), "radius": "15"}
    chosen = {"scw_list": ",".join(names)} if windows == "named" else {**times, **place}
    query = read_client_query({"product_type": "isgri_image", **ASKED, **chosen}, NOBODY)
    result = JobRun(site, query.parameters, query.given, lambda _: None).result()
    assert "isgri_events.fits" in result.comment
    told = [result.comment, *(window.reason for window in result.product.observation.skipped)]
    assert len(told) == 3
    assert not [text for text in told if str(damaged.parent) in text or "/elsewhere" in text]
