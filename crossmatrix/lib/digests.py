"""Digests of content."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def content_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON: sorted keys, no blanks, non-JSON values by their str()."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
