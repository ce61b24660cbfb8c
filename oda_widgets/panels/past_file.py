"""The steps of undo in the file of a session, with each window list and catalogue once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.panels.form_file import (
    catalog_content,
    fields_content,
    read_catalog,
    read_fields,
    read_windows,
    windows_content,
)
from oda_widgets.panels.session import FormState, Past
from oda_widgets.panels.session_values import (
    SAVED_BY_US,
    list_in,
    mapping_in,
    whole_number_in,
)

MOST_STEPS = 40


def past_content(past: Past, most: int) -> dict[str, Any] | None:
    """Return the forms around the present one, at most so many, as values of JSON."""
    if not past.forms:
        return None
    first = max(0, min(past.place - most // 2, len(past.forms) - most))
    forms = past.forms[first : first + most]
    windows = {id(form.windows): form.windows for form in forms}
    catalogs = {id(form.catalog): form.catalog for form in forms}
    places = list(windows), list(catalogs)
    return {
        "windows": [{"windows": windows_content(found)} for found in windows.values()],
        "catalogs": [catalog_content(catalog) for catalog in catalogs.values()],
        "forms": [
            {
                **fields_content(form),
                "windows": places[0].index(id(form.windows)),
                "catalog": places[1].index(id(form.catalog)),
            }
            for form in forms
        ],
        "place": past.place - first,
    }


def read_past(session: Mapping[str, Any]) -> Past:
    """Return the steps of undo in a session; files of older pages have none.

    Raises
    ------
    DamagedFile, BadParameter
        If a value in them cannot be accepted.
    """
    if session.get("past") is None:
        return Past()
    content = mapping_in(session, "past")
    windows = [read_windows(_group(item)) for item in list_in(content, "windows", MOST_STEPS)]
    catalogs = [read_catalog(_group(item)) for item in list_in(content, "catalogs", MOST_STEPS)]

    def form(item: Any) -> FormState:
        fields = _group(item)
        found = windows[whole_number_in(fields, "windows", len(windows) - 1)]
        catalog = catalogs[whole_number_in(fields, "catalog", len(catalogs) - 1)]
        return read_fields(fields, found, catalog)

    forms = tuple(map(form, list_in(content, "forms", MOST_STEPS)))
    return Past.again(forms, whole_number_in(content, "place", len(forms) - 1))


def _group(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise DamagedFile(f"A step of undo in it is {shorten(item)}.", SAVED_BY_US)
    return item
