"""Database access; each function works in the session it is handed and returns domain objects."""
