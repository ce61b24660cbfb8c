"""Send the files of a product as a dispatcher does: one file packed, several in an archive."""

from __future__ import annotations

import gzip
import re
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from oda_widgets.errors import BadParameter
from oda_widgets.protocol.product_names import kind_of
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE, SPECTRUM
from oda_widgets.server.product_files import files_in

_ARCHIVE_NAMES = {
    IMAGE: "image.tar.gz",
    SPECTRUM: "spectra.tar.gz",
    LIGHT_CURVE: "light_curve.tar.gz",
}
_CHUNK = 1 << 18
_FAST = 1  # level of gzip: higher levels hardly compress maps of noise further
_LONGEST = 100
_PACKED = "application/gzip"


def archive_name(product: str) -> str:
    """Return the name of the archive with all files of a product."""
    return _ARCHIVE_NAMES[kind_of(product)]


def download(folder: Path, product: str, values: Mapping[str, Any]) -> Response:
    """Return the files of a product as one attachment.

    Parameters
    ----------
    folder
        Folder of the files.
    product
        The dispatcher's name of the product.
    values
        Parameters of the request: ``file_list`` (names separated by commas; by default all files),
        ``download_file_name``, and ``return_archive`` ("False" to send one file unpacked).

    Raises
    ------
    BadParameter
        If a file does not belong to the product, or several are asked for without an archive.
    """
    files = _named_files(files_in(folder), values.get("file_list"))
    packed = str(values.get("return_archive", "True")) != "False"
    if not packed and len(files) > 1:
        advice = "Name one of them in file_list, or leave return_archive out."
        raise BadParameter("return_archive", "False", f"there are {len(files)} files", advice)
    name = _name(values.get("download_file_name"), files, product, packed=packed)
    if not packed:
        return FileResponse(files[0], media_type="application/fits", filename=name)
    content = TemporaryFile(dir=folder.parent)  # noqa: SIM115 - closed when it is sent
    if len(files) == 1:
        _pack(files[0], content)
    else:
        _archive(files, content, _without_suffixes(name))
    return _attachment(content, name)


def _named_files(files: Mapping[str, Path], names: Any) -> list[Path]:
    """Return the named files, by default all; names are looked up and never made into paths."""
    if not files:
        raise BadParameter("job_id", "...", "its products are gone", "Ask for it again.")
    if names in (None, ""):
        return list(files.values())
    chosen = names if isinstance(names, list) else str(names).split(",")
    unknown = [name for name in chosen if name not in files]
    if unknown:
        advice = f"There are: {', '.join(files)}."
        raise BadParameter("file_list", unknown[0], "not a file of this job", advice)
    return [files[name] for name in dict.fromkeys(chosen)]


def _name(given: Any, files: list[Path], product: str, *, packed: bool) -> str:
    """Return the name of the attachment, in plain characters and without a folder."""
    name = PurePosixPath(str(given or "").replace("\\", "/")).name.replace(" ", "_")
    plain = re.sub(r"[^0-9A-Za-z._-]", "", name).lstrip(".")[:_LONGEST]
    if plain:
        return plain
    if len(files) > 1:
        return archive_name(product)
    return f"{files[0].name}.gz" if packed else files[0].name


def _without_suffixes(name: str) -> str:
    return name.replace(".tar", "").replace(".tgz", "").replace(".gz", "") or "products"


def _pack(file: Path, content: IO[bytes]) -> None:
    with (
        gzip.GzipFile(file.name, "wb", _FAST, content, mtime=0) as packed,
        file.open("rb") as opened,
    ):
        shutil.copyfileobj(opened, packed)


def _archive(files: list[Path], content: IO[bytes], folder: str) -> None:
    with tarfile.open(mode="w:gz", fileobj=content, compresslevel=_FAST) as archive:
        for file in files:
            archive.add(file, f"{folder}/{file.name}", filter=_anonymous)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member of an archive, readable by all and without the name of its owner."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


def _attachment(content: IO[bytes], name: str) -> Response:
    length = content.tell()
    content.seek(0)

    def pieces() -> Iterator[bytes]:
        while piece := content.read(_CHUNK):
            yield piece

    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(length),
    }
    closing = BackgroundTask(content.close)
    return StreamingResponse(pieces(), media_type=_PACKED, headers=headers, background=closing)
