"""Unusable files: translate errors of other libraries, with the file and the next step."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oda_widgets.errors import ArchiveError, DamagedFile
from oda_widgets.files import check_regular

FETCH_AGAIN = "Fetch the file again, or leave this science window out."
"""Advice on a file that cannot be used."""


class ContentError(Exception):
    """Error in the contents of a file, raised where its name is not known."""


class NamedContentError(ContentError):
    """Error in the contents of a file that its message names."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn exceptions raised while reading a file into errors that name the file.

    Raises
    ------
    ArchiveError
        If the file is not there or may not be read.
    DamagedFile
        If its contents cannot be used.
    """
    try:
        check_regular(path)
        yield
    except FileNotFoundError:
        advice = "Check the folder, or list the science windows again."
        raise ArchiveError(f"{path} does not exist.", advice) from None
    except PermissionError:
        advice = f"Give yourself the right to read it, for example: {_chmod_command(path)}"
        raise ArchiveError(f"{path} may not be read.", advice) from None
    except ContentError as finding:
        raise DamagedFile(f"{path} {finding}.", FETCH_AGAIN) from None
    except EOFError:
        raise DamagedFile(f"{path} is truncated.", FETCH_AGAIN) from None
    except zlib.error as error:
        raise DamagedFile(f"{path} is damaged gzip ({error}).", FETCH_AGAIN) from None
    except MemoryError:
        problem = f"{path} announces more data than there is memory."
        raise DamagedFile(problem, FETCH_AGAIN) from None
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror or error})."
        raise DamagedFile(problem, FETCH_AGAIN) from None


def _chmod_command(path: Path) -> str:
    """Return the command that makes a file, or the first closed folder above it, readable."""
    closed = next((one for one in reversed(path.parents) if not os.access(one, os.X_OK)), path)
    return f"chmod {'u+rx' if closed.is_dir() else 'u+r'} {closed}"
