"""The efficiency of ISGRI's pixels: measured, or by tables of OSA."""
