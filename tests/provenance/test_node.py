"""The id of a node is its history."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oda_widgets.provenance import contents
from oda_widgets.provenance.contents import Contents
from oda_widgets.provenance.node import Node
from oda_widgets.request.identity import identity

EVENTS = Node("ISGRIEvents", "1", {"content": "abc"})


@pytest.mark.parametrize(
    "other",
    [
        Node("ii_lc_extract", "1", {"low": 20, "high": 40}, (EVENTS,)),
        Node("ii_skyimage", "2", {"low": 20, "high": 40}, (EVENTS,)),
        Node("ii_skyimage", "1", {"low": 40, "high": 20}, (EVENTS,)),
        Node("ii_skyimage", "1", {"low": 20}, (EVENTS,)),
        Node("ii_skyimage", "1", {"low": "20", "high": 40}, (EVENTS,)),
        Node("ii_skyimage", "1", {"low": 20, "high": 40}),
        Node("ii_skyimage", "1", {"low": 20, "high": 40}, (EVENTS, EVENTS)),
        Node("ii_skyimage", "1", {"low": 20, "high": 40}, (Node("ISGRIEvents", "1"),)),
    ],
    ids=["step", "version", "swapped", "fewer", "text", "no input", "twice", "other input"],
)
def test_any_difference_in_the_history_is_another_node(other: Node) -> None:
    assert Node("ii_skyimage", "1", {"low": 20, "high": 40}, (EVENTS,)).id != other.id


def test_the_spelling_of_parameters_is_not_part_of_the_history() -> None:
    one = Node("ii_skyimage", "1", {"low": 20, "high": [40.0]})
    assert one.id == Node("ii_skyimage", "1", {"high": (40,), "low": 2e1}).id


@dataclass(frozen=True)
class _Definition:
    """What a node is, by the names under which it is hashed."""

    step: str
    version: str
    parameters: dict[str, Any]
    inputs: tuple[str, ...]
    if_needed: tuple[str, ...]


def test_the_id_is_the_identity_of_the_definition() -> None:
    """Written out in `Node.id`, so that thousands of windows are planned in a second."""
    other = Node("CatExtract", "choice", {"sources": [['Å"1', 1.5, None]], "all": True})
    node = Node("ii_skyimage", "2\n", {"low": -0.0, "high": 2**60}, (EVENTS, other), (EVENTS,))
    expected = _Definition("ii_skyimage", "2\n", {"low": 0, "high": 2**60},
                           (EVENTS.id, other.id), (EVENTS.id,))  # fmt: skip
    assert node.id == identity(expected)


words = st.text(max_size=3)
parameters = st.dictionaries(words, st.floats(0, 9) | words, max_size=3)
definitions = st.tuples(words, words, parameters)


@given(definitions, definitions)
def test_nothing_leaks_from_one_part_of_a_node_into_another(
    one: tuple[str, str, dict[str, object]], other: tuple[str, str, dict[str, object]]
) -> None:
    assert (Node(*one).id == Node(*other).id) == (one == other)


@given(words, words)
def test_a_letter_does_not_move_from_the_step_into_the_version(step: str, version: str) -> None:
    assume(version)
    assert Node(step, version).id != Node(step + version, "").id


def test_the_history_names_each_node_once_and_inputs_first() -> None:
    images = [Node("ii_skyimage", "1", {"n": n}, (EVENTS,)) for n in (1, 2)]
    mosaic = Node("mosaic_ii_skyimage", "1", {}, tuple(images))
    assert mosaic.history() == (EVENTS, *images, mosaic)


class TestContents:
    """A file is known by its content, which is read once."""

    def test_it_is_read_again_only_when_it_changes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(contents, "_SETTLED", -1.0)
        reads, real = [], hashlib.file_digest
        monkeypatch.setattr(
            hashlib, "file_digest", lambda file, kind: reads.append(file) or real(file, kind)
        )
        file, kept_at = tmp_path / "events.fits", tmp_path / "contents.json"
        file.write_bytes(bytes(100_000))
        first = Contents(kept_at).digest(file)
        assert Contents(kept_at).digest(file) == first
        assert len(reads) == 1
        os.utime(file, (1e9, 1e9))
        assert Contents(kept_at).digest(file) == first
        assert len(reads) == 2

    def test_a_change_that_keeps_size_and_time_is_noticed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(contents, "_SETTLED", -1.0)
        file, kept_at = tmp_path / "events.fits", tmp_path / "contents.json"
        file.write_bytes(b"photons")
        os.utime(file, (1e9, 1e9))
        first = Contents(kept_at).digest(file)
        file.write_bytes(b"PHOTONS")
        os.utime(file, (1e9, 1e9))
        assert Contents(kept_at).digest(file) != first

    def test_a_file_that_just_changed_is_not_remembered(self, tmp_path: Path) -> None:
        file, digests = tmp_path / "events.fits", Contents()
        file.write_bytes(b"photons")
        stamp = file.stat()
        first = digests.digest(file)
        file.write_bytes(b"PHOTONS")
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        assert digests.digest(file) != first

    def test_damaged_digests_are_not_believed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(contents, "_SETTLED", -1.0)
        file, kept_at = tmp_path / "events.fits", tmp_path / "contents.json"
        file.write_bytes(b"photons")
        os.utime(file, (1e9, 1e9))
        first = Contents(kept_at).digest(file)
        kept_at.write_text(kept_at.read_text().replace(first, "0" * 64))
        assert Contents(kept_at).digest(file) == first


def test_nodes_are_the_same_if_their_histories_are() -> None:
    one, same = (Node("step", "1", {"ra": ra}, (Node("events", "1"),)) for ra in (20, 20.0))
    assert one == same
    assert len({one, same, Node("step", "1", {"ra": 21}, one.inputs)}) == 2
