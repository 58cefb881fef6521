"""Where ingest keeps its ledger."""
