"""Names of sources: text from anywhere, made safe to print, to write and to show."""

from __future__ import annotations

from typing import Any

from oda_widgets.errors import BadParameter, printable

_LONGEST = 1000  # characters


def source_name(parameter: str, value: Any) -> str:
    r"""Return the name of a source as printable text.

    All names pass here, so that none that is printed, written to a file or drawn on a page can
    move the cursor, end a line or turn the direction of what follows.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    value
        Text.

    Raises
    ------
    BadParameter
        If it is no text, has no letter, or more than 1,000.

    Examples
    --------
    >>> source_name("name", "Crab\u2028Nebula")
    'Crab Nebula'
    """
    if not isinstance(value, str):
        limit = "the name of a source is text"
        raise BadParameter(parameter, value, limit, 'Write for example "Crab".')
    name = printable(value)
    if not name.strip():
        raise BadParameter(parameter, value, "a source has no name", "Give it one.")
    if len(name) > _LONGEST:
        limit = f"the name of a source has more than {_LONGEST} characters"
        raise BadParameter(parameter, value, limit, "Shorten it.")
    return name
