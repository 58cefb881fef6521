"""Grafana's classic model, as far as boards here use it: typed, and written as sorted JSON."""
