"""The live stream: what happens right now, as server-sent events."""
