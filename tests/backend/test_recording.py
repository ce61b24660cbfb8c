"""Recordings: whole at every moment, checked by hash, and refused when they are something else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.backend.recorded.backend import RecordedBackend
from oda_widgets.backend.recorded.recorder import Recorder
from oda_widgets.backend.recorded.recording_file import RecordingFile
from oda_widgets.errors import BadParameter, DamagedFile, EmptySelection, OdaError
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.server.dummy_products import dummy_product
from oda_widgets.workers.progress import Muted
from tests.patience import PATIENCE

QUERY = oda.ImageQuery(
    science_windows=("066500220010.001",),
    energy=(20, 40),  # type: ignore[arg-type]
    detection_threshold=7,
)
HISTORY = Provenance(
    (Step.of(Node("test", "1", {"x": 1.5})),), QUERY.identity, "nobody", RepeatedText("x\n")
)


class Studio:
    """A backend that gives one image at once."""

    name = "the studio"

    def run(self, *_: Any) -> Any:
        return replace(dummy_product("isgri_image"), provenance=HISTORY)  # type: ignore[type-var]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a recording of one answer."""
    path = tmp_path / "answers.zip"
    Recorder(Studio(), path).run(QUERY, Muted())  # type: ignore[arg-type]
    return path


def test_an_answer_is_replayed_with_its_history(file: Path) -> None:
    site = oda.connect(f"recorded:{file}")
    assert site.name == "the studio, recorded in answers.zip"
    image: Any = site.submit(QUERY).result(10)
    assert image.catalog.names == ("Crab",)
    assert image.observation.simulated
    assert image.provenance == HISTORY
    assert str(site.plan(QUERY)) == "1 window, 1 in the store, less than 1 s"


def test_a_new_source_is_new_when_it_is_replayed(tmp_path: Path) -> None:
    class Finder(Studio):
        def run(self, *_: Any) -> Any:
            image = super().run()
            new = oda.CatalogSource("NEW_1", 83.0, 21.0, significance=9.0, new=True)
            return replace(image, catalog=oda.SourceCatalog.of([*image.catalog, new]))

    path = tmp_path / "found.zip"
    Recorder(Finder(), path).run(QUERY, Muted())  # type: ignore[arg-type]
    image: Any = oda.connect(f"recorded:{path}").submit(QUERY).result(10)
    assert [source.new for source in image.catalog] == [False, True]


def test_a_recording_is_continued_and_an_answer_kept_once(file: Path) -> None:
    before = file.read_bytes()
    Recorder(Studio(), file).run(QUERY, Muted())  # type: ignore[arg-type]
    assert file.read_bytes() == before
    other = oda.ImageQuery(science_windows=("066500230010.001",), energy=(20, 40))  # type: ignore[arg-type]
    Recorder(Studio(), file).run(other, Muted())  # type: ignore[arg-type]
    assert len(RecordingFile(file).known()) == 2
    assert [path.name for path in file.parent.iterdir()] == ["answers.zip"]


def test_a_query_that_was_not_recorded_is_named(file: Path) -> None:
    site = oda.connect(f"recorded:{file}")
    with pytest.raises(EmptySelection, match=r"This query was not recorded.*has 1 others"):
        site.image(None, "066500230010.001")
    with pytest.raises(EmptySelection, match="This choice of science windows"):
        site.science_windows("Crab")
    lower = site.submit(
        oda.ImageQuery(
            science_windows=("066500220010.001",),
            energy=(20, 40),  # type: ignore[arg-type]
            detection_threshold=5,
        )
    )
    assert lower.wait(PATIENCE)
    assert "knows the sources above 7 only" in str(lower.error)


def test_files_that_are_not_there_or_have_other_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="no such file"):
        oda.connect(f"recorded:{tmp_path / 'none.zip'}")
    with pytest.raises(BadParameter, match=r"End it in \.zip"):
        oda.connect(archive="sample").record(tmp_path / "answers.txt")
    with pytest.raises(BadParameter, match="cannot be written"):
        oda.connect(archive="sample").record(tmp_path / "no" / "folder" / "answers.zip")


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 nothing",
        b"<html>",
        zipped({}),
        zipped({"recording.json": b"{}"}),
        zipped({"recording.json": b"[]"}),
        zipped({"recording.json": b"[" * 100_000}),
        zipped({"recording.json": bytes(10 << 20)}),
        zipped({"recording.json": json.dumps({"format": "other", "name": "x"}).encode()}),
    ],
)
def test_files_that_are_something_else_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "answers.zip"
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        RecordedBackend(path)


def test_the_name_of_a_recording_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    head = {"format": "oda_widgets recording 2", "name": "mine\x1b[2J\x07\u202e" + 5000 * "!"}
    path = tmp_path / "answers.zip"
    path.write_bytes(zipped({"recording.json": json.dumps(head).encode()}))
    name = oda.connect(f"recorded:{path}").name
    assert name.isprintable()
    assert len(name) < 300


@pytest.mark.parametrize("number", [11_000, 80_000])
def test_a_recording_of_more_members_than_any_is_refused_before_they_are_listed(
    file: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        for n in range(number):
            archive.writestr(f"{n}", b"")
    if number > 50_000:
        monkeypatch.delattr(zipfile, "ZipInfo")  # made for each member
    with pytest.raises(DamagedFile, match=r"answers\.zip holds more than a recording"):
        oda.connect(f"recorded:{file}")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_recording_packed_in_another_way_is_refused_unread(file: Path, method: int) -> None:
    with zipfile.ZipFile(file, "a", method) as archive:
        archive.writestr("more", b"words")
    with pytest.raises(DamagedFile, match="'more' is not packed by deflate"):
        oda.connect(f"recorded:{file}")


def test_a_damaged_answer_is_told_without_the_long_name_of_its_member(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        member = next(one for one in archive.infolist() if one.filename.startswith("answers/"))
    content = bytearray(file.read_bytes())
    content[member.header_offset + 30 + len(member.filename) + member.compress_size // 2] ^= 255
    file.write_bytes(content)
    key = member.filename.split("/")[1].split(".")[0]
    with pytest.raises(DamagedFile, match=r"answers\.zip") as caught:
        RecordingFile(file).read(key)
    assert member.filename not in str(caught.value)


def test_a_changed_answer_is_noticed(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = {
        name: content.replace(b"Crab", b"Vela") if "answers" in name else content
        for name, content in members.items()
    }
    file.write_bytes(zipped(changed))
    job = oda.connect(f"recorded:{file}").submit(QUERY)
    assert job.wait(PATIENCE)
    assert "was changed" in str(job.error)


def test_an_answer_that_unpacks_to_far_more_than_its_size_is_refused(file: Path) -> None:
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    bomb = bytes(70 << 20)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            key, _, kind = name.split(".") if name.endswith(".answer") else (name, "", "")
            named = f"{key}.{hashlib.sha256(bomb).hexdigest()}.{kind}" if kind else name
            archive.writestr(named, bomb if kind else content)
    with pytest.raises(DamagedFile, match="holds an answer that is too large"):
        oda.connect(f"recorded:{file}").submit(QUERY).result(10)


def test_no_cut_or_flipped_byte_gives_a_traceback(file: Path) -> None:
    content = file.read_bytes()
    path = file.with_name("damaged.zip")
    places = range(0, len(content), max(len(content) // 60, 1))
    for place in places:
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        for damaged in (bytes(flipped), content[:place]):
            path.write_bytes(damaged)
            try:
                RecordedBackend(path).run(QUERY, Muted())
            except OdaError:
                continue
