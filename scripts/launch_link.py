"""Print the link that opens this clone's repository and branch on Binder, and its badge.

``python -m scripts.launch_link``, for the gallery; with the path of a page of Jupyter's server,
such as ``voila/render/notebooks/3_gx_5_1.ipynb``, for that. ``--write`` puts the badge into README.
"""

from __future__ import annotations

import argparse
import re
import sys

from oda_widgets.cli.launch import GALLERY, badge_of, own_link
from oda_widgets.files import write_whole
from scripts.apps import ROOT

_README = ROOT / "README.md"
_BADGE = re.compile(r"^\[!\[Launch on Binder\].*$", re.MULTILINE)
_NONE = """\
There is no link: Binder opens repositories of GitHub, or of another public https:// server, and the
remote named origin of this folder is neither. Push it to one, or name one:
    git remote set-url origin https://github.com/OWNER/NAME
"""


def with_badge(readme: str, badge: str) -> str:
    """Return the text of README with a badge in the place of its own."""
    return _BADGE.sub(lambda _found: badge, readme, count=1)


def main() -> None:
    """Print link and badge of the clone in which this lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", default=GALLERY)
    parser.add_argument("--write", action="store_true", help="put the badge into README.md")
    options = parser.parse_args()
    link = own_link(options.page)
    if not link:
        sys.exit(_NONE)
    if options.write:
        text = with_badge(_README.read_text(encoding="utf-8"), badge_of(link))
        write_whole(_README, text.encode())
    sys.stdout.write(f"{link}\n{badge_of(link)}\n")


if __name__ == "__main__":
    main()
