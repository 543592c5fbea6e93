"""Pages of a shop of 92,331 products and 200,000 pairs beside one of 1,000 products.

Goal: under 150 ms at the median, and at most 1.5 times the time with 1,000 products; the first visit with an empty
cache is under 150 ms too. Beside the wall times stands the CPU time of the page (Python + its PostgreSQL session), which
other work on the machine does not change much.

    python -m bench.pages              measure, in databases that are dropped afterwards
    python -m bench.pages --keep       leave the databases for the next run
    python -m bench.pages --only tile  only pages whose name has the word
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.pages_data import Shop, fill, filled
from bench.scratch import database

LIMIT_MS, LIMIT_RATIO = 150, 1.5
SMALL, LARGE = (1_000, 2_000), (92_331, 200_000)  # products, pairs
TIMES, WARM_UP, COLD = 15, 3, 3  # visits
PATIENCE = 10  # seconds: a page that takes longer than its share of them is visited less often
NEXT = "next release"
TRIVIAL = "trivial"  # an answer of the same application that reads nothing but the session


def addresses(shop: Shop) -> dict[str, str]:
    """What a person opens; the windows of the grid lie in its middle."""
    from crossmatrix.matrix.selectors.axes import Level, Scope, build_layout

    windows = {}
    for level in Level:
        view = build_layout(matrix=shop.matrix, scope=Scope(level=level), user=shop.head)
        r0, c0 = view.rows // 2 // 64 * 64, view.columns // 2 // 32 * 32
        windows[level] = f"?k={view.key}&level={level.value}&r0={r0}&r1={r0 + 64}&c0={c0}&c1={c0 + 32}"
    grid, channel = f"/matrix/{shop.matrix.pk}/", f"/channels/{shop.channel.code}/"
    return {
        TRIVIAL: "/ui/commands/?q=",
        "product list": "/products/",
        "product list, far page": "/products/?page=150",
        "product list, by price": "/products/?sort=-price",
        "product list, of a category": "/products/?category=110",
        "search, common words": "/products/?q=кабели+модель",
        "search, rare word": "/products/?q=модель+777",
        "product page": f"/products/{shop.middle.pk}/",
        "suggestions beside it": f"/evidence/suggestions/{shop.middle.pk}/",
        "product view": f"/matrix/products/{shop.middle.pk}/?list=",
        "quality": "/products/quality/",
        "matrices": "/matrix/",
        "pair list": "/matrix/pairs/",
        "pair list, by ratio": "/matrix/pairs/?sort=-ratio",
        "pair list, drafts": "/matrix/pairs/?state=draft",
        "pair list, searched": "/matrix/pairs/?q=кабель",
        "pair page": f"/matrix/pairs/{shop.pair.pk}/",
        "slots": "/matrix/slots/",
        "tile of products": f"{grid}tile.json{windows[Level.SKU]}",
        "tile of categories": f"{grid}tile.json{windows[Level.TYPE]}",
        "grid page": grid,
        "grid page of products": f"{grid}?level=sku",
        "approvals": "/matrix/approvals/",
        "home": "/",
        "channel": channel,
        NEXT: f"{channel}next/",
        "release": f"{channel}r/1/",
        "evidence": "/evidence/",
        "weak pairs": "/evidence/weak/",
        "weak pairs, searched": "/evidence/weak/?q=кабель",
        "imports": "/imports/",
        "jobs": "/jobs/",
        "bundles": "/bundles/",
    }


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used."""
    times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def take(
    client: Any, address: str, renew: Callable[[], None], prepare: Callable[[], object] | None = None
) -> dict[str, float]:
    """Milliseconds of one page: `cold` with an empty cache, `warm`, and the CPU time of Python and of PostgreSQL.

    `prepare`: what the worker does after the first visit has ordered it."""
    from django.db import connection

    def visit() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    first = timed(visit)  # compiles its templates
    rounds = max(1, min(COLD, int(PATIENCE / 4 / first)))
    cold = []
    for _ in range(rounds):
        renew()
        cold.append(timed(visit))
    if prepare:
        prepare()
    for _ in range(max(1, min(WARM_UP, int(PATIENCE / 4 / first)))):
        visit()
    rounds = max(2, min(TIMES, int(PATIENCE / 2 / timed(visit))))
    server = connection.connection.info.backend_pid
    python, postgres = time.process_time(), cpu_of(server)
    warm = [timed(visit) for _ in range(rounds)]
    python, postgres = time.process_time() - python, cpu_of(server) - postgres
    return {
        "cold": 1000 * statistics.median(cold), "warm": 1000 * statistics.median(warm),
        "p95": 1000 * sorted(warm)[int(0.95 * (len(warm) - 1))],
        "python": 1000 * python / rounds, "postgres": 1000 * postgres / rounds,
    }  # fmt: skip


def measure(products: int, pairs: int, *, keep: bool, only: str) -> dict[str, dict[str, float]]:
    """The figures of each page at this size."""
    with database(f"pages_{products}", keep=keep) as new:
        from django.conf import settings
        from django.core.cache import cache
        from django.test import Client
        from django.utils import timezone

        from crossmatrix.matrix.selectors.axes import Level, Scope, build_layout
        from crossmatrix.matrix.tasks import keep_tally
        from crossmatrix.publishing.services.preview import take_look

        settings.ALLOWED_HOSTS = ["testserver"]
        shop = fill(products=products, pairs=pairs) if new else filled(products=products)
        client = Client()
        client.force_login(shop.head, backend="crossmatrix.accounts.backends.RoleBackend")

        def renew() -> None:
            """Nothing is kept but the views of the grid, which the page with the tiles has made a moment before, and what
            the clock counts each minute."""
            cache.key_prefix = f"bench-{time.time_ns()}"
            keep_tally()
            for level in Level:
                build_layout(matrix=shop.matrix, scope=Scope(level=level), user=shop.head)

        def look() -> None:
            take_look(shop.channel, at=timezone.now())

        renew()
        client.get("/account/")  # imports and templates of every page's frame
        return {
            name: take(client, address, renew, prepare=look if name == NEXT else None)
            for name, address in addresses(shop).items()
            if only in name or name == TRIVIAL
        }


def in_a_process_of_its_own(size: tuple[int, int], *, keep: bool, only: str) -> dict[str, dict[str, float]]:
    """Django reads its database once for a process."""
    command = [sys.executable, "-m", "bench.pages", "--size", *map(str, size), "--only", only, *(["--keep"] * keep)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    taken: dict[str, dict[str, float]] = json.loads(answer.stdout.splitlines()[-1])
    return taken


def report(small: dict[str, dict[str, float]], large: dict[str, dict[str, float]]) -> None:
    met = 0
    for name, page in large.items():
        ratio = page["warm"] / small[name]["warm"]
        good = page["warm"] < LIMIT_MS and page["cold"] < LIMIT_MS and ratio <= LIMIT_RATIO
        met += good
        print(
            f"pages {name}: {page['warm']:.0f} ms, {ratio:.2f}× of {SMALL[0]} products "
            f"({'met' if good else 'missed'}; first visit {page['cold']:.0f} ms; with {SMALL[0]} products "
            f"{small[name]['warm']:.0f} ms and {small[name]['cold']:.0f} ms; CPU {page['python']:.0f} + {page['postgres']:.0f} ms "
            f"against {small[name]['python']:.0f} + {small[name]['postgres']:.0f} ms)"
        )
    print(
        f"pages: {met} of {len(large)} met with {LARGE[0]} products and {LARGE[1]} pairs "
        f"(goal < {LIMIT_MS} ms, first visits too, and ≤ {LIMIT_RATIO}×)"
    )
    if "tile of products" in large:
        print(
            f"pages tile p95 ÷ trivial answer: {large['tile of products']['p95'] / large[TRIVIAL]['p95']:.2f} (goal ≤ 3)"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--keep", action="store_true")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--size", nargs=2, type=int, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.size:
        print(json.dumps(measure(*chosen.size, keep=chosen.keep, only=chosen.only)))
        return
    sizes = [in_a_process_of_its_own(size, keep=chosen.keep, only=chosen.only) for size in (SMALL, LARGE)]
    report(*sizes)


if __name__ == "__main__":
    main()
