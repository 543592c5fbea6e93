#!/usr/bin/env python
"""Runs a management command; starts the embedded engines when no others are named."""

import os
import sys

from crossmatrix import embedded

NEEDS_NO_ENGINE = {"fonts", "translations", "help", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crossmatrix.settings")
    if sys.argv[1:2] == ["demo"]:
        embedded.refuse_taken(sys.argv[2:])
    if len(sys.argv) > 1 and sys.argv[1] not in NEEDS_NO_ENGINE:
        embedded.provide()
    else:
        embedded.pretend()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
