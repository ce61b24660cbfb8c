"""The code to take home of each app runs as it stands, on the site of the app."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import oda_widgets as oda
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.take_home import script_of
from scripts.apps import app_notebooks
from tests.patience import PATIENCE

APPS = app_notebooks()
COMPLETE = {"6_magnetar": 4, "7_grb": 1}  # figures of those that take seconds
SITE = re.compile(r"^site = (.*?)  #", re.MULTILINE)


def scripts_of(app: App) -> Iterator[str]:
    """Yield the code of an app for every value of every control."""
    for name, control in app.controls.items():
        for _, value in control.options:
            yield script_of(app.function, {**app.choices, name: value}, app.site.connection)


def test_every_name_in_it_is_defined_whatever_is_chosen(
    tmp_path: Path, app_of: Callable[[Path], App]
) -> None:
    for path in APPS:
        app = app_of(path)
        scripts = [app._code.text, *scripts_of(app)]
        for number, script in enumerate(scripts):
            (tmp_path / f"app_{path.stem}_{number}.py").write_text(script)
    assert len(list(tmp_path.iterdir())) > 20
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.stem)
def test_it_connects_to_the_site_of_the_app(path: Path, app_of: Callable[[Path], App]) -> None:
    app = app_of(path)
    (connection,) = SITE.findall(app._code.text)
    assert eval(connection, {"oda": oda}).name == app.site.name  # noqa: S307 - our own words


@pytest.mark.parametrize("name", COMPLETE)
def test_it_runs_as_it_stands(name: str, tmp_path: Path, app_of: Callable[[Path], App]) -> None:
    (path,) = (one for one in APPS if one.stem == name)
    (tmp_path / "taken_home.py").write_text(app_of(path)._code.text)
    command = [sys.executable, "taken_home.py"]
    done = subprocess.run(
        command, cwd=tmp_path, timeout=PATIENCE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.pdf"))) == COMPLETE[name]
    assert done.stdout.count("{") == COMPLETE[name]
