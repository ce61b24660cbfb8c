"""Settings come from a file and from variables; unknown ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from oda_widgets.config import load_settings
from oda_widgets.errors import BadParameter


def test_a_variable_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('store_limit = 20\narchive = "sample"\nonline = false')
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "5")
    settings = load_settings(file)
    assert (settings.store_limit, settings.archive, settings.online) == (5.0, "sample", False)


def test_an_unknown_key_of_the_file_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("store_size = 20")
    with pytest.raises(BadParameter, match=r"store_size.*no such setting.*store_limit"):
        load_settings(file)


def test_an_unknown_variable_is_refused_likewise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_STORE_SIZE", "20")
    with pytest.raises(BadParameter, match=r"STORE_SIZE.*no such setting.*ODA_WIDGETS_STORE_LIMIT"):
        load_settings()


@pytest.mark.parametrize("size", ["1e400", "1e308", "nan", "-1", "", "much"])
def test_a_size_that_no_disk_has_is_refused(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", size)
    with pytest.raises(BadParameter, match="store_limit="):
        load_settings()


def test_an_empty_text_unsets_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", "")
    assert load_settings().cache_folder.is_absolute()


def test_variables_for_the_tests_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_TEST_DRAWS", "20")
    assert load_settings().store_limit == 10.0


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("store_limit: 20")
    with pytest.raises(BadParameter, match="cannot be read"):
        load_settings(file)


def test_a_file_of_a_hundred_thousand_brackets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("a=" + "[" * 100_000)
    with pytest.raises(BadParameter, match="nested too deeply"):
        load_settings(path)


@pytest.mark.parametrize("line", ["cache_folder = 5", "archive = true", "shield_service = []"])
def test_a_value_that_is_no_text_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(line)
    with pytest.raises(BadParameter, match="not a text"):
        load_settings(path)
