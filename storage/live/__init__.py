"""The ring of live events."""
