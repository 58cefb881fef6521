"""Drones and sensors that fly and measure on a laptop, and the replay of logs."""
