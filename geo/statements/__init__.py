"""Statements of sprayed area: put together from the archive, and computed again from what they name."""
