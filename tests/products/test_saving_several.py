"""Several products are saved into a folder, or as one figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from tests.products.examples import make_light_curve, make_spectrum


@pytest.mark.parametrize("name", ["a.ecsv", "a.csv", "a.qdp", "a.vot", "A.TXT", "a.jpeg"])
def test_the_name_of_another_kind_of_file_is_no_folder(tmp_path: Path, name: str) -> None:
    for product in (make_spectrum(), make_light_curve()):
        with pytest.raises(BadParameter, match=r"folder without \.\w+, or end it in \.pdf"):
            BySource((product,)).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["curves", "run.2004", "gx5.1"])
def test_other_names_are_those_of_folders(tmp_path: Path, name: str) -> None:
    BySource((make_light_curve(),)).save(tmp_path / name)
    assert (tmp_path / name).is_dir()


def test_a_folder_that_is_there_may_be_called_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "data.old").mkdir()
    BySource((make_light_curve(),)).save(tmp_path / "data.old")
    assert len(list((tmp_path / "data.old").iterdir())) == 1
