"""The same figures as of flights one by one, of many at once: what costs the same for one flight as for a hundred."""
