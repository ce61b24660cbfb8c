"""Binder shows the page that ``oda-widgets app`` opens, though Voila runs inside Jupyter there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
import pytest
from jupyter_server.serverapp import ServerApp
from voila.configuration import VoilaConfiguration
from voila.execute import VoilaExecutor

from oda_widgets.cli.app import voila_words

ROOT = Path(__file__).parents[2]


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


def test_its_pages_are_told_no_address_of_mathjax(server: ServerApp) -> None:
    assert server.tornado_settings == {"mathjax_url": None, "mathjax_config": None}
