"""What orders say about pairs."""
