"""Product in, figure out."""
