"""Telemetry stores."""
