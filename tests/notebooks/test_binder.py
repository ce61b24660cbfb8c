"""Binder shows the page that ``oda-widgets app`` opens, though Voila runs inside Jupyter there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from jupyter_server.serverapp import ServerApp
from voila.configuration import VoilaConfiguration
from voila.execute import VoilaExecutor

from oda_widgets.cli.app import voila_words
from scripts.launch_link import badge_of, link_of

ROOT = Path(__file__).parents[2]

FORKS = [
    ("https://github.com/anna/oda_widgets.git", "main", "gh/anna/oda_widgets/main"),
    ("git@github.com:anna/oda.widgets", "a/b", "gh/anna/oda.widgets/a%2Fb"),
    ("https://gitlab.org/x/y.git", "main", "git/https%3A%2F%2Fgitlab.org%2Fx%2Fy.git/main"),
]


@pytest.mark.parametrize(("remote", "branch", "place"), FORKS)
def test_any_fork_and_branch_has_a_link(remote: str, branch: str, place: str) -> None:
    page = "voila/render/notebooks/7_grb.ipynb"
    link = f"https://mybinder.org/v2/{place}?urlpath={quote(page, safe='')}"
    assert link_of(remote, branch, page) == link
    assert f"]({link})" in badge_of(link)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerApp:
    """Give Jupyter's server with the configuration that Binder's build has placed."""
    pip = tmp_path / "bin" / "pip"
    pip.parent.mkdir()
    pip.write_text("#!/bin/sh\n")
    pip.chmod(0o755)
    prefix = tmp_path / "prefix"
    paths = {"PATH": f"{pip.parent}{os.pathsep}{os.environ['PATH']}", "NB_PYTHON_PREFIX": prefix}
    subprocess.run(["bash", "binder/postBuild"], cwd=ROOT, env=os.environ | paths, check=True)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "of the user"))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(prefix / "etc" / "jupyter"))
    server = ServerApp()
    server.load_config_file()
    return server


def test_binder_has_the_settings_of_the_web_app(server: ServerApp) -> None:
    executor = VoilaExecutor(nbformat.v4.new_notebook(), config=server.config)
    configuration = VoilaConfiguration(parent=server)
    assert f"--VoilaExecutor.iopub_timeout={executor.iopub_timeout}" in voila_words()
    assert f"--template={configuration.template}" in voila_words()


def test_binder_starts_no_worker_processes() -> None:
    command = ["bash", "binder/start", "printenv", "ODA_WIDGETS_EXECUTOR"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"


def test_its_pages_are_told_no_address_of_mathjax(server: ServerApp) -> None:
    assert server.tornado_settings == {"mathjax_url": None, "mathjax_config": None}
