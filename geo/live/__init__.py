"""Coverage and alerts of drones that are flying now; the figures are those of batch on the fixes so far."""
