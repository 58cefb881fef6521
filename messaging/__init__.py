"""MQTT: the one home of paho, and the broker that `canhdong broker` runs."""
