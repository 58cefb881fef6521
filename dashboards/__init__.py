"""Grafana as code: queries, panels, boards and alert rules, rendered to committed JSON and published from it."""
