"""Which process of a run does which tests, and in which order."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

_HERE = Path(__file__).parent

# Files of one group are done by one process: they ask the same server, and open the same page or
# the same apps. Each takes seconds to start.
_GROUPS = (
    (
        "server/",
        "contract/",
        "backend/dispatcher/test_instruments.py",
        "backend/dispatcher/test_real_dispatcher.py",
        "docs/test_dispatcher_page.py",
        "panels/test_instrument.py",
        "notebooks/test_other_backends.py",
    ),
    ("browser/",),
    ("notebooks/test_apps.py", "notebooks/test_take_home.py"),
)

# What takes longest, nearly in order of its time: a group as a whole, other files one by one. Not
# while servers are asked how soon they answer should browsers keep the processors busy.
_LONGEST = (
    *_GROUPS[0],
    "docs/test_blocks.py",
    "analysis/test_workers.py",
    "notebooks/test_notebooks.py",
    "analysis/test_store_answers.py",
    "panels/apps/test_app.py",
    "views/test_paper.py",
    *_GROUPS[1],
    "cli/test_web_app.py",
    "panels/test_session.py",
    "docs/test_site.py",
    "notebooks/test_take_home.py",
    "fitting/test_chain.py",
    "analysis/test_versions.py",
)

# Here all tests are slow: `make validate` and `make benchmark` name the folders.
_SLOW = ("validation", "benchmarks")


class ByGroup(LoadFileScheduling):
    """Gives each process whole files, and all files of a group to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        below = file.removeprefix(f"{_HERE.name}/")
        return next((group[0] for group in _GROUPS if below.startswith(group)), file)


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return what takes longest first, so that no process ends long after the others."""
    return sorted(items, key=lambda item: _rank(item.path))


@cache
def _rank(file: Path) -> int:
    """Return the place of a file among those that take longest."""
    below = file.relative_to(_HERE).as_posix()
    found = (n for n, place in enumerate(_LONGEST) if below.startswith(place))
    return next(found, len(_LONGEST))


def is_left_out(path: Path, chosen: str) -> bool:
    """Tell whether nothing in a folder would be run: its files need not be read."""
    return chosen == "not slow" and path in {_HERE / name for name in _SLOW}
