"""Recorded answers of an app, which ship with its notebook and are shown at once.

A recording is a file of `oda_widgets.backend.recorded`, whose members are checked by their hash.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.backend.recorded.recording_file import RecordingFile
from oda_widgets.errors import DamagedFile, EmptySelection
from oda_widgets.panels.apps.answer import Choices, Part
from oda_widgets.panels.apps.drawing import Drawing
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.views.still import in_few_colours

_AGAIN = "Press Compute again."
_DOTS_PER_INCH, _COLUMNS = 170, 2  # of the figures for publication: 1,205 pixels wide


@dataclass(frozen=True)
class Answer:
    """All parts of an answer.

    Parameters
    ----------
    parts
        Its figures.
    made
        Day on which it was computed, UTC.
    site
        Name of the site that answered.
    seconds
        Time that the computation took.
    """

    parts: tuple[Part, ...]
    made: str
    site: str
    seconds: float


class AppRecording:
    """The recorded answers of one app.

    Parameters
    ----------
    path
        The file; it need not exist.
    name
        Name of the app.
    code
        Its function and all that this reads: an answer is valid for the code that computed it.
    connection
        Python that connects to the site: an answer is valid for the site that was queried.
    """

    def __init__(self, path: Path, name: str, code: str, connection: str) -> None:
        self._path, self._name = path, name
        self._code, self._connection = map(_digest, (code, connection))

    def read(self, choices: Choices) -> Answer:
        """Return the answer for some choices.

        Raises
        ------
        EmptySelection
            If it was not recorded, or by another app, with other code or over another site.
        DamagedFile
            If it was changed.
        """
        if not self._path.is_file():
            raise EmptySelection(f"There is no recording {self._path.name}.", _AGAIN)
        file = RecordingFile(self._path)
        self._check_name(file.name())
        document = file.read(_key(choices))
        if document is None:
            problem = f"{self._path.name} has no answer for {_choices_text(choices)}."
            raise EmptySelection(problem, _AGAIN)
        self._check_origin(document)
        try:
            return _answer(document)
        except (KeyError, TypeError, ValueError) as error:
            problem = f"An answer in {self._path.name} cannot be read ({type(error).__name__})."
            raise DamagedFile(problem, _AGAIN) from error

    def write(self, choices: Choices, site: str, parts: tuple[Part, ...]) -> None:
        """Add an answer.

        Raises
        ------
        BadParameter
            If the file cannot be written.
        EmptySelection
            If it is the recording of another app.
        """
        self._path.parent.mkdir(exist_ok=True)
        file = RecordingFile(self._path)
        file.begin(self._name)
        self._check_name(file.name())
        file.add(_key(choices), json.dumps(self._document(site, parts)).encode())

    def remove(self) -> None:
        """Remove the file, so that it can be recorded anew."""
        self._path.unlink(missing_ok=True)

    def _check_name(self, name: str) -> None:
        if name != self._name:
            problem = f"{self._path.name} holds answers of {name}, not of {self._name}."
            raise EmptySelection(problem, _AGAIN)

    def _check_origin(self, document: Any) -> None:
        other = ""
        if document.get("connection") != self._connection:
            other = "over another site than that of this page"
        if document.get("code") != self._code:
            other = "with other code, or other values that it reads, than those of this page"
        if other:
            raise EmptySelection(f"{self._path.name} was recorded {other}.", _AGAIN)

    def _document(self, site: str, parts: tuple[Part, ...]) -> dict[str, Any]:
        return {
            "code": self._code,
            "connection": self._connection,
            "made": datetime.now(UTC).strftime("%Y-%m-%d"),
            "site": site,
            "seconds": sum(part.seconds for part in parts),
            "parts": [_part_document(part) for part in parts],
        }


def _part_document(part: Part) -> dict[str, Any]:
    return {
        "figure": part.figure,
        "values": {name: list(value) for name, value in part.values.items()},
        "notes": list(part.notes),
        "seconds": part.seconds,
        "drawing": Drawing.of(part.shown, **part.options).documents,
        "picture": b64encode(_picture(part)).decode(),
    }


def _picture(part: Part) -> bytes:
    """Return the figure for publication as a PNG."""
    options = {"columns": _COLUMNS, "dpi": _DOTS_PER_INCH, **part.options}
    return in_few_colours(abilities().picture(part.shown, "png", **options))


def _answer(document: dict[str, Any]) -> Answer:
    parts = tuple(
        Part(
            one["figure"],
            Drawing(tuple(one["drawing"])),
            {name: Estimate(*value) for name, value in one["values"].items()},
            tuple(one["notes"]),
            one["seconds"],
            picture=b64decode(one["picture"]),
        )
        for one in document["parts"]
    )
    return Answer(parts, document["made"], document["site"], document["seconds"])


def _key(choices: Choices) -> str:
    return _digest(json.dumps(dict(choices), sort_keys=True, default=str))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _choices_text(choices: Choices) -> str:
    return ", ".join(f"{name} = {value}" for name, value in choices.items()) or "this page"
