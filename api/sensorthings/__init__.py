"""OGC SensorThings API 1.1 (OGC 18-088), to read: the field sensors and what they measured."""
