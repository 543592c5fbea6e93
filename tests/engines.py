"""Starts the embedded engines before Django's settings are read, unless servers are named."""

import os

os.environ.setdefault("CROSSMATRIX_DEMO", "1")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from crossmatrix import embedded

# the tests start the program a hundred times: it is compiled once, also where the environment forbids to write beside the sources
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = str(embedded.home() / "bytecode")

embedded.provide()
