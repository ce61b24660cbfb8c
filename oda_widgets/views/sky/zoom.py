"""The zoom of a sky image, for a session."""

from __future__ import annotations

from collections.abc import Callable

from oda_widgets.views.kept import Zoom
from oda_widgets.views.sky.frame import SkyFrame


class SkyZoom(Zoom):
    """The part of the sky on screen, if it is not the whole image.

    Parameters
    ----------
    frame
        Frame of the image; a wide one shows more than the image, which does not count as a zoom.
    on_change
        Called after the part on screen changed.
    """

    def __init__(self, frame: SkyFrame, on_change: Callable[[], object]) -> None:
        super().__init__(frame.plot, on_change=on_change)
        self._frame = frame

    @property
    def is_whole(self) -> bool:
        """Whether the whole image is on screen."""
        return self._frame.shows_whole
