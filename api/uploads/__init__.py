"""Flight and work logs that are handed in over HTTP."""
