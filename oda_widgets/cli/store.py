"""The verb that looks after the store of results: list, explain, verify, prune."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from oda_widgets.cli import out
from oda_widgets.cli.unused import refuse_unused
from oda_widgets.config import gigabytes, load_settings
from oda_widgets.errors import BadParameter
from oda_widgets.provenance.entry import FIRST_VERSION
from oda_widgets.provenance.folder import YOUR_OWN, Folder, Used
from oda_widgets.provenance.prune import Pruned, made_by, prune, prune_version, versions_in
from oda_widgets.provenance.step import Step
from oda_widgets.provenance.store import Store
from oda_widgets.request.words import counted

_SHORT = 12
_FEWEST_DIGITS = 4
_HEADS = "id            last used              size     made by, in how long, when (UTC)"


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    store = verbs.add_parser("store", help="list, explain, verify or remove stored results")
    actions = store.add_subparsers(title="actions", required=True, metavar="ACTION")
    actions.add_parser("list", help="list the stored results, last used first").set_defaults(
        run=_list
    )
    explain = actions.add_parser("explain", help="show what a result was made from")
    explain.add_argument("id", help="id of a result, or its first digits, as 'store list' shows it")
    explain.set_defaults(run=_explain)
    actions.add_parser("verify", help="check every byte of the stored results").set_defaults(
        run=_verify
    )
    pruning = actions.add_parser("prune", help="remove the results that were not used for longest")
    pruning.add_argument(
        "--size", type=float, metavar="GB", help="largest size to leave (default: the setting)"
    )
    pruning.add_argument(
        "--made-by", metavar="VERSION", help="remove only what this version made, all of it"
    )
    pruning.set_defaults(run=_prune)


def _list(_: argparse.Namespace) -> int:
    store = _store()
    results = sorted(store.folder.results(), key=lambda used: -used.last_used)
    if results:
        out.write_line(_HEADS)
    for used in results:
        kept = store.read(used.id)
        what = "damaged" if kept is None else _step_in_words(kept.entry.steps[-1])
        out.write_line(f"{used.id[:_SHORT]}  {_when(used)}  {used.bytes / 1e6:9.2f} MB  {what}")
    out.write_line(f"{_count_and_size(results)} in {store.folder.root}")
    _report_drafts(store.folder)
    _report_trouble(store.folder)
    old = made_by(store.folder, FIRST_VERSION)
    if old:
        out.write_line(
            f"{_count_and_size(old)} of version {FIRST_VERSION} are never used by this version;"
        )
        out.write_line(f"'oda-widgets store prune --made-by {FIRST_VERSION}' removes them.")
    return 0


def _explain(options: argparse.Namespace) -> int:
    store = _store()
    kept = store.read(_full_id(store, options.id))
    if kept is None:
        raise BadParameter("id", options.id, "its result is damaged", "Submit the query again.")
    steps = {step.id: step for step in kept.entry.steps}
    _explain_step(kept.entry.steps[-1], steps, store, depth=0, seen=set())
    if kept.entry.failure is not None:
        out.write_line(f"It failed: {kept.entry.failure['problem']}")
    return 0


def _verify(_: argparse.Namespace) -> int:
    store = _store()
    results = list(store.folder.results())
    damaged = [used for used in results if store.read(used.id) is None]
    for used in damaged:
        out.write_line(f"damaged  {used.id}")
    out.write_line(f"{_count_and_size(results)} checked, {len(damaged)} damaged")
    _report_drafts(store.folder)
    _report_trouble(store.folder)
    if damaged:
        out.write_line("What is damaged is never used: it is computed again when it is needed.")
    return 1 if damaged else 0


def _prune(options: argparse.Namespace) -> int:
    if options.made_by is not None:
        why = "all that a version made is removed, whatever its size"
        refuse_unused(options, ("size",), why, "Leave out one of the two.")
        return _prune_version(_store().folder, options.made_by)
    size = load_settings().store_limit if options.size is None else options.size
    folder = _store().folder
    return _report_pruned(prune(folder, int(gigabytes("size", size) * 1e9)), folder)


def _prune_version(folder: Folder, version: str) -> int:
    pruned = prune_version(folder, version)
    if not pruned.removed and not pruned.kept:
        known = ", ".join(sorted(versions_in(folder))) or "none: it is empty"
        limit = "no result in the store was made by this version"
        raise BadParameter("made_by", version, limit, f"Versions in the store: {known}.")
    return _report_pruned(pruned, folder)


def _report_pruned(pruned: Pruned, folder: Folder) -> int:
    drafts = f" and {counted(pruned.drafts, 'draft')}" if pruned.drafts else ""
    removed = f"{counted(pruned.removed, 'result')}{drafts} removed"
    out.write_line(f"{removed}, {pruned.bytes_left / 1e6:.2f} MB left in {folder.root}")
    _report_trouble(folder)
    if not pruned.kept:
        return 0
    out.write_line(f"{counted(pruned.kept, 'result')} could not be removed.")
    return 1


def _report_trouble(folder: Folder) -> None:
    if trouble := folder.trouble():
        out.write_line(f"{folder.root}: {trouble}. {YOUR_OWN}")


def _report_drafts(folder: Folder) -> None:
    """Print the number and size of drafts: being written, or left by killed processes."""
    sizes = []
    for path in folder.drafts():
        with suppress(OSError):  # it is complete by now, or may not be read
            sizes.append(path.stat().st_size)
    if sizes:
        out.write_line(
            f"{counted(len(sizes), 'draft')}, {sum(sizes) / 1e6:.2f} MB: being written, or left by"
        )
        out.write_line("processes that were killed, which 'oda-widgets store prune' removes.")


def _store() -> Store:
    settings = load_settings()
    store = Store(settings.store_folder, settings.store_bytes)
    store.folder.check_access()
    return store


def _full_id(store: Store, beginning: str) -> str:
    """Return the only id that begins with some digits."""
    found = [used.id for used in store.folder.results() if used.id.startswith(beginning)]
    if len(beginning) < _FEWEST_DIGITS or not found:
        advice = "Take one from 'oda-widgets store list'."
        raise BadParameter("id", beginning, "no result in the store has this id", advice)
    if len(found) > 1:
        limit = f"{len(found)} results begin with it"
        raise BadParameter("id", beginning, limit, "Write more of its digits.")
    return found[0]


def _explain_step(
    step: Step, steps: dict[str, Step], store: Store, *, depth: int, seen: set[str]
) -> None:
    """Print a step and, below it, its inputs; each step once."""
    margin = "  " * depth
    here = " (in the store)" if store.has(step.id) else ""
    again = " (see above)" if step.id in seen else ""
    out.write_line(f"{margin}{_step_in_words(step)}  {step.id[:_SHORT]}{here}{again}")
    if again:
        return
    seen.add(step.id)
    for name, value in step.parameters.items():
        out.write_line(f"{margin}  · {name} = {value}")
    for source in step.inputs:
        _explain_step(steps[source], steps, store, depth=depth + 1, seen=seen)


def _step_in_words(step: Step) -> str:
    if step.seconds is None:
        return step.name
    return f"{step.name}, {step.seconds:.2f} s, {step.made}"


def _when(used: Used) -> str:
    try:
        return datetime.fromtimestamp(used.last_used).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return "at no known time"


def _count_and_size(results: Iterable[Used]) -> str:
    sizes = [used.bytes for used in results]
    return f"{counted(len(sizes), 'result')}, {sum(sizes) / 1e6:.2f} MB"
