"""The form as a value, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oda_widgets.panels.session import FormState

if TYPE_CHECKING:
    from oda_widgets.panels.form import Form


def read_form(form: Form) -> FormState:
    """Return the contents of a form."""
    windows, energies, product = form.windows, form.energies, form.product
    return FormState(
        name=form.source.text,
        source=form.source.value,
        start=windows.start.value,
        stop=windows.stop.value,
        radius=windows.radius.value,
        limit=windows.limit.value,
        seed=windows.seed.value,
        windows=windows.found,
        chosen=windows.chosen,
        searching=windows.searching,
        instrument=energies.instrument.value,
        low=energies.low.value,
        high=energies.high.value,
        intervals=form.times.intervals,
        zero=form.times.zero,
        dates=form.times.in_dates,
        product=product.value,
        threshold=product.threshold.value,
        time_bin=product.time_bin.value,
        time_bin_chosen=product.time_bin_chosen,
        catalog=form.catalogue.catalog,
        origin=form.catalogue.origin,
    )


def draw_form(form: Form, state: FormState) -> None:
    """Show contents in the panels of a form."""
    with form.muted:
        # Windows follow the time selection: clear the old one before they change.
        form.times.show(())
        _draw_energies(form, state)
        form.source.draw(state.name, state.source)
        form.windows.draw(state)
        form.product.draw(state)
        form.times.draw(state)
        form.catalogue.use(state.catalog, state.origin)
    form.refresh()


def _draw_energies(form: Form, state: FormState) -> None:
    energies = form.energies
    offered = [value for _, value in energies.instrument.options]
    if state.instrument in offered:
        energies.instrument.value = state.instrument
    energies.low.value, energies.high.value = state.low, state.high
