"""The server of the web app: Voila behind a door, with a token and an orderly end."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
import threading
import webbrowser
from html import escape
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

import nbformat
from jinja2 import ChoiceLoader, DictLoader
from jupyter_core.paths import jupyter_config_path
from nbformat.sign import MemorySignatureStore
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import HTTPError
from traitlets import List, Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from oda_widgets.cli.app import WORKBENCH
from oda_widgets.cli.launch import own_link
from oda_widgets.cli.page_connections import LIMITS, PageConnections, raise_limit_of_files
from oda_widgets.cli.page_door import MISSING, OWN_NAMES, Door, MessagePage
from oda_widgets.cli.page_entrance import new_door
from oda_widgets.cli.page_kernels import PageKernels
from oda_widgets.cli.page_life import PageEnd, PageStart, is_to_be_logged
from oda_widgets.cli.page_socket import PageSocket
from oda_widgets.workers.stop_signals import stop_signals

_OPENING = (
    '<!doctype html><meta charset="utf-8"><title>oda_widgets</title>'
    '<meta http-equiv="refresh" content="0; url={address}"><a href="{address}">Open oda_widgets</a>'
)
# Those of Jupyter need files that Voila does not serve, and fail.
_FAULT = (
    '<!doctype html><meta charset="utf-8"><title>oda_widgets</title><p>'
    "{{ message or status_message }} ({{ status_code }}). "
    "The output of <code>oda-widgets app</code> may say more.</p>"
)
_HERE = "127.0.0.1"
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - recognised, not chosen
# A kernel that has run the workbench already waits for the next page: it opens at once.
_POOLS = {"default": {"pool_size": 0}, WORKBENCH: {"pool_size": 1}}


class PageServer(Voila):  # type: ignore[misc]  # Voila publishes no types
    """Voila for this machine's user alone."""

    base_url: str
    _is_stopping = False

    names = List(Unicode(), config=True, help="Further names by which the server may be called.")

    def _config_file_paths_default(self) -> list[str]:
        """Return the folders of settings, without the current one, which Voila would read too."""
        return list(jupyter_config_path())

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the options; from now on signals end the server and its kernels."""
        # Options of a command can be mappings of texts only; this is a mapping of mappings.
        pools = {"kernel_pools_config": _POOLS}
        # Keep signatures in this process, apart from those of the user's own notebooks.
        signatures = {"store_factory": MemorySignatureStore, "secret": token_bytes()}
        self.update_config(Config(VoilaKernelManager=pools, NotebookNotary=signatures))
        super().initialize(argv)
        self.auto_token = True
        self.log.addFilter(is_to_be_logged)
        self.voila_configuration.multi_kernel_manager_class = PageKernels
        for number in stop_signals():
            signal.signal(number, self._handle_signal_stop)

    def init_settings(self) -> dict[str, Any]:
        """Return Voila's settings, with a cookie that pages of other sites cannot use."""
        # Cookies know no ports: see `Entrance`.
        self._outside = f"{self.base_url.rstrip('/')}/"
        self.base_url = self.server_url = f"{self._outside}{new_door()}/"
        settings: dict[str, Any] = super().init_settings()
        # A page at another port may set cookies for this one; it cannot guess this name.
        self.identity_provider.cookie_name = f"oda-widgets-{token_hex(8)}"
        self.identity_provider.cookie_options = {"samesite": "Strict"}
        settings |= {
            "login_url": self._outside,
            "headers": {"Referrer-Policy": "same-origin"},
            "xsrf_cookie_kwargs": {"path": self.base_url},
            "jinja_template_vars": {"launch": own_link()},
            "default_handler_class": MessagePage,
            "default_handler_args": {"status": 404, "text": MISSING},
        }
        for name in ("jinja2_env", "voila_jinja2_env"):
            given = settings[name].loader
            settings[name].loader = ChoiceLoader([DictLoader({"error.html": _FAULT}), given])
        self._sign_notebooks()
        return settings

    def _sign_notebooks(self) -> None:
        """Sign the notebooks that are served, which belong to the package."""
        contents = self.contents_manager
        for path in sorted(Path(contents.root_dir).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
            contents.notary.sign(notebook)

    def init_handlers(self) -> list[Any]:
        """Return our rules, then those of Voila."""
        kernels = self.kernel_manager
        door = Door(
            names={*OWN_NAMES, *self.names},
            outside=self._outside,
            door=self.base_url,
            is_full=kernels.is_full,
            full=kernels.full_text,
            workbench=WORKBENCH,
        )
        ours = {
            VoilaKernelWebsocketHandler: PageSocket,
            TornadoVoilaHandler: PageStart,
            VoilaShutdownKernelHandler: PageEnd,
        }
        voilas = [
            (address, ours.get(handler, handler), *words)
            for address, handler, *words in super().init_handlers()
        ]
        return [*door.rules(), *voilas]

    def listen(self) -> None:
        """Serve until a signal comes."""
        self.ioloop: Any = IOLoop.current()  # Tornado's types do not know which loop it is
        kernels = self.kernel_manager
        raise_limit_of_files()
        self.app.listen = PageConnections(self.app, **LIMITS).listen
        PeriodicCallback(kernels.end_unused, 1000 * kernels.look_seconds).start()
        self.ioloop.add_callback(self._stop_loop_if_stopping)
        super().listen()

    def stop(self) -> None:
        """End the kernels, then remove the files of their connections.

        The event loop runs meanwhile: kernels that are just starting need it.
        """
        loop = self.ioloop.asyncio_loop
        try:
            loop.run_until_complete(self.kernel_manager.shutdown_all())
        except (HTTPError, RuntimeError) as error:  # it still starts, or a second signal came
            self.log.critical("A kernel is left to end by itself: %s.", error)
        shutil.rmtree(self.connection_dir, ignore_errors=True)  # a kernel may remove its own

    def _url(self, ip: str) -> str:
        """Return the address that is printed and opened, with a name that the door accepts."""
        url: str = super()._url(_HERE if self.ip in _EVERYWHERE else ip)
        return url.removesuffix(self.base_url) + self._outside

    def launch_browser(self) -> None:
        """Open the page by a file: other users can see the address in the words of a command."""
        try:
            browser = webbrowser.get(self.browser or None)
        except webbrowser.Error as error:
            self.log.warning("No web browser found: %s.", error)
            return
        token = self.identity_provider.token
        address = f"{self.connection_url}?token={token}" if token else self.connection_url
        descriptor, name = tempfile.mkstemp(suffix=".html")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_OPENING.format(address=escape(address)))
        words = (Path(name).as_uri(), self.webbrowser_open_new)
        threading.Thread(target=browser.open, args=words, daemon=True).start()

    def _handle_signal_stop(self, number: int, _frame: Any) -> None:
        """Stop serving, once; kernels are ended when the loop has stopped."""
        if not self._is_stopping:
            self._is_stopping = True
            self.log.info("Stopping (%s).", signal.Signals(number).name)
            if hasattr(self, "ioloop"):
                self.ioloop.add_callback_from_signal(self._stop_loop_if_stopping)

    def _stop_loop_if_stopping(self) -> None:
        if self._is_stopping:
            # Work that is cut off from now on, such as pages that wait, is no error to report.
            logging.disable(logging.ERROR)
            self.ioloop.stop()
