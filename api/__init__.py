"""Process: the HTTP API and the plain pages, over the telemetry store and the registry."""
