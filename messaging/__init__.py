"""The one home of MQTT: addresses, the bus that processes use, and the broker that ``canhdong broker`` runs."""
