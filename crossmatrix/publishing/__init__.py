"""What shops get."""
