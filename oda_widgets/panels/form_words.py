"""The fields of the form that an undo or redo changed, in words."""

from __future__ import annotations

from oda_widgets.panels.session import FormState, changed_fields

_WORDS = {
    "name": "source",
    "source": "source",
    "start": "From",
    "stop": "to",
    "radius": "Radius",
    "limit": "At most",
    "seed": "Seed",
    "windows": "science windows",
    "chosen": "science windows",
    "instrument": "instrument",
    "low": "energies",
    "high": "energies",
    "intervals": "time selection",
    "product": "product",
    "threshold": "Detection threshold",
    "time_bin": "Time bin",
    "catalog": "catalogue",
    "origin": "catalogue",
}
_TYPED = ("start", "stop", "radius", "limit", "seed", "low", "high", "threshold", "time_bin")


def change_in_words(before: FormState, after: FormState) -> str:
    """Name the fields in which two forms differ, for example "source, science windows".

    If only one differs, its new content follows: "energies, now 20 to 40".
    """
    names = changed_fields(before, after)
    typed = [name for name in _TYPED if name in names]
    words = list(dict.fromkeys(word for name, word in _WORDS.items() if name in names))
    if len(words) == 1 and typed:
        now = " to ".join(getattr(after, name) or "empty" for name in typed)
        return f"{words[0]}, now {now}"
    return ", ".join(words)
