"""Demo data, loaded through the same services as real work."""
