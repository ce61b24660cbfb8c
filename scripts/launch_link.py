"""Print the link that opens this clone's repository and branch on MyBinder, and its badge.

``python -m scripts.launch_link``, for the gallery; with the path of a page of Jupyter's server,
such as ``voila/render/notebooks/3_gx_5_1.ipynb``, for that.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from urllib.parse import quote

from scripts.apps import ROOT

GALLERY = "voila/tree/notebooks"
_BINDER = "https://mybinder.org"
_GITHUB = re.compile(
    r"(?:https?://|ssh://git@|git@)github\.com[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?$"
)


def link_of(remote: str, branch: str, page: str = GALLERY) -> str:
    """Return the link that opens a page of a repository on MyBinder.

    Parameters
    ----------
    remote
        Address of the repository, as git knows it; on GitHub or elsewhere.
    branch
        Name of the branch.
    page
        Path of the page.
    """
    on_github = _GITHUB.match(remote)
    place = f"gh/{on_github['name']}" if on_github else f"git/{quote(remote, safe='')}"
    return f"{_BINDER}/v2/{place}/{quote(branch, safe='')}?urlpath={quote(page, safe='')}"


def badge_of(link: str) -> str:
    """Return a link as a badge of a page in Markdown."""
    return f"[![Launch on Binder]({_BINDER}/badge_logo.svg)]({link})"


def main() -> None:
    """Print link and badge of the clone in which this lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", default=GALLERY)
    page = parser.parse_args().page
    try:
        remote = _git("remote", "get-url", "origin")
        branch = _git("rev-parse", "--abbrev-ref", "HEAD")
    except subprocess.CalledProcessError:
        sys.exit("This folder is no clone of a repository with a remote named origin.")
    link = link_of(remote, branch, page)
    sys.stdout.write(f"{link}\n{badge_of(link)}\n")


def _git(*words: str) -> str:
    command = ["git", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return done.stdout.strip()


if __name__ == "__main__":
    main()
