"""What people see of channels and releases."""
