"""The evidence SQL as ready statements."""

import re
from functools import cache
from pathlib import Path

from crossmatrix.insights.rules.baskets import BUCKETS, WHOLESALE_ABOVE

UNKNOWN_LIMIT = 1000
SECTION = re.compile(r"^-- name: (\w+).*$", re.MULTILINE)


@cache
def sections() -> dict[str, str]:
    """The statements of pairs.sql by name, braces still empty."""
    _head, *parts = SECTION.split(Path(__file__).with_name("pairs.sql").read_text(encoding="utf-8"))
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def kept_from(min_both: int) -> int:
    """Orders with both from which a full count keeps a pair for later: half of what is shown."""
    return max(1, min_both // 2)


def statement(name: str, *, min_both: int, parts: int = 1, part: int = 0) -> str:
    """One statement with its numbers in place. `part` of `parts` shares: the pairs whose smaller item % parts = part."""
    numbers = range(len(BUCKETS))
    return sections()[name].format(
        min_both=int(min_both),
        kept_from=kept_from(int(min_both)),
        parts=int(parts),
        part=int(part),
        wholesale_above=WHOLESALE_ABOVE,
        unknown_limit=UNKNOWN_LIMIT,
        bucket="case " + " ".join(f"when b.size >= {BUCKETS[i]} then {i}" for i in reversed(numbers)) + " end",
        bucket_names=", ".join(f"i.c{i}" for i in numbers),
        bucket_counts=", ".join(
            f"cast(sum(case when n.bucket = {i} then n.orders else 0 end) as bigint) as c{i}" for i in numbers
        ),
        weights=", ".join(f"max(case when w.bucket = {i} then w.weight else 0 end) as w{i}" for i in numbers),
        expected=" + ".join(f"cast(ia.c{i} as double) * ib.c{i} * ww.w{i}" for i in numbers),
    )
