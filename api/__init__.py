"""The HTTP API and the plain pages."""
