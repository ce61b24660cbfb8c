"""The session of a page: undo and redo, its copy for a reload, and sessions of files."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from time import monotonic

from oda_widgets.panels.form import Form
from oda_widgets.panels.form_state import draw_form, read_form
from oda_widgets.panels.form_words import change_in_words
from oda_widgets.panels.job import JobPanel
from oda_widgets.panels.session import FormState, OnShow, Past, Session
from oda_widgets.panels.session_file import session_text
from oda_widgets.panels.stage import Act, Later, Stage
from oda_widgets.request.survey_query import AnyQuery
from oda_widgets.views.muted import Muted

_PATIENCE = 0.5  # seconds without a change before the session is kept


class SessionKeeper:
    """Notes the changes of a page, and draws it from a session.

    Parameters
    ----------
    form, jobs
        The form and the jobs of the page.
    stage
        Makes the changes that come from background threads.
    on_drawn
        Called after a form was drawn, with its contents.
    on_noted
        Called after a change was noted.
    keep
        Called with the text of the session some time after a change.
    results
        Returns which results are on show.

    Attributes
    ----------
    past
        The forms that undo and redo walk through.
    step
        What the last undo or redo changed, in words; empty after another change.
    """

    def __init__(
        self,
        form: Form,
        jobs: JobPanel,
        stage: Stage,
        *,
        on_drawn: Callable[[FormState], object],
        on_noted: Callable[[], object],
        keep: Callable[[str], object],
        results: Callable[[], OnShow],
    ) -> None:
        self.past = Past()
        self.step = ""
        self._form, self._jobs = form, jobs
        self._on_drawn, self._on_noted = on_drawn, on_noted
        self._keep, self._results = keep, results
        self._later = Later(stage, _PATIENCE)
        self._writing = Later(stage, 0.0)
        self._is_drawing = Muted()
        self._lock = RLock()
        self._asked: dict[str, FormState] = {}  # forms by the identity of their query

    @property
    def session(self) -> Session:
        """The session as it is."""
        form, jobs, seen = read_form(self._form), self._jobs.records, self._results()
        return Session(form, jobs, seen.shown, seen.tab, seen.tools, seen.views, self.past)

    @property
    def can_undo(self) -> bool:
        """Whether there is a form to return to."""
        return self.past.can_undo or (bool(self.past.forms) and self._unsettled)

    @property
    def can_redo(self) -> bool:
        """Whether a form was undone."""
        return self.past.can_redo and not self._unsettled

    def note(self) -> None:
        """Note a change; undo skips forms that hold no query and await none."""
        if self._is_drawing:
            return
        self.step = ""
        with self._lock:
            if not self._form.submit_button.disabled or self._form.pending:
                self.past = self.past.then(read_form(self._form), monotonic())
        self._on_noted()
        self.note_results()

    def note_results(self) -> None:
        """Note a change of jobs or results, which undo leaves alone."""
        self._later(lambda: self._write)

    def keep_now(self) -> None:
        """Keep the session without waiting for further changes."""
        self._write()

    def asked(self, query: AnyQuery) -> None:
        """Note the form of a submitted query, for when the page goes back to it."""
        self._asked[query.identity] = read_form(self._form)

    def form_of(self, query: AnyQuery) -> FormState | None:
        """Return the form that a query of this page came from; None if it is unknown."""
        return self._asked.get(query.identity)

    def undo(self) -> None:
        """Return to the form before the last change, and show which fields changed."""
        with self._lock:
            before = read_form(self._form)
            if self.past.forms and not self._unsettled:
                self.past = self.past.back()
            self._draw_present("Undone", before)

    def redo(self) -> None:
        """Return to the form that was undone last, and show which fields changed."""
        with self._lock:
            if self.can_redo:
                before = read_form(self._form)
                self.past = self.past.forth()
                self._draw_present("Redone", before)

    def draw(self, state: FormState) -> None:
        """Show the contents of a form; this can be undone."""
        with self._is_drawing:
            draw_form(self._form, state)
        self._on_drawn(state)
        self.note()

    def restore(self, session: Session) -> None:
        """Show the form and list the jobs of a session; if that fails, all stays as it was."""
        before, past = read_form(self._form), self.past
        self.past = session.past
        try:
            self.draw(session.form)
        except Exception:
            self.past = past
            with self._is_drawing:
                draw_form(self._form, before)
            self._on_drawn(before)
            raise
        self._jobs.restore(session.jobs)

    @property
    def _unsettled(self) -> bool:
        """Whether the form holds something that is not a query, such as half a name."""
        return self._form.submit_button.disabled and read_form(self._form) != self.past.present

    def _draw_present(self, done: str, before: FormState) -> None:
        if self.past.forms:
            with self._is_drawing:
                draw_form(self._form, self.past.present)
            self._on_drawn(self.past.present)
            words = change_in_words(before, self.past.present)
            self.step = f"{done}: {words}" if words else ""
            self._on_noted()
            self.note_results()

    def _write(self) -> None:
        """Read the session here, in the thread of its changes; write its text in another."""
        session = self.session
        self._writing(lambda: self._change_keeping(session))

    def _change_keeping(self, session: Session) -> Act:
        """Return the change that keeps the text of a session, which may take a second to write."""
        text = session_text(session)
        return lambda: self._keep(text)
