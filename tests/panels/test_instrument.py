"""The panel of an instrument follows the description by the server."""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

import jwt
import pytest

import oda_widgets as oda
from oda_widgets.panels.instrument import InstrumentPanel, shown
from oda_widgets.protocol.generic_products import GenericProduct, ProductKind
from tests.panels.turns import wait_until
from tests.servers.real_dispatcher import SECRET


@pytest.fixture(scope="module")
def site(real_dispatcher: str) -> oda.Site:
    return oda.connect(real_dispatcher, token="")


def finish(asking: Thread) -> None:
    """Wait for an answer, and show it."""
    wait_until(lambda: not asking.is_alive())


def text_of(widget: Any) -> str:
    """Return all text in a widget."""
    children = [text_of(child) for child in getattr(widget, "children", ())]
    return " ".join([str(getattr(widget, "value", "")), *children])


def test_each_parameter_has_a_field_and_a_product_is_shown(site: oda.Site) -> None:
    panel = InstrumentPanel(site.instrument("jemx"))
    panel.product.value = "jemx_lc"
    assert {"RA", "E1_keV", "jemx_num", "time_bin"} <= panel.fields.keys()
    assert panel.changed == {}
    panel.kind.value = "Dummy"
    panel.fields["E1_keV"].value = "5"
    assert panel.changed == {"E1_keV": "5"}
    finish(panel.ask())
    assert "light curve: jemx_lc" in text_of(panel.results)
    assert "TIME" in text_of(panel.results)
    assert not panel.ask_button.disabled


def test_errors_stand_beside_the_form(site: oda.Site) -> None:
    panel = InstrumentPanel(site.instrument("empty"))
    panel.product.value = "numerical"
    panel.fields["p"].value = "many"
    finish(panel.ask())
    assert "p=&#x27;many&#x27;: not a number" in panel.message.value
    assert panel.results.children == ()


def test_texts_of_a_server_are_escaped() -> None:
    hostile = "<script>alert(1)</script>"
    view = shown(GenericProduct(ProductKind.TEXT, hostile, hostile, {}))
    assert "<script>" not in text_of(view)
    assert "&lt;script&gt;" in text_of(view)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # the kit's
def test_a_token_that_is_wanted_is_asked_for_and_used(site: oda.Site) -> None:
    panel = InstrumentPanel(site.instrument("empty"))
    panel.product.value = "numerical"
    panel.kind.value = "Dummy"
    panel.fields["p"].value = "4"
    finish(panel.ask())
    assert panel.token.layout.display == ""
    claims = {"sub": "somebody@example.org", "roles": "general", "exp": time.time() + 100}
    panel.token.field.value = jwt.encode(claims, SECRET, algorithm="HS256")
    wait_until(lambda: panel.results.children)
    assert panel.token.layout.display == "none"
    assert panel.message.value == ""
