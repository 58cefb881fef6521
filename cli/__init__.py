"""The command `canhdong`: one file per command; `wiring` is the only place that chooses adapters."""
