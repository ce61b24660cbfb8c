"""The kernels of pages, with kernels that really start."""

from __future__ import annotations

import asyncio

from jupyter_client.kernelspec import KernelSpecManager
from tornado.web import HTTPError

from oda_widgets.cli.page_kernels import PageKernels

WAITING = {"VOILA_PREHEAT": "True"}


def test_a_kernel_that_is_just_starting_ends_with_the_others_and_none_starts_after() -> None:
    async def end_while_one_starts() -> tuple[list[str], int]:
        kernels = PageKernels(kernel_spec_manager=KernelSpecManager())
        start = asyncio.create_task(kernels.start_kernel(env=WAITING))
        await asyncio.sleep(0)  # it has begun
        await kernels.shutdown_all()
        await start
        try:
            await kernels.start_kernel(env=WAITING)
        except HTTPError as error:
            return kernels.list_kernel_ids(), error.status_code
        return kernels.list_kernel_ids(), 200

    assert asyncio.run(end_while_one_starts()) == ([], 503)
