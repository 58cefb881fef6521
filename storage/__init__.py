"""Adapters of the ports in `core.ports`: telemetry, registry, dead letters."""
