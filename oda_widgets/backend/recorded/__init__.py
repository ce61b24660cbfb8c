"""Answers that were saved, and a backend that gives them again without network or engine."""
