"""The only writers of channels and releases."""
