"""How far a pipeline is from the truth: what it says of a run's telemetry against what the simulation knows."""
