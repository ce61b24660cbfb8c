"""One server for the tests of this folder."""

from __future__ import annotations

import pytest

from tests.servers.our_server import OurServer


@pytest.fixture
def server(our_server: OurServer) -> OurServer:
    """Give the server, with nothing left to do from other tests."""
    our_server.wait_until_idle()
    return our_server
