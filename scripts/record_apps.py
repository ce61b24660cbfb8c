"""Record the answers of the apps, which ship with their notebooks, and their pictures.

``make recordings``, or ``python -m scripts.record_apps 3_gx_5_1`` for one of them. Recorded are
the choices that an app begins with and, one by one, the others, but for the number of windows.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oda_widgets.abilities import abilities
from oda_widgets.panels.apps import App
from oda_widgets.panels.apps.answer import Part, Run
from oda_widgets.views.still import in_few_colours
from scripts.apps import app_notebooks, opened
from scripts.gallery import PICTURES, write_gallery

_LOG = logging.getLogger("record_apps")
_DOTS_PER_INCH = 130
_MOST = 25_000_000  # bytes of all recordings


def recorded_choices(app: App) -> Iterator[dict[str, Any]]:
    """Iterate over the choices of an app that are recorded."""
    begin = dict(app.choices)
    yield begin
    for name, control in app.controls.items():
        if name != "windows":
            yield from (begin | {name: value} for _, value in control.options[1:])


def record(path: Path) -> None:
    """Record the answers of a notebook anew, and draw its picture."""
    with opened(path) as app:
        app.recording.remove()
        for number, choices in enumerate(recorded_choices(app)):
            run = Run(app.function, app.site, choices)
            parts = tuple(_told(app.name, part) for part in run.parts())
            app.recording.write(choices, app.site.name, parts)
            if number == 0:
                draw(app.name, parts)


def _told(name: str, part: Part) -> Part:
    numbers = ", ".join(f"{quantity} {value}" for quantity, value in part.values.items())
    _LOG.info("%s: %s in %.0f s: %s", name, part.figure, part.seconds, numbers)
    return part


def draw(name: str, parts: tuple[Part, ...]) -> None:
    """Keep a small picture of the first product, with what is beside it, for the gallery."""
    part = next(one for one in parts if "image/png" in abilities().still(one.shown))
    options = {"columns": 1, "dpi": _DOTS_PER_INCH, **part.options}
    picture = in_few_colours(abilities().picture(part.shown, "png", **options))
    (PICTURES / f"{name}.png").write_bytes(picture)


def main() -> None:
    """Record the apps that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="names of notebooks; by default all")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    paths = app_notebooks()
    for path in paths:
        if not options.names or path.stem in options.names:
            record(path)
    write_gallery(paths)
    size = sum(one.stat().st_size for one in (paths[0].parent / "recorded").glob("*.zip"))
    if size > _MOST:
        parser.error(f"the recordings have {size} bytes; {_MOST} are the most")


if __name__ == "__main__":
    main()
