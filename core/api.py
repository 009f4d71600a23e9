"""Shelfwise from Python: load a model, classify a DataFrame."""
