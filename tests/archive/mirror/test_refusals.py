"""Refusals of mirrors: each names its reason and the next step."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.open import open_archive
from oda_widgets.errors import ArchiveError, BadParameter, ServiceError
from tests.archive.mirror.conftest import WINDOWS, OpenMirror
from tests.servers.archive_server import ArchiveServer, serving_archive


@pytest.mark.parametrize("word", ["heasark", "HEASARC"])
def test_a_misspelt_mirror_is_guessed(word: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match='Did you mean "heasarc"'):
        open_archive(word, tmp_path)


def test_the_known_mirrors_need_no_network_to_be_named(tmp_path: Path) -> None:
    for name in ("heasarc", "isdc"):
        archive = open_archive(name, tmp_path)
        assert (archive.address, archive.name) == (name, f"archive of {name.upper()}")


@pytest.mark.parametrize(
    ("address", "limit"),
    [
        ("http://heasarc.gsfc.nasa.gov/FTP/integral/data", "not encrypted"),
        ("https://host/FTP/%2e%2e/etc", "its path goes up"),
        ("https://user:secret@host/FTP", "must hold no password"),
        ("https://", "not an address"),
    ],
)
def test_an_address_that_files_may_not_be_fetched_from(
    address: str, limit: str, tmp_path: Path
) -> None:
    with pytest.raises(BadParameter, match=limit) as refused:
        open_archive(address, tmp_path)
    assert "secret" not in str(refused.value)


def test_a_server_without_science_windows(tmp_path: Path, mirror_at: OpenMirror) -> None:
    (tmp_path / "served" / "cat").mkdir(parents=True)
    with (
        serving_archive(tmp_path / "served") as server,
        pytest.raises(ServiceError, match="is not an archive: it has no scw/"),
    ):
        mirror_at(server.address).science_windows()


def test_a_server_without_an_index(tmp_path: Path, mirror_at: OpenMirror) -> None:
    (tmp_path / "served" / "scw").mkdir(parents=True)
    with (
        serving_archive(tmp_path / "served") as server,
        pytest.raises(ServiceError, match="has no index of science windows"),
    ):
        mirror_at(server.address).science_windows()


@pytest.mark.parametrize(
    ("elsewhere", "said"),
    [
        ("http://example.org", r"redirects to http://example\.org without encryption"),
        ("https://example.org", r"redirects to https://example\.org\. If you trust"),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(
    elsewhere: str, said: str, server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    server.redirect = elsewhere
    with pytest.raises(ServiceError, match=said):
        mirror_at(server.address).science_windows()


def test_a_certificate_that_fails_is_never_ignored(
    root: Path, tmp_path: Path, mirror_at: OpenMirror
) -> None:
    with (
        serving_archive(root, certificate=_own_certificate(tmp_path)) as server,
        pytest.raises(ServiceError, match=r"certificate of https://127\.0\.0\.1.*is not valid"),
    ):
        mirror_at(server.address).science_windows()
    assert server.asked == []


@pytest.fixture
def mirror(server: ArchiveServer, mirror_at: OpenMirror) -> Iterator[MirrorArchive]:
    opened = mirror_at(server.address)
    opened.science_windows()
    server.asked.clear()
    return opened


def test_a_newer_version_replaces_an_older(
    root: Path, server: ArchiveServer, mirror: MirrorArchive
) -> None:
    folder = root / "scw" / "0066" / WINDOWS[0]
    folder.rename(folder.with_name("006600010010.002"))
    record = mirror.fetch(WINDOWS[0])
    assert record.window.id == "006600010010.002"
    assert mirror.content("006600010010.001") == record.content
    assert len(mirror.events("006600010010").time) > 0
    del server


def test_windows_that_cannot_be_had_are_named_with_the_reason(
    root: Path, mirror: MirrorArchive
) -> None:
    (root / "scw" / "0066" / WINDOWS[0] / "isgri_events.fits.gz").unlink()
    with pytest.raises(ArchiveError, match=rf"{WINDOWS[0]} has no ISGRI events"):
        mirror.fetch(WINDOWS[0])
    folder = root / "scw" / "0066" / WINDOWS[1]
    folder.rename(folder.with_name("elsewhere"))
    other = MirrorArchive(mirror.transport, mirror.cache)
    with pytest.raises(ArchiveError, match=rf"{WINDOWS[1]} is not on the server"):
        other.fetch(WINDOWS[1])


def test_an_unpacked_file_is_taken_where_there_is_no_packed_one(
    root: Path, mirror: MirrorArchive
) -> None:
    import gzip

    packed = root / "scw" / "0066" / WINDOWS[0] / "isgri_events.fits.gz"
    packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    assert mirror.fetch(WINDOWS[0]).file == "isgri_events.fits"
    assert len(mirror.events(WINDOWS[0]).time) > 0


@pytest.mark.parametrize("lists", ["s3", "none"])
def test_folders_are_listed_by_a_bucket_or_not_at_all(
    lists: str, root: Path, server: ArchiveServer, mirror: MirrorArchive
) -> None:
    server.lists = lists
    (root / "scw" / "0066" / WINDOWS[0]).rename(root / "scw" / "0066" / "006600010010.003")
    if lists == "s3":
        assert mirror.fetch(WINDOWS[0]).window.id == "006600010010.003"
    else:
        with pytest.raises(ArchiveError, match="has no ISGRI events"):
            mirror.fetch(WINDOWS[0])
    assert mirror.fetch(WINDOWS[1]).window.id == WINDOWS[1]


def test_nothing_but_names_is_sent(server: ArchiveServer, mirror: MirrorArchive) -> None:
    mirror.fetch(WINDOWS[0])
    assert server.agents == {"oda_widgets"}
    assert [line for line in server.asked if "?" in line or "HEAD" in line] == []


def _own_certificate(folder: Path) -> Path:
    """Return a certificate that nobody has signed, with its key."""
    path = folder / "own.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=us"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path)]
    signed = folder / "cert.pem"
    subprocess.run(["openssl", *words, "-out", str(signed)], check=True, capture_output=True)
    path.write_text(path.read_text() + signed.read_text())
    return path
