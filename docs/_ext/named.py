"""References in docstrings: short names of ours get their page, names without a page must exist.

Names of other packages cannot be linked to without the network, those of our inner rooms have no
page. What cannot be imported either is a mistake, of which Sphinx warns.
"""

from __future__ import annotations

import pydoc
from typing import Any

from docutils import nodes
from generated import SUPPORTING
from sphinx.application import Sphinx

_MODULES = ("oda_widgets", *SUPPORTING)


def _resolved(app: Sphinx, environment: Any, node: Any, text: nodes.Node) -> nodes.Node | None:
    """Return a reference to a short name, or its text alone if there is no page."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    domain = environment.domains.python_domain
    for module in _MODULES:
        name = f"{module}.{target}"
        found = domain.resolve_xref(
            environment, node["refdoc"], app.builder, "obj", name, node, text
        )
        if found is not None:
            return found
    known = "." not in target or pydoc.locate(target) is not None
    return text if known else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at references that Sphinx cannot resolve."""
    app.connect("missing-reference", _resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
