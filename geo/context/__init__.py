"""What surrounds a flight: weather at the spot and minute, sensitive sites, exclusions, alerts. Pure functions."""
