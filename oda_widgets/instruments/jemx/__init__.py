"""JEM-X: two X-ray telescopes behind hexagonal coded masks."""
