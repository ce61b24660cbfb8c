"""Recordings of products, and the backend that replays them without network or engine."""
