"""From samples to what reaches the broker: networks, clocks, reboots, a hostile device, and the player."""
