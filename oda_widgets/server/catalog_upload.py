"""Read an uploaded catalogue in a separate process, with limits of time and memory.

A file of a few bytes may claim to be a table of any size, or unpack to gigabytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.products.files.catalog_file import read_catalog
from oda_widgets.protocol.catalog import catalog_text

_SECONDS = 40  # much longer than the CPU time, since other processes have priority
_CPU_SECONDS = 5
_BYTES = 1 << 30
_FITS = b"SIMPLE"
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each thread takes memory
_COMMAND = (
    "from oda_widgets.workers.priority import yield_to_others; yield_to_others(); "  # imports, too
    "from oda_widgets.server.catalog_upload import main; main()"
)


def catalog_in(content: bytes) -> str:
    """Return the catalogue in an uploaded file, FITS or ECSV, as the value of a parameter.

    Raises
    ------
    BadParameter
        If it cannot be read within the limits.
    """
    command = [sys.executable, "-P", "-c", _COMMAND]
    try:
        ended = subprocess.run(  # noqa: S603 - a command of ours
            command,
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=os.environ | _ONE_THREAD,
        )
        document = json.loads(ended.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        limit = f"it cannot be read with {_BYTES >> 20} MB in {_CPU_SECONDS} s"
        advice = "Send a FITS or ECSV table of sources."
        raise BadParameter("user_catalog_file", "...", limit, advice) from None
    if "limit" in document:
        raise BadParameter("user_catalog_file", "...", document["limit"], document["advice"])
    return str(document["catalog"])


def main() -> None:
    """Read a file from standard input, and write its catalogue or an error as JSON."""
    _limit_resources()
    sys.stdout.write(json.dumps(_read(sys.stdin.buffer.read())))


def _limit_resources() -> None:
    with suppress(ImportError):  # Windows has no such limits, only the one of time
        import resource  # noqa: PLC0415 - see above

        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))


def _read(content: bytes) -> dict[str, str]:
    """Return the catalogue in a file, or the limit and advice of an error."""
    suffix = ".fits" if content.startswith(_FITS) else ".ecsv"
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"catalogue{suffix}"
        file.write_bytes(content)
        try:
            return {"catalog": catalog_text(read_catalog(file))}
        except OdaError as error:
            problem = error.problem.replace(str(file), "the file").rstrip(".")
            return {"limit": f"cannot be read: {problem}", "advice": error.advice}
        except Exception as error:  # noqa: BLE001 - of a foreign file
            limit = f"cannot be read ({type(error).__name__})"
            return {"limit": limit, "advice": "Send a FITS or ECSV table of sources."}
