"""The process of a page's kernel: it speaks through files of its user, and listens on no port.

Run as ``python -P -m oda_widgets.cli.page_kernel -f FILE`` in the place of ``ipykernel_launcher``.
"""

from __future__ import annotations

from typing import Any

from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread

from oda_widgets.cli.kernel_faults import ignore_errors_of_shutdown


class _OwnOutput(IOPubThread):
    """Sends what this process writes, and takes nothing from others.

    Ipykernel's own listens on a port of TCP for the output of processes that were forked from the
    kernel: any user of the machine could send it messages until the memory is full.
    """

    def _setup_pipe_in(self) -> None:
        self._pipe_flag = False

    def _really_send(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        # The socket belongs to the process that made it, not to its copies.
        if self._is_master_process():  # type: ignore[no-untyped-call]
            super()._really_send(msg, *args, **kwargs)  # type: ignore[no-untyped-call]


def main() -> None:
    """Run a kernel until it is told to end."""
    ignore_errors_of_shutdown(kernelapp.IPKernelApp.__name__)
    kernelapp.IOPubThread = _OwnOutput  # type: ignore[attr-defined]  # it takes the class from here
    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
