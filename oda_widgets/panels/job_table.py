"""All jobs of the session in a table: source, product, band, windows, state, time."""

from __future__ import annotations

from oda_widgets.backend.job import FINAL, JobStatus
from oda_widgets.panels.kept_job import AnyJob, KeptJob
from oda_widgets.panels.query_text import kind_of, product_word
from oda_widgets.panels.times import describe
