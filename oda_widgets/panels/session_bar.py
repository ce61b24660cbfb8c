"""The session in the header: undo, redo, copy the link, save, open, export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from ipywidgets import HBox, ToggleButton, VBox

from oda_widgets.panels.card import button, quiet, row
from oda_widgets.panels.session_file import LARGEST, SUFFIX
from oda_widgets.views.copy import CopyButton
from oda_widgets.views.download import DownloadButton
from oda_widgets.views.file_button import FileButton
from oda_widgets.views.message import Message, shown_in

_KEPT = (
    "A reload of this page finds the session again. A file of it opens on any page; the zip has "
    "the results on show as FITS and figures, with code, provenance and citation."
)
_LOCAL = (
    "Copied. It opens on this computer only, in another browser with the token of the app. "
    "A colleague opens your session file in an app of their own:"
)


@dataclass(frozen=True)
class SessionActions:
    """Functions that the bar calls.

    Parameters
    ----------
    undo, redo
        Walk through the changes of the form.
    save, notebook, archive
        Return the content of a file: session, notebook, zip.
    open
        Called with the content of a session file.
    start_anew
        Empties the session.
    """

    undo: Callable[[], object]
    redo: Callable[[], object]
    save: Callable[[], bytes]
    notebook: Callable[[], bytes]
    archive: Callable[[], bytes]
    open: Callable[[bytes], object]
    start_anew: Callable[[], object]


class SessionBar(HBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Buttons for the session; `panel` holds those that are needed less often.

    Parameters
    ----------
    actions
        What the buttons do.
    """

    def __init__(self, actions: SessionActions) -> None:
        self._actions = actions
        self.undo_button = button("↶ Undo", "Undo the last change of the form (Ctrl+Z)", "oda-chip")
        self.redo_button = button("↷ Redo", "Redo what was undone (Ctrl+Y)", "oda-chip")
        self.link = CopyButton("", "Copy link", self._link_copied)
        self.toggle = ToggleButton(
            description="Session", tooltip="Save, open or export this session"
        )
        self.toggle.add_class("oda-chip")
        self.message = Message()
        self.open_button = FileButton(
            "Open…", ".json", lambda _name, content: actions.open(content), LARGEST, self.message
        )
        self.panel = VBox([self._files(), quiet(_KEPT), self.message])
        self.panel.add_class("oda-card")
        self.panel.add_class("oda-session-panel")
        self.panel.layout.display = "none"
        self.undo_button.on_click(lambda _button: self._call(actions.undo))
        self.redo_button.on_click(lambda _button: self._call(actions.redo))
        self.toggle.observe(lambda change: self._fold(shown=change["new"]), names="value")
        self.step = quiet()
        self.step.add_class("oda-step-undone")
        self.for_colleague = DownloadButton(
            f"session{SUFFIX}", actions.save, "Save session file", self.message
        )
        self.for_colleague.layout.display = "none"
        super().__init__(
            [
                self.step,
                self.for_colleague,
                self.undo_button,
                self.redo_button,
                self.link,
                self.toggle,
            ]
        )
        self.add_class("oda-session-bar")
        self.show(can_undo=False, can_redo=False)

    def show(self, *, can_undo: bool, can_redo: bool, step: str = "") -> None:
        """Show what can be undone and redone, and what the last of these steps changed."""
        self._show_step(step)
        self.for_colleague.layout.display = "none"
        self.undo_button.disabled, self.redo_button.disabled = not can_undo, not can_redo

    def _show_step(self, text: str) -> None:
        self.step.value = f'<span role="status">{escape(text)}</span>'

    def show_link(self, link: str, without: str = "") -> None:
        """Offer to copy a link, the part after the question mark; without one, show the reason."""
        self.link.text = f"?{link}" if link else ""
        self.link.without = "" if link else without

    def tell(self, remark: str) -> None:
        """Unfold the panel, and show a remark about the session in it, if there is one."""
        if remark:
            self.toggle.value = True
            self.message.note(remark)

    def _link_copied(self, local: bool) -> None:  # noqa: FBT001 - as the button calls it
        """Say where a copied link opens."""
        self._show_step(_LOCAL if local else "")
        self.for_colleague.layout.display = "" if local else "none"

    def _files(self) -> HBox:
        anew = button("New session", "Forget this session and begin anew", "oda-chip")
        anew.on_click(lambda _button: self._call(self._actions.start_anew))
        return row(
            DownloadButton(f"session{SUFFIX}", self._actions.save, "Save", self.message),
            self.open_button,
            DownloadButton("session.ipynb", self._actions.notebook, "Notebook", self.message),
            DownloadButton("session.zip", self._actions.archive, "Results (zip)", self.message),
            anew,
        )

    def _fold(self, *, shown: bool) -> None:
        self.panel.layout.display = "" if shown else "none"

    def _call(self, act: Callable[[], object]) -> None:
        with shown_in(self.message):
            act()
