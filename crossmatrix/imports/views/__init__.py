"""What people see of an import: upload, columns, check, result, and the list of them all."""
