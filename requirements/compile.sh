#!/bin/sh
# Writes the pinned requirements from pyproject.toml; run it after a change there.
set -eu
cd "$(dirname "$0")/.."
compile() {
    out=$1; shift
    .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --quiet "$@" -o "requirements/$out.txt"
}
compile base
compile demo --extra embedded
compile dev --extra embedded --extra test --extra lint
compile bench --extra embedded --extra test --extra lint --extra journey --extra bench
compile spark --extra embedded --extra test --extra lint --extra spark
