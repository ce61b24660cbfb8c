"""The verb that serves the dispatcher's protocol: serve."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oda_widgets.errors import MissingTool

_PORT = 10100


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    serve = verbs.add_parser("serve", help="run a dispatcher for oda_api and other clients")
    serve.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine only")
    serve.add_argument("--port", type=int, default=_PORT, help=f"default {_PORT}")
    serve.add_argument(
        "--archive",
        metavar="FOLDER",
        help="archive of the events (default: the sample and the simulated mission)",
    )
    serve.add_argument(
        "--folder",
        type=Path,
        metavar="FOLDER",
        help="folder of the jobs (default: in the cache folder)",
    )
    serve.add_argument("--workers", type=int, default=1, help="processes that compute (default 1)")
    serve.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="a further name by which clients call the server; may be repeated",
    )
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    for package in ("starlette", "uvicorn", "jwt", "multipart"):
        if find_spec(package) is None:
            advice = "Install it with: pip install 'oda-widgets[server]'."
            raise MissingTool(f"{package} is not installed.", advice)
    from oda_widgets.server.serve import Options, serve  # noqa: PLC0415 - an extra

    words = Options(
        host=options.host,
        port=options.port,
        archive=options.archive,
        folder=options.folder,
        workers=options.workers,
        hosts=tuple(options.name),
    )
    serve(words, _announce)
    return 0


def _announce(address: str) -> None:
    sys.stdout.write(f"serving at {address}\n")
    sys.stdout.flush()
