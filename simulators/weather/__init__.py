"""The weather over a scenario: what stations measure and droplets drift in."""
