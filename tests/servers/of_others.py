"""Programs of Jupyter and Sphinx, started without a grammar that none of our files needs."""

from __future__ import annotations

import sys

# jsonschema compiles it when it is imported, for longer than a second: see cli/page_process.py.
_START = """
import runpy, sys
sys.modules["rfc3987_syntax"] = None
sys.argv.pop(0)
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def module_words(name: str) -> tuple[str, ...]:
    """Return the words that start a module as ``python -m`` does; others may follow."""
    return sys.executable, "-c", _START, name
