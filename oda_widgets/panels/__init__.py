"""The panels of the notebook and of the web app."""
