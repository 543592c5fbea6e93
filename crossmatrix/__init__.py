"""CrossMatrix: what to offer together with what, why, and whether it works."""
