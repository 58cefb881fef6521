"""The archive of closed flights: one file of Parquet a flight and version, in a folder or an object store."""
