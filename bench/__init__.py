"""Measurements. Each script prints ratios of one run: ours beside a peer or a physical limit."""

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # as crossmatrix.settings does, for scripts that load numpy before it
