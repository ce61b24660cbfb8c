"""The coded-mask pipeline, as pure functions."""
