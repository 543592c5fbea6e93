"""Measurements. Each script prints ratios of one run: ours beside a peer or a physical limit."""
