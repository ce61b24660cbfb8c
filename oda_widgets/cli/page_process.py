"""The process of the web app's server.

Run as ``python -P -m oda_widgets.cli.page_process``; ``oda-widgets app`` does.
"""

from __future__ import annotations

import sys

from oda_widgets.cli.start import interrupts_end

# Jupyter checks its events with jsonschema, which compiles a grammar of international addresses
# (IRIs) when it is imported. No event has one, and it is more than half of the time to the start.
_UNUSED = "rfc3987_syntax"


def main() -> None:
    """Serve until a signal comes; signals are handled once there is something to stop."""
    sys.modules[_UNUSED] = None  # type: ignore[assignment]  # "not installed", for import
    with interrupts_end():
        from oda_widgets.cli.page_server import PageServer  # noqa: PLC0415 - takes seconds

        PageServer.launch_instance()


if __name__ == "__main__":
    main()
