"""Read listings of folders on a mirror: HTML pages of Apache, or XML lists of S3."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from oda_widgets.archive.mirror.transport import Absent, ServerGone, Transport
from oda_widgets.errors import ServiceError

_NAME = re.compile(r"[\w.+-]+")
_MOST_PAGES = 100  # of 1000 names each
_FOLDER = re.compile(r"index of|directory listing", re.IGNORECASE)
_S3 = re.compile(rb"<ListBucketResult[\s>]")


@dataclass
class Listings:
    """The listings of folders of a mirror.

    Parameters
    ----------
    transport
        Fetches them.
    """

    transport: Transport
    _by_bucket: bool = field(default=False)

    def names(self, path: str) -> frozenset[str] | None:
        """Return the names in a folder, without slashes; None if the server does not list it.

        Parameters
        ----------
        path
            Path of the folder below the base, with a slash at its end.

        Raises
        ------
        ServerGone
            If the server does not answer.
        """
        if not self._by_bucket:
            content = self._read(path)
            if content is not None and not _S3.search(content[:1000]):
                return _names_in_page(content)
        found = self._names_in_bucket(path)
        self._by_bucket = found is not None
        return found

    def _read(self, path: str, **parameters: str) -> bytes | None:
        try:
            return self.transport.read(path, parameters)
        except Absent:
            return None
        except ServerGone:
            raise
        except ServiceError:
            return None

    def _names_in_bucket(self, path: str) -> frozenset[str] | None:
        """Return the names in a folder of a bucket, page by page."""
        prefix = f"{urlsplit(self.transport.base).path.strip('/')}/{path}".lstrip("/")
        names: set[str] = set()
        further: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            asked = {"list-type": "2", "delimiter": "/", "prefix": prefix} | further
            content = self._read("/", **asked)
            page = None if content is None else _names_in_xml(content, prefix)
            if page is None:
                return None
            names |= page[0]
            if not page[1]:
                break
            further = {"continuation-token": page[1]}
        return frozenset(names) or None


class _Links(HTMLParser):
    """Collects the targets of links."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the target of a link."""
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


def _names_in_page(content: bytes) -> frozenset[str] | None:
    """Return the names that an HTML page links to; None if it is not the page of a folder."""
    text = content.decode("utf-8", "replace")
    if not _FOLDER.search(text):
        return None
    links = _Links()
    links.feed(text)
    names = (unquote(target).removesuffix("/").removeprefix("./") for target in links.targets)
    return frozenset(name for name in names if _is_name(name))


def _names_in_xml(content: bytes, prefix: str) -> tuple[set[str], str] | None:
    """Return the names in a list of S3 and the token of its next page; None for other texts."""
    try:
        root = ET.fromstring(content)  # noqa: S314 - expat limits the growth of entities
    except ET.ParseError:
        return None
    if not root.tag.endswith("ListBucketResult"):
        return None
    names, further, truncated = set(), "", False
    for element in root.iter():
        tag, text = element.tag.rpartition("}")[2], element.text or ""
        if tag in {"Key", "Prefix"} and text.startswith(prefix):
            names.add(text.removeprefix(prefix).removesuffix("/"))
        elif tag == "NextContinuationToken":
            further = text
        elif tag == "IsTruncated":
            truncated = text.strip() == "true"
    return {name for name in names if _is_name(name)}, further if truncated else ""


def _is_name(name: str) -> bool:
    """Return True for a plain name of a file or folder, without a path."""
    return _NAME.fullmatch(name) is not None and name.strip(".") != ""
