"""The work queue page."""
