"""Starts the embedded engines before Django's settings are read, unless servers are named."""

import os

os.environ.setdefault("CROSSMATRIX_DEMO", "1")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from crossmatrix import embedded

embedded.provide()
