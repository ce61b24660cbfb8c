"""Names, positions and the reference catalogue of sources."""
