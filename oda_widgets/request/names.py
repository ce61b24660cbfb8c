"""Names of sources, made safe to print, to write to files and to show."""

from __future__ import annotations

from typing import Any

from oda_widgets.errors import BadParameter, printable

_LONGEST = 1000  # characters


def source_name(parameter: str, value: Any) -> str:
    r"""Return the name of a source as printable text.

    All names pass through here, so that no name can move the cursor of a terminal, end a line or
    reverse the direction of text where it is shown.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    value
        Text of 1 to 1,000 characters; control characters become blanks.

    Raises
    ------
    BadParameter
        If it is not text, or too short or too long.

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
