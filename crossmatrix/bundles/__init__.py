"""Suppliers' proposals of sets."""
