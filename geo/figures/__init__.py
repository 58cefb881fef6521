"""Rows for dashboards, one module per measurement: results in, rows out; and what keeps them in step with results.

The registry is their truth: every row can be written again at any time (``canhdong dashboards backfill``).
"""
