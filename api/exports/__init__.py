"""Flights and coverage as files of other programs."""
