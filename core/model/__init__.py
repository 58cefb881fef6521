"""The domain model: frozen dataclasses with the unit in the name. Words as in ARCHITECTURE.md."""
