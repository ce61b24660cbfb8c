"""Facts for making queries: names, positions and the reference catalogue."""
