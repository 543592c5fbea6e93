"""Engines that run the evidence SQL: one text, DuckDB on one machine, Spark when one is outgrown."""
