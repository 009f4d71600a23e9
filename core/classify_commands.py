"""The command `python -m core classify`: files of any size, and what was imported since the last run."""
