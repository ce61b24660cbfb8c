"""The verbs that open the notebooks: app (Voila) and lab (JupyterLab)."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oda_widgets.errors import MissingTool
from oda_widgets.files import check_writable
from oda_widgets.request.address import foreign_host
from oda_widgets.request.numbers import number_within

WORKBENCH = "8_any_source.ipynb"
_PORT = 8866
_OWN = "127.0.0.1"
LARGEST_PORT = 65535
_PACKAGE = Path(__file__).parents[1]
# Other users of a machine can listen to the port of a kernel. On other systems the names of files
# that replace ports may be too long for a socket.
_KERNELS_BY_FILES = ("--KernelManager.transport=ipc",) if sys.platform == "linux" else ()


def add_verbs(verbs: Any) -> None:
    """Add the verbs to the parser."""
    app = verbs.add_parser("app", help="open the web app in the browser (Voila)")
    lab = verbs.add_parser("lab", help="open the notebooks in JupyterLab")
    for parser in (app, lab):
        parser.add_argument(
            "--port", type=int, default=_PORT, help=f"port to listen at; default {_PORT}"
        )
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    app.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="a name by which browsers call the app, as astro.example.org; may be repeated",
    )
    app.add_argument(
        "--host",
        default=_OWN,
        metavar="ADDRESS",
        help=f"address to listen at, 0.0.0.0 in a container; default {_OWN}: seen from here only",
    )
    app.set_defaults(run=_app)
    lab.set_defaults(run=_lab)


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: inside an installed package, beside a checkout."""
    installed = _PACKAGE / "notebooks"
    return installed if installed.is_dir() else _PACKAGE.parent / "notebooks"


def voila_words(host: str = _OWN) -> tuple[str, ...]:
    """Return the words of the command that serves the web app, by default to this machine only."""
    return (
        "oda_widgets.cli.page_process",
        str(notebooks_folder()),
        "--template=oda-widgets",
        "--classic-tree",
        "--VoilaConfiguration.allow_template_override=NO",  # by a word in the address of a page
        f"--Voila.ip={host}",
        "--preheat_kernel=True",
        "--pool_size=0",
        # On a busy machine the panels arrive later than the 4 s after which Voila would serve the
        # page without them.
        "--VoilaExecutor.iopub_timeout=120",
        "--VoilaExecutor.cell_error_instruction=The output of oda-widgets app says why.",
        # Voila gives its pages no token to stop their kernel with, and would keep the kernel of
        # each page that was closed or loaded again. The origin of a request is still checked.
        "--Voila.tornado_settings=disable_check_xsrf=True",
        *_KERNELS_BY_FILES,
    )


def _app(options: argparse.Namespace) -> int:
    _require("voila")
    _check_host(options.host)
    names = [f"--PageServer.names={name}" for name in options.name]
    return _run([*voila_words(options.host), *names, _port_option(options)], options)


def _lab(options: argparse.Namespace) -> int:
    _require("jupyterlab")
    folder = notebooks_folder()
    _check_runtime_folder()
    # In containers the user is root, which Voila allows as well; the page needs its token anyway.
    command = ["jupyterlab", str(folder / WORKBENCH), f"--ServerApp.ip={_OWN}", "--allow-root"]
    return _run([*command, _port_option(options)], options)


def _check_runtime_folder() -> None:
    """Check that Jupyter can write the files of its servers; its own error is a traceback."""
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415 - an extra

    check_writable(Path(jupyter_runtime_dir()) / "server.json", "JUPYTER_RUNTIME_DIR")


def _check_host(host: str) -> None:
    """Check that this machine has an address, before a page opens at it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, 0), family=family).close()
    except (OSError, UnicodeError):
        raise foreign_host(host) from None


def _port_option(options: argparse.Namespace) -> str:
    return f"--port={number_within('port', options.port, 1, LARGEST_PORT):.0f}"


def _run(command: list[str], options: argparse.Namespace) -> int:
    """Run a server of Jupyter's in this interpreter's environment until it is stopped."""
    from oda_widgets.backend.connect import connect  # noqa: PLC0415 - --help answers at once

    connect()  # as the page does, whose errors in the settings would reach the log only
    browser = ["--no-browser"] if options.no_browser else []
    # Voila looks there for the template of the page, which fetches nothing from the network.
    paths = [str(_PACKAGE / "panels" / "share" / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
    environment = os.environ | {"JUPYTER_PATH": os.pathsep.join(filter(None, paths))}
    # Jupyter would import, and take settings from, whatever lies in the current folder.
    words = [sys.executable, "-P", "-m", *command, *browser]
    os.chdir(notebooks_folder())
    os.umask(0o077)  # sessions, results and histories of kernels are for this user alone
    if os.name == "posix":
        # The server replaces this process, so that a signal to this process stops the server.
        os.execve(sys.executable, words, environment)  # noqa: S606 - our own words
    return subprocess.call(words, env=environment)  # noqa: S603 - our own words


def _require(package: str) -> None:
    if find_spec(package) is None:
        advice = "Install it with: pip install 'oda-widgets[app]'."
        raise MissingTool(f"{package} is not installed.", advice)
