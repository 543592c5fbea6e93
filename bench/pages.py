"""Pages of a shop of 92,331 products and 200,000 pairs beside one of 1,000 products.

Goal: under 150 ms at the median, and at most 1.5 times the time with 1,000 products. A page of which a part is kept
(counts for a minute, a look at the next release for an hour) has a second line for the first visit of all.
"""

import json
import subprocess
import sys
import time

from bench.pages_data import Shop, fill
from bench.scratch import database, median_seconds

LIMIT_MS, LIMIT_RATIO = 150, 1.5
SMALL, LARGE = (1_000, 2_000), (92_331, 200_000)  # products, pairs


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
        "product list": "/products/",
        "search, common words": "/products/?q=кабели+модель",
        "search, rare word": "/products/?q=модель+777",
        "product page": f"/products/{shop.middle.pk}/",
        "pair list": "/matrix/pairs/",
        "tile of products": f"{grid}tile.json{windows[Level.SKU]}",
        "tile of categories": f"{grid}tile.json{windows[Level.TYPE]}",
        "grid page": grid,
        "approvals": "/matrix/approvals/",
        "home": "/",
        "channel": channel,
        "next release": f"{channel}next/",
    }


def measure(products: int, pairs: int) -> dict[str, list[float]]:
    """[milliseconds of the first visit, median of later ones] of each page at this size."""
    with database("pages"):
        from django.conf import settings
        from django.core.cache import cache
        from django.test import Client

        settings.ALLOWED_HOSTS = ["testserver"]
        cache.key_prefix = f"bench-{time.time_ns()}"  # nothing kept by an earlier run
        shop = fill(products=products, pairs=pairs)
        client = Client()
        client.force_login(shop.head, backend="crossmatrix.accounts.backends.RoleBackend")
        client.get("/account/")  # imports and templates of every page's frame
        taken = {}
        for name, address in addresses(shop).items():

            def visit(address: str = address) -> float:
                start = time.perf_counter()
                answer = client.get(address)
                assert answer.status_code == 200, (address, answer.status_code)
                seen = answer.context.get("seen") if answer.context else None
                if seen and "seen=" not in address:  # its tabs and pages carry the token of the look
                    looks[address] = f"{address}?{seen[1:]}"
                return time.perf_counter() - start

            looks: dict[str, str] = {}
            first = visit()
            again = looks.get(address, address)
            taken[name] = [1000 * first, 1000 * median_seconds(lambda address=again: visit(address))]
        return taken


def in_a_process_of_its_own(size: tuple[int, int]) -> dict[str, list[float]]:
    """Django reads its database once for a process."""
    command = [sys.executable, "-m", "bench.pages", *map(str, size)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    taken: dict[str, list[float]] = json.loads(answer.stdout.splitlines()[-1])
    return taken


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
        return
    small, large = in_a_process_of_its_own(SMALL), in_a_process_of_its_own(LARGE)
    for name, (first, milliseconds) in large.items():
        ratio = milliseconds / small[name][1]
        verdict = "met" if milliseconds < LIMIT_MS and ratio <= LIMIT_RATIO else "missed"
        print(
            f"pages {name}: {milliseconds:.0f} ms with {LARGE[0]} products and {LARGE[1]} pairs, {ratio:.2f}× of "
            f"{SMALL[0]} products ({verdict}; goal < {LIMIT_MS} ms and ≤ {LIMIT_RATIO}×; first visit {first:.0f} ms)"
        )


if __name__ == "__main__":
    main()
