"""Flight and work logs that people hand in: read, held against what is there, kept beside it (docs/uploads.md)."""
