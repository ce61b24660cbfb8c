"""Run the command ``oda-widgets`` as ``python -m oda_widgets``."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current folder, which Python puts there: nothing is imported from it

from oda_widgets.cli.start import command

sys.exit(command())
