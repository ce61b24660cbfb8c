"""IBIS/ISGRI: detector, mask and response."""
