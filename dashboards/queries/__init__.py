"""InfluxQL text, a module a measurement."""
