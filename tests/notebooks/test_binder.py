"""Binder shows the page that ``oda-widgets app`` opens, though Voila runs inside Jupyter there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from jupyter_server.serverapp import ServerApp
from voila.configuration import VoilaConfiguration
from voila.execute import VoilaExecutor

from oda_widgets.cli.app import voila_words
from oda_widgets.cli.launch import badge_of, link_of, own_link
from scripts.launch_link import with_badge

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


@pytest.mark.parametrize(
    "remote",
    [
        "/home/anna/oda_widgets",
        "../oda_widgets",
        "file:///srv/oda_widgets",
        "https://localhost/x.git",
        "https://10.0.0.3/x.git",
        "https://git.lan/x.git",
        "http://gitlab.org/x/y.git",
        "git@git.institute.org:x/y.git",
        "https://[::1",
        "",
    ],
)
def test_what_binder_cannot_reach_has_no_link(remote: str) -> None:
    assert link_of(remote, "main") == ""


def test_a_link_tells_no_password() -> None:
    for host in ("github.com", "gitlab.org:8443"):
        link = link_of(f"https://anna:secret@{host}/x/y.git", "main")
        assert "secret" not in link
        assert "anna" not in link
        assert link.startswith("https://mybinder.org/v2/g")


def test_a_session_of_binder_knows_its_own_link() -> None:
    words = {"BINDER_LAUNCH_HOST": "https://hub.org/", "BINDER_REQUEST": "v2/gh/anna/oda/a%2Fb"}
    link = own_link("lab", words)
    assert link == "https://hub.org/v2/gh/anna/oda/a%2Fb?urlpath=lab"


def test_the_readme_has_one_badge_and_that_of_a_clone_takes_its_place() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    badge = badge_of(link_of(*FORKS[0][:2]))
    assert readme.count("[![Launch on Binder]") == 1
    written = with_badge(readme, badge)
    assert written.count("[![Launch on Binder]") == 1
    assert badge in written
    assert with_badge(written, badge) == written


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


def test_its_gallery_is_told_the_link_of_its_session(tmp_path: Path) -> None:
    words = {"BINDER_LAUNCH_HOST": "https://hub.org/", "BINDER_REQUEST": "v2/gh/anna/oda/main"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    places = {"JUPYTER_CONFIG_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": path}
    environment = os.environ | words | places
    subprocess.run(["bash", "binder/start", "true"], cwd=ROOT, env=environment, check=True)
    settings = json.loads((tmp_path / "jupyter_server_config.json").read_text())
    assert settings["ServerApp"]["jinja_template_vars"] == {"launch": own_link(environment=words)}


def test_its_pages_are_told_no_address_of_mathjax(server: ServerApp) -> None:
    assert server.tornado_settings == {"mathjax_url": None, "mathjax_config": None}
