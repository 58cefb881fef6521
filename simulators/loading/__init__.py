"""More drones than an ingester takes, from several processes."""
