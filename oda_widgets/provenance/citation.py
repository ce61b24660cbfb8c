"""Write the text and the references to cite with a product."""

from __future__ import annotations

from oda_widgets.provenance.step import Step
from oda_widgets.request.instruments import described
from oda_widgets.version import __version__

_MOST_NAMED = 5
_TEMPLATE = "BinMaps"  # steps that take efficiencies of pixels from neighbouring science windows
_MISSION = "Winkler, C., Courvoisier, T. J.-L., Di Cocco, G., et al. 2003, A&A, 411, L1 (INTEGRAL)"
_DECODING = "Goldwurm, A., David, P., Foschini, L., et al. 2003, A&A, 411, L223 (decoding)"
_ONLINE = "Neronov, A., Savchenko, V., Tramacere, A., et al. 2021, A&A, 651, A97 (online analysis)"


def citation(
    steps: tuple[Step, ...],
    archive: str,
    *,
    simulated: bool,
    instrument: str = "isgri",
    dispatcher: str = "",
) -> str:
    """Return a sentence on the origin of a product, and the works to cite.

    Parameters
    ----------
    steps
        History of the product; the last step made it.
    archive
        Name of the archive of its events.
    simulated
        True if any of the events are not real.
    instrument
        Our name of the instrument.
    dispatcher
        Address of the dispatcher that made the product; empty if none did.
    """
    known = described(instrument)
    windows, neighbours = _windows(steps)
    kind = "SIMULATED events" if simulated else "events"
    origin = f" of {_named(windows)}" if windows else ""
    software = "It was not made with the ISDC's Off-line Scientific Analysis."
    if dispatcher:
        software = f"It was analysed at {dispatcher}, with the software of that server."
    sentence = (
        f"The product was made with oda_widgets {__version__} (step {steps[-1].name}, "
        f"identifier {steps[-1].id}) from {known.label} {kind}{origin} "
        f"({archive}){_calibrated_by(len(neighbours))}. {software}"
    )
    credit = (
        "Based on observations with INTEGRAL, an ESA project with instruments and science data "
        "centre funded by ESA member states, and with the participation of Russia and the USA."
    )
    decoding = (_DECODING,) if known.sources else ()
    cited = (_MISSION, *known.references, *decoding, _ONLINE)
    works = "\n".join(f"- {work}" for work in cited)
    return f"{sentence}\n{'' if simulated else credit}\n\nReferences\n{works}\n"


def _windows(steps: tuple[Step, ...]) -> tuple[list[str], list[str]]:
    """Return the science windows that were analysed, and those that only calibrate pixels."""
    by_id = {step.id: step for step in steps}
    analysed: set[str] = set()
    pending = [steps[-1].id]
    while pending:
        step = by_id[pending.pop()]
        if step.id not in analysed and not step.name.startswith(_TEMPLATE):
            analysed.add(step.id)
            pending += step.inputs
    observed = [step for step in steps if "science_window" in step.parameters]
    return (
        [str(step.parameters["science_window"]) for step in observed if step.id in analysed],
        [str(step.parameters["science_window"]) for step in observed if step.id not in analysed],
    )


def _calibrated_by(neighbours: int) -> str:
    if not neighbours:
        return ""
    return f", with efficiencies of pixels from {neighbours} neighbouring science windows"


def _named(windows: list[str]) -> str:
    if len(windows) == 1:
        return f"science window {windows[0]}"
    named = ", ".join(windows[:_MOST_NAMED])
    more = f" and {len(windows) - _MOST_NAMED} more" if len(windows) > _MOST_NAMED else ""
    return f"{len(windows)} science windows: {named}{more}"
