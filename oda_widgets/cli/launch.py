"""The link that opens this repository and branch on Binder: of a session there, or of a clone."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

GALLERY = "voila/tree/notebooks"
"""Path of the gallery on Binder."""

_BINDER = "https://mybinder.org"
_CLONE = Path(__file__).parents[2]
_PATIENCE = 5.0  # seconds for git
_GITHUB = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://git@|git@)github\.com[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?$"
)


def link_of(remote: str, branch: str, page: str = GALLERY) -> str:
    """Return the link that opens a page of a repository on MyBinder.

    Parameters
    ----------
    remote
        Address of the repository, as git knows it; on GitHub or elsewhere.
    branch
        Name of the branch, or a commit.
    page
        Path of the page.

    Returns
    -------
    str
        Empty if MyBinder cannot reach the repository: a folder, a machine without a public name,
        or one that is reached by SSH only.
    """
    on_github = _GITHUB.match(remote)
    public = "" if on_github else _public_address(remote)
    if not on_github and not public:
        return ""
    place = f"gh/{on_github['name']}" if on_github else f"git/{quote(public, safe='')}"
    return _link(_BINDER, f"v2/{place}/{quote(branch, safe='')}", page)


def own_link(page: str = GALLERY, environment: Mapping[str, str] = os.environ) -> str:
    """Return the link that opens this repository on Binder; empty without a public address.

    A session of Binder knows its repository and branch; elsewhere the clone around this package
    names them.
    """
    host, request = (environment.get(f"BINDER_{name}", "") for name in ("LAUNCH_HOST", "REQUEST"))
    if host.startswith("https://") and request.startswith("v2/"):
        return _link(host.rstrip("/"), request, page)
    return link_of(*_clone(), page)


def badge_of(link: str) -> str:
    """Return a link as a badge of a page in Markdown."""
    return f"[![Launch on Binder]({_BINDER}/badge_logo.svg)]({link})"


def _link(host: str, request: str, page: str) -> str:
    return f"{host}/{request}?urlpath={quote(page, safe='')}"


def _public_address(remote: str) -> str:
    """Return the address of a repository without names and passwords; empty if it is not public."""
    try:
        parts = urlsplit(remote)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or "." not in host.strip(".") or _is_private(host):
        return ""
    return f"https://{host}{f':{port}' if port else ''}{parts.path}"


def _is_private(host: str) -> bool:
    """Return whether a host is in a private network, by its number or its name."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.endswith((".local", ".localhost", ".internal", ".lan"))


def _clone() -> tuple[str, str]:
    """Return origin and branch, or commit, of the clone around this package, or empty texts."""
    if not (_CLONE / ".git").exists():  # an installed package may lie within another's clone
        return "", ""
    try:
        branch = _git("rev-parse", "--abbrev-ref", "HEAD")
        commit = _git("rev-parse", "HEAD") if branch == "HEAD" else branch
        return _git("remote", "get-url", "origin"), commit
    except (OSError, subprocess.SubprocessError):
        return "", ""


def _git(*words: str) -> str:
    command = ["git", *words]
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=_CLONE, capture_output=True, text=True, check=True, timeout=_PATIENCE
    )
    return done.stdout.strip()


def main() -> None:
    """Print the settings by which the gallery of Jupyter's server shows the link, for Binder."""
    settings = {"ServerApp": {"jinja_template_vars": {"launch": own_link()}}}
    sys.stdout.write(json.dumps(settings))


if __name__ == "__main__":
    main()
