"""Mirrors: archives on a web server, whose files are fetched when they are needed and kept."""
