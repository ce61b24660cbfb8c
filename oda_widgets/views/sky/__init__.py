"""The sky image as a figure with its controls."""
