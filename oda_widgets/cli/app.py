"""The verbs that open the notebooks: app (Voila) and lab (JupyterLab)."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oda_widgets.errors import MissingTool

_START = "00_start.ipynb"
_PORT = 8866
_PACKAGE = Path(__file__).parents[1]


def add_verbs(verbs: Any) -> None:
    """Add the verbs to the parser."""
    app = verbs.add_parser("app", help="open the web app in the browser (Voila)")
    lab = verbs.add_parser("lab", help="open the notebooks in JupyterLab")
    for parser in (app, lab):
        parser.add_argument("--port", type=int, default=_PORT, help=f"default {_PORT}")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    app.set_defaults(run=_app)
    lab.set_defaults(run=_lab)


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: inside an installed package, beside a checkout."""
    installed = _PACKAGE / "notebooks"
    return installed if installed.is_dir() else _PACKAGE.parent / "notebooks"


def voila_words() -> tuple[str, ...]:
    """Return the command by which Voila serves the web app, to this machine only."""
    return (
        "voila",
        str(notebooks_folder() / _START),
        "--template=oda-widgets",
        "--Voila.ip=127.0.0.1",
        # A kernel that has run the notebook already waits for the next page: it opens at once.
        "--preheat_kernel=True",
        "--pool_size=1",
        # On a busy machine the panels arrive later than the 4 s after which Voila would serve the
        # page without them.
        "--VoilaExecutor.iopub_timeout=120",
        # Voila gives its pages no token to stop their kernel with, and would keep the kernel of
        # each page that was closed or loaded again. The origin of a request is still checked.
        "--Voila.tornado_settings=disable_check_xsrf=True",
    )


def _app(options: argparse.Namespace) -> int:
    _need("voila")
    return _run([*voila_words(), f"--port={options.port}"], options)


def _lab(options: argparse.Namespace) -> int:
    _need("jupyterlab")
    folder = notebooks_folder()
    command = ["jupyterlab", str(folder / _START), "--ServerApp.ip=127.0.0.1"]
    return _run([*command, f"--port={options.port}"], options)


def _run(command: list[str], options: argparse.Namespace) -> int:
    """Run a server of Jupyter's in this interpreter's environment until it is stopped."""
    browser = ["--no-browser"] if options.no_browser else []
    # Voila looks there for the template of the page, which fetches nothing from the network.
    paths = [str(_PACKAGE / "panels" / "share" / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
    environment = os.environ | {"JUPYTER_PATH": os.pathsep.join(filter(None, paths))}
    words = [sys.executable, "-m", *command, *browser]
    if os.name == "posix":
        # The server takes the place of this process: whoever stops the one stops the other.
        os.execve(sys.executable, words, environment)  # noqa: S606 - our own words
    return subprocess.call(words, env=environment)  # noqa: S603 - our own words


def _need(package: str) -> None:
    if find_spec(package) is None:
        advice = "Install it with: pip install 'oda-widgets[app]'."
        raise MissingTool(f"{package} is not installed.", advice)
