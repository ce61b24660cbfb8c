"""The blocks of the page on real archives run, with a server of ours in the place of HEASARC."""

from __future__ import annotations

from pathlib import Path

import pytest

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.write import write_isdc
from tests.archive.mirror.served import window_of, write_index
from tests.docs.pages import ROOT, run
from tests.servers.archive_server import serving_archive


def test_its_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = tmp_path / "served"
    write_isdc(window_of("035000010010.001", 20_000), served)  # at the Crab, in August 2005
    write_index(served, IsdcArchive(served).science_windows())
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
    page = ROOT / "docs" / "real_archives.md"
    folder = tmp_path / "reader"
    folder.mkdir()
    with serving_archive(served) as server:
        replaced = {
            'oda.connect(archive="heasarc")\nw': f'oda.connect(archive="{server.address}")\nw',
            "--archive heasarc": f"--archive {server.address}",
        }
        assert all(text in page.read_text(encoding="utf-8") for text in replaced)
        assert run(page, folder, monkeypatch, {}, replaced) == 3
        assert sum("isgri_events" in line for line in server.files_asked) == 2
