"""Remove old jobs and their products."""

from __future__ import annotations

import time

from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_table import JobTable

LONGEST = 30 * 86400.0
"""Seconds for which products are kept."""

MOST_BYTES = 20 << 30
"""Largest size of all products in bytes; beyond it the earliest are removed."""


def remove_old_jobs(table: JobTable, folder: JobFolder, most_bytes: int = MOST_BYTES) -> None:
    """Remove jobs that ended long ago, and the earliest ones while products are too large.

    Parameters
    ----------
    table
        Table of jobs.
    folder
        Folder with their products.
    most_bytes
        Largest size of all products.
    """
    folder.remove_drafts()
    table.bring_back()
    before = time.time() - LONGEST
    ended = table.ended()
    sizes = {job_id: folder.size(job_id) for job_id, _ in ended}
    total, old = sum(sizes.values()), []
    for job_id, when in ended:
        if when < before or total > most_bytes:
            old.append(job_id)
            total -= sizes[job_id]
    table.remove(old)
    for job_id in old:
        folder.remove(job_id)
