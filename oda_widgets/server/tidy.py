"""Removing old jobs and their products."""

from __future__ import annotations

import time

from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_table import JobTable

LONGEST = 30 * 86400.0
"""Seconds for which products are kept."""

MOST_BYTES = 20 << 30
"""Bytes of products that are kept; beyond, the earliest go."""


def remove_old_jobs(table: JobTable, folder: JobFolder, most_bytes: int = MOST_BYTES) -> None:
    """Remove the jobs that ended long ago, and the earliest while products take too much room.

    Parameters
    ----------
    table
        Table of jobs.
    folder
        Folder with their products.
    most_bytes
        Room for products.
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
