"""Settings: defaults, then a TOML file, then environment variables.

The file is ``settings.toml`` in the configuration folder of the platform; each setting has an
environment variable ``ODA_WIDGETS_<NAME>``. Both refuse unknown names.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from math import nan
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path, user_config_path

from oda_widgets.errors import BadParameter

_APPLICATION = "oda_widgets"
_PREFIX = "ODA_WIDGETS_"
_OF_TESTS = "ODA_WIDGETS_TEST_"  # variables for the tests of the package
_FOLDERS = frozenset({"cache_folder"})
_LARGEST = 1e9  # GB


@dataclass(frozen=True)
class Settings:
    """Settings that hold for all sessions.

    Parameters
    ----------
    cache_folder
        Folder of indices, stored results and jobs of the server; by default the cache folder of
        the platform.
    archive
        The archive that ``connect()`` opens: a folder, "heasarc", "isdc", an address, "sample" or
        "simulated"; empty for the last two together.
    store_limit
        Largest size of the store of results in GB; 0 turns the store off.
    fetch_limit
        Largest size in GB of the event files kept from an archive on a server; the least recently
        used are removed first.
    executor
        Where science windows are computed: "processes" (one per core), "none" (this process), a
        number of worker processes, or the address of a Dask scheduler.
    online
        Whether names may be looked up at SIMBAD and NED, and counts of SPI-ACS at the ISDC, over
        the network.
    shield_service
        Address of the service for counts of SPI-ACS; empty for that of MMODA.
    """

    cache_folder: Path = field(default_factory=lambda: user_cache_path(_APPLICATION))
    archive: str = ""
    store_limit: float = 10.0
    fetch_limit: float = 50.0
    executor: str = "processes"
    online: bool = True
    shield_service: str = ""

    @property
    def store_folder(self) -> Path:
        """Folder of computed results."""
        return self.cache_folder / "store"

    @property
    def store_bytes(self) -> int:
        """Largest size of the store, bytes."""
        return int(self.store_limit * 1e9)

    @property
    def fetch_bytes(self) -> int:
        """Largest size of the fetched event files of an archive, bytes."""
        return int(self.fetch_limit * 1e9)


def settings_file() -> Path:
    """Return the path of the settings file, which need not exist."""
    return user_config_path(_APPLICATION) / "settings.toml"


def load_settings(file: Path | None = None) -> Settings:
    """Return the settings in force.

    Raises
    ------
    BadParameter
        If the file or a variable has an unknown name or an invalid value.
    """
    return _updated(_updated(Settings(), _from_file(file or settings_file())), _from_environment())


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        advice = "Correct or remove the file."
        if isinstance(error, OSError):
            reason, advice = (
                error.strerror or reason,
                "Make it readable, or set HOME to your folder.",
            )
        limit = f"cannot be read ({reason})"
        raise BadParameter("settings", str(file), limit, advice) from None


def _from_environment() -> dict[str, Any]:
    names = {f"{_PREFIX}{name.upper()}": name for name in _names()}
    given = {key: value for key, value in os.environ.items() if key.startswith(_PREFIX)}
    for key, value in given.items():
        if key not in names and not key.startswith(_OF_TESTS):
            advice = f"Unset it, or choose one of: {', '.join(sorted(names))}."
            raise BadParameter(key, value, "no such setting", advice)
    # As in other programs, an empty text unsets the folder; Path("") would be the current one.
    unset = {key for key, value in given.items() if not value and names.get(key) in _FOLDERS}
    return {names[key]: value for key, value in given.items() if key in names.keys() - unset}


def _names() -> tuple[str, ...]:
    return tuple(f.name for f in fields(Settings))


def _updated(settings: Settings, values: dict[str, Any]) -> Settings:
    for name in values:
        if name not in _names():
            advice = f"Known settings are: {', '.join(sorted(_names()))}."
            raise BadParameter("settings", name, "no such setting", advice)
    return replace(settings, **{name: _converted(name, value) for name, value in values.items()})


def _converted(name: str, value: Any) -> Any:
    if name == "cache_folder":
        return Path(_text(name, value)).expanduser()
    if name in {"store_limit", "fetch_limit"}:
        return gigabytes(name, value)
    if name == "online":
        return _boolean(value)
    return _text(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str | Path):
        raise BadParameter(name, value, "not a text", 'Write it in quotes: "...".')
    return str(value)


def gigabytes(name: str, value: Any) -> float:
    """Return a size in GB that a disk can have.

    Raises
    ------
    BadParameter
        If it is not a number, is below 0, or is larger than any disk.
    """
    try:
        size = float(value)
    except (TypeError, ValueError, OverflowError):
        size = nan
    if not 0 <= size <= _LARGEST:
        limit = f"not a size of 0 to {_LARGEST:g} GB"
        raise BadParameter(name, value, limit, "Write for example 10.")
    return size


def _boolean(value: Any) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    text = str(value).strip().casefold()
    if text not in words:
        raise BadParameter("online", value, "neither true nor false", "Write true or false.")
    return words[text]
