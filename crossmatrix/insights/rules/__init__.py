"""What the numbers mean: counts in, intervals, scores and decisions out. No database, no clock."""
