"""Benchmarks against peers, run side by side; each prints its ratios as one JSON line at the end."""
