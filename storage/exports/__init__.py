"""Exports as Parquet: pyarrow's files have their home in storage."""
