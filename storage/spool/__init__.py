"""The durable queue between the broker and the stores."""
