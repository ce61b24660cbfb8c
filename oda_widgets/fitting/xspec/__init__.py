"""XSPEC's own files and sessions."""
