"""Stores of dead letters."""
