"""A Grafana for tests: it answers as the recorded server did, and keeps what it is given."""
