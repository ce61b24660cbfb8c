"""The verb that serves the dispatcher's protocol: serve."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oda_widgets.errors import MissingTool

_PORT = 10100
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    serve = verbs.add_parser("serve", help="run a dispatcher for oda_api and other clients")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen at, 0.0.0.0 for any; default 127.0.0.1: seen from here only",
    )
    serve.add_argument(
        "--port",
        type=int,
        default=_PORT,
        help=f"port to listen at, 0 for a free one; default {_PORT}",
    )
    serve.add_argument(
        "--archive",
        metavar="FOLDER",
        help="archive of the events (default: the sample and the simulated mission)",
    )
    serve.add_argument(
        "--folder",
        type=Path,
        metavar="FOLDER",
        help="folder of the jobs and their products (default: in the cache folder)",
    )
    serve.add_argument("--workers", type=int, default=1, help="processes that compute (default 1)")
    serve.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="a name by which clients call the server, as astro.example.org; may be repeated",
    )
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    for package in ("starlette", "uvicorn", "jwt", "multipart"):
        if find_spec(package) is None:
            advice = "Install it with: pip install 'oda-widgets[server]'."
            raise MissingTool(f"{package} is not installed.", advice)
    from oda_widgets.server.serve import Options, serve  # noqa: PLC0415 - an extra

    settings = Options(
        host=options.host,
        port=options.port,
        archive=options.archive,
        folder=options.folder,
        workers=options.workers,
        hosts=tuple(options.name),
    )
    serve(settings, partial(_announce, options.host, options.name))
    return 0


def _announce(host: str, names: Sequence[str], address: str) -> None:
    sys.stdout.write(f"serving at {address}\n")
    if host not in _LOCAL_HOSTS and not names:
        sys.stdout.write(
            f"It answers those who call it {host}, 127.0.0.1 or localhost. Where others know this "
            "machine by a name, start it with --name NAME.\n"
        )
    sys.stdout.flush()
