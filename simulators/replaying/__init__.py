"""Logs and recordings as traffic, and traffic as recordings."""
