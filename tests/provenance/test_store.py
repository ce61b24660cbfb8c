"""The store never serves a wrong byte, and loses nothing that is not damaged."""

from __future__ import annotations

import errno
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oda_widgets.errors import ArchiveError, DamagedFile, DataError, FileWarning, StoreError
from oda_widgets.provenance import store as store_module
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.prune import prune
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from tests.provenance.conftest import Counted, run_of

Open = Callable[..., Store]


def files(store: Store, node: Node) -> tuple[Path, Path]:
    return store.folder.record(node.id), store.folder.arrays(node.id)


def test_a_result_comes_back_bit_for_bit(new_store: Open) -> None:
    values = np.array([0.1, np.nan, -np.inf, 5e-324], ">f8")
    facts = {"ra": 0.1 + 0.2, "nan": float("nan"), "names": ["NEW_1", "Vela X-1 «π»"], "none": None}
    task = Task(Node("step", "1"), lambda: Payload(facts, {"values": values}))
    run_of(new_store()).result(task)
    kept = new_store().load(task.node.id)
    assert kept is not None
    assert repr(kept.payload.facts) == repr(facts)
    assert kept.payload.arrays["values"].tobytes() == values.tobytes()
    assert kept.payload.arrays["values"].dtype == values.dtype


def test_a_result_is_computed_once(new_store: Open, counted: Counted) -> None:
    task = counted.task("ii_skyimage")
    for store in (new_store(), new_store()):
        run_of(store).result(task)
        run_of(store).result(task)
    assert counted.computed == ["ii_skyimage"]


def test_results_are_shared_and_therefore_read_only(new_store: Open, counted: Counted) -> None:
    values = run_of(new_store()).result(counted.task("a")).arrays["values"]
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1


def test_objects_are_refused_because_only_pickle_writes_them(new_store: Open) -> None:
    objects = np.array([{}], dtype=object)
    with pytest.raises(TypeError, match="objects"):
        run_of(new_store()).result(Task(Node("a", "1"), lambda: Payload({}, {"a": objects})))


@pytest.mark.parametrize("others", [0, 2000], ids=["few", "many"])
def test_the_store_knows_which_of_many_results_it_has(
    new_store: Open, counted: Counted, others: int
) -> None:
    stored = [counted.task("a"), counted.task("b")]
    for task in stored:
        run_of(new_store()).result(task)
    record, _ = files(new_store(), stored[1].node)
    record.write_bytes(record.read_bytes()[:-9])
    missing = [f"{number:064x}" for number in range(others)]
    asked = [*missing, *(task.node.id for task in stored)]
    assert new_store().having(asked) == {stored[0].node.id}
    assert new_store(0).having(asked) == set()


@pytest.mark.parametrize("which", [0, 1], ids=["record", "arrays"])
def test_a_flipped_bit_anywhere_is_never_served(
    new_store: Open, counted: Counted, which: int
) -> None:
    task = counted.task("ii_skyimage", size=40, energy=[20.0, 40.0])
    good = run_of(new_store()).result(task)
    path = files(new_store(), task.node)[which]
    content = path.read_bytes()
    dice = random.Random(1)
    for _ in range(300):
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        kept = new_store().load(task.node.id)
        # A blank that became another blank is no damage: what is served must be right.
        if kept is not None:
            assert which == 0
            assert kept.payload.facts == good.facts
            assert kept.entry.steps[-1].id == task.node.id


def test_a_plan_counts_no_result_with_a_flipped_bit_as_far_as_it_may_look(
    new_store: Open, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [counted.task(name, size=1000) for name in ("a", "b", "c")]
    for task in tasks:
        run_of(new_store()).result(task)
    nodes = [task.node for task in tasks]
    for node in nodes[1:]:
        path = files(new_store(), node)[1]
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    ids = [node.id for node in nodes]
    assert new_store().held(ids) == {ids[0]}
    monkeypatch.setattr(store_module, "_CHECKED_FOR_PLAN", 20_000)  # two results of 8 kB
    assert new_store().held(ids) == {ids[0], ids[2]}


@pytest.mark.parametrize("which", [0, 1], ids=["record", "arrays"])
@pytest.mark.parametrize("left", [0, 1, 0.5, -1], ids=["nothing", "a byte", "half", "all but one"])
def test_a_truncated_result_is_computed_again_and_put_right(
    new_store: Open, counted: Counted, which: int, left: float
) -> None:
    task = counted.task("ii_skyimage")
    good = run_of(new_store()).result(task)
    path = files(new_store(), task.node)[which]
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content)) if left == 0.5 else int(left)])
    said: list[str] = []
    again = Run(new_store(), lambda: None, said.append).result(task)
    assert len(said) == 1
    assert said[0].startswith("A stored result (ii_skyimage) in ")
    assert "was damaged and has been computed again" in said[0]
    assert np.array_equal(again.arrays["values"], good.arrays["values"])
    assert len(counted.computed) == 2
    assert new_store().read(task.node.id) is not None


def test_a_result_under_the_name_of_another_is_not_served(
    new_store: Open, counted: Counted
) -> None:
    one, other = counted.task("one", size=3), counted.task("other", size=4)
    for task in (one, other):
        run_of(new_store()).result(task)
    for source, target in zip(
        files(new_store(), one.node), files(new_store(), other.node), strict=True
    ):
        target.write_bytes(source.read_bytes())
    said: list[str] = []
    run = Run(new_store(), lambda: None, said.append)
    assert len(run.result(other).arrays["values"]) == 4
    assert len(said) == 1


def test_a_store_of_a_newer_version_is_refused(new_store: Open, counted: Counted) -> None:
    store = new_store()
    run_of(store).result(counted.task("a"))
    (store.folder.root / "format.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(StoreError, match=r"newer version.*Update with"):
        new_store()


@pytest.mark.parametrize(
    "content",
    [b'{"format": 1e400}', b'{"format": -1e400}', b'{"format": NaN}', b'{"format": "2"}', b"[2]",
     b"[" * 100_000, b"\xff\xfe", b"", b'{"format": {"format": 9}}', b'{"format": 0}', b"null",
     b'{"format": -1}', b'{"format": true}', b"{}", b'"x"'],
)  # fmt: skip
@pytest.mark.parametrize("name", ["format.json", "times.json"])
def test_nonsense_beside_the_results_costs_none_of_them(
    new_store: Open, counted: Counted, name: str, content: bytes
) -> None:
    store, task = new_store(), counted.task("a")
    run_of(store).result(task)
    (store.folder.root / name).write_bytes(content)
    if name == "format.json":
        with pytest.warns(FileWarning, match="missing or damaged; .* was written again"):
            new_store()
    again = new_store()
    run_of(again).result(task)
    again.measured("a", 1.0)
    assert again.times.expected("a") is not None
    assert len(counted.computed) == 1


@pytest.mark.parametrize("now", ["missing", "a folder"])
def test_a_used_store_without_a_note_of_its_format_says_so(
    new_store: Open, counted: Counted, now: str
) -> None:
    store, task = new_store(), counted.task("a")
    run_of(store).result(task)
    note = store.folder.root / "format.json"
    note.unlink()
    if now == "a folder":
        note.mkdir()
    said = "it was written again" if now == "missing" else "was not written"
    with pytest.warns(FileWarning, match=said):
        again = new_store()
    assert again.has(task.node.id)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("left", [0, 0.5])
def test_a_truncated_result_counts_as_missing(
    new_store: Open, counted: Counted, which: int, left: float
) -> None:
    task = counted.task("a", size=1000)
    run_of(new_store()).result(task)
    assert new_store().has(task.node.id)
    path = files(new_store(), task.node)[which]
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content))])
    assert not new_store().has(task.node.id)


def test_results_larger_than_the_limit_are_used_and_the_limit_is_told_once(
    tmp_path: Path, counted: Counted
) -> None:
    store, said = Store(tmp_path, 100), []
    run = Run(store, lambda: None, said.append)
    for step in ("one", "another"):
        assert run.result(counted.task(step)).facts["step"] == step
    (warning,) = said
    assert "are more than the limit, 1e-07 GB. Raise it with ODA_WIDGETS_STORE_LIMIT" in warning
    assert not list(store.folder.results())


def test_a_full_disk_leaves_what_was_computed(
    new_store: Open, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, said = new_store(), []
    run = Run(store, lambda: None, said.append)
    before = counted.task("before")
    run.result(before)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module, "write_whole", full)
    for step in ("during", "also"):
        assert run.result(counted.task(step)).facts["step"] == step
    (warning,) = said
    assert f"cannot be stored in {store.folder.root}: No space left on device. Make" in warning
    monkeypatch.undo()
    assert new_store().has(before.node.id)
    run_of(new_store()).result(counted.task("during"))
    assert counted.computed == ["before", "during", "also", "during"]


def test_a_draft_that_cannot_be_finished_leaves_no_file(
    new_store: Open, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, said = new_store(), []

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "replace", broken)
    Run(store, lambda: None, said.append).result(counted.task("a"))
    assert [path for path in store.folder.root.rglob("*") if path.is_file()] == []
    assert len(said) == 1


def test_a_failure_of_the_data_is_a_result(new_store: Open) -> None:
    attempts: list[int] = []

    def fails() -> Payload:
        attempts.append(1)
        raise DamagedFile("It is truncated.", "Fetch it again.")

    task = Task(Node("ii_skyimage", "1"), fails)
    for store in (new_store(), new_store()):
        with pytest.raises(DamagedFile, match=r"It is truncated\. Fetch it again\."):
            run_of(store).result(task)
    assert len(attempts) == 1


def _out_of_reach() -> Payload:
    raise ArchiveError("It may not be read.", "chmod u+r")


def _disk_error() -> Payload:
    try:
        Path("/no such file").read_bytes()
    except OSError:
        raise DamagedFile("It cannot be read.", "Fetch it again.") from None


@pytest.mark.parametrize("fails", [_out_of_reach, _disk_error])
def test_a_failure_of_the_moment_is_kept_nowhere(
    new_store: Open, counted: Counted, fails: Callable[[], Payload]
) -> None:
    """Results without it are not stored either; all others are."""
    part, other = Task(Node("part", "1"), fails), counted.task("other")
    run = run_of(new_store())

    def whole() -> Payload:
        with pytest.raises(DataError):
            run.result(part)
        run.result(other)
        return Payload({"without": "part"})

    mosaic = Task(Node("mosaic", "1", {}, (part.node, other.node)), whole)
    assert run.result(mosaic).facts == {"without": "part"}
    there = [new_store().has(task.node.id) for task in (part, mosaic, other)]
    assert there == [False, False, True]


def test_the_least_recently_used_results_make_room(new_store: Open, counted: Counted) -> None:
    tasks = [counted.task(f"step {n}", size=10_000) for n in range(12)]
    clock = iter(range(1_000_000_000, 1_000_000_100))
    for task in tasks[:11]:
        store = new_store()
        run_of(store).result(task)
        _used_at(store, task.node, next(clock))
    new_store().load(tasks[0].node.id)  # used just now
    run_of(new_store(most_bytes=500_000)).result(tasks[11])
    there = [n for n, task in enumerate(tasks) if new_store().has(task.node.id)]
    assert there == [0, 8, 9, 10, 11]
    assert sum(used.bytes for used in new_store().folder.results()) <= 500_000


def test_pruning_removes_what_killed_processes_left(new_store: Open, counted: Counted) -> None:
    store, task = new_store(), counted.task("a")
    run_of(store).result(task)
    record, arrays = files(store, task.node)
    orphan = record.with_name(record.parent.name + "f" * 62 + ".npz")
    draft = record.with_name(".draft.json.1f")
    young = record.with_name(".draft.json.2f")
    for path in (orphan, draft, young):
        path.write_bytes(b"half")
    for path in (orphan, draft):
        _set_time(path, 1_000_000_000)
    assert prune(store.folder, 1 << 30).removed == 0
    assert [p.exists() for p in (record, arrays, orphan, draft, young)] == [
        True,
        True,
        False,
        False,
        True,
    ]


def _used_at(store: Store, node: Node, time: int) -> None:
    _set_time(store.folder.record(node.id), time)


def _set_time(path: Path, time: int) -> None:
    os.utime(path, (time, time))


def test_the_history_survives_the_results_it_names(new_store: Open, counted: Counted) -> None:
    store = new_store()
    part = counted.task("part", energy=[20, 40])
    whole = counted.task("whole", part.node)

    def compute(run: Run) -> Any:
        return Task(whole.node, lambda: (run.result(part), whole.compute())[1])

    run = run_of(store)
    run.result(compute(run))
    store.folder.remove(part.node.id)
    again = run_of(new_store())
    again.result(compute(again))
    steps = again.steps(whole.node)
    assert [(step.name, step.from_store, step.computed) for step in steps] == [
        ("part", True, True),
        ("whole", True, True),
    ]
    assert counted.computed == ["part", "whole"]


@pytest.mark.parametrize("needed", [True, False])
def test_inputs_that_were_not_needed_are_no_part_of_the_history(
    new_store: Open, counted: Counted, *, needed: bool
) -> None:
    part = counted.task("part")
    node = Node("whole", "1", {}, (), (part.node,))
    assert node.id != Node("whole", "1").id
    assert node.id != Node("whole", "1", {}, (part.node,)).id

    def compute(run: Run) -> Payload:
        return run.result(part) if needed else Payload()

    first, again = run_of(new_store()), run_of(new_store())
    first.result(Task(node, lambda: compute(first)))
    again.result(Task(node, lambda: compute(again)))
    expected = ["part", "whole"] if needed else ["whole"]
    assert [step.name for step in first.steps(node)] == expected
    assert [step.name for step in again.steps(node)] == expected
    assert counted.computed == expected[:-1]


def test_a_store_without_room_keeps_and_serves_nothing(new_store: Open, counted: Counted) -> None:
    task = counted.task("a")
    run_of(new_store()).result(task)
    nothing = new_store(most_bytes=0)
    run_of(nothing).result(task)
    run_of(nothing).result(task)
    assert not nothing.has(task.node.id)
    assert len(counted.computed) == 3
