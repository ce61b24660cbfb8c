"""References in docstrings: short names of the package lead to their page.

Names of other packages cannot be linked to without the network, and those of inner rooms have no
page: both are shown as text. Sphinx warns of names that cannot be imported either.
"""

from __future__ import annotations

import pydoc
from typing import Any

from docutils import nodes
from reference import modules
from sphinx.application import Sphinx


def _resolved(app: Sphinx, environment: Any, node: Any, text: nodes.Node) -> nodes.Node | None:
    """Return a reference to a short name, or its text alone if there is no page."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    domain = environment.domains.python_domain
    for module in modules():
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
