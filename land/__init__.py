"""Plots in and out of files."""
