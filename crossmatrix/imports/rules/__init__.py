"""Decisions of an import as pure functions: states, values, columns, tables, wide matrices, guard rails."""
