"""List, search, product page and grid tile: 92,331 products and 200,000 pairs beside 1,000 products.

Goal: under 150 ms at the median, and at most 1.5 times the time with 1,000 products.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from bench.scratch import database, median_seconds

LIMIT_MS, LIMIT_RATIO = 150, 1.5
CATEGORIES = 40


@dataclass(frozen=True)
class Size:
    products: int
    pairs: int


SMALL, LARGE = Size(1_000, 2_000), Size(92_331, 200_000)

FILL = """
INSERT INTO catalog_supplier (code, name) SELECT 's' || i, 'Поставщик ' || i FROM generate_series(1, 20) i;
INSERT INTO catalog_category (name, full_name, path, position, parent_id) VALUES ('Все товары', 'Все товары', '/x/', 0, NULL);
UPDATE catalog_category SET path = '/' || id || '/';
INSERT INTO catalog_category (name, full_name, path, position, parent_id)
    SELECT 'Категория ' || i, 'Все товары / Категория ' || i, '/x' || i, i, (SELECT min(id) FROM catalog_category)
    FROM generate_series(1, {categories}) i;
UPDATE catalog_category SET path = '/' || parent_id || '/' || id || '/' WHERE parent_id IS NOT NULL;
INSERT INTO catalog_product (sku, name, category_id, supplier_id, kind, brand, price, cost, currency, stock, status,
                             attributes, image, url, barcode, version, created_at, updated_at)
    SELECT lpad(i::text, 8, '0'), (ARRAY['Кабель', 'Наушники', 'Чехол', 'Зарядка', 'Телефон'])[1 + i % 5] || ' модель ' || i,
           (SELECT min(id) FROM catalog_category) + 1 + i % {categories}, (SELECT min(id) FROM catalog_supplier) + i % 20,
           'good', 'Бренд ' || i % 50, 100 + i % 9000, 50 + i % 4000, 'RUB', i % 30, 'active', '{{}}', '', '', '', 1, now(), now()
    FROM generate_series(1, {products}) i;
INSERT INTO matrix_pair (main_id, companion_id, verdict, verdict_reason, version, updated_at)
    SELECT m.id, c.id, 'suitable', '', 1, now()
    FROM (SELECT DISTINCT (i * 7) % {products} a, (i * 13 + i / 977) % {products} b FROM generate_series(1, {pairs} * 11 / 10) i) x
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 n FROM catalog_product) m ON m.n = x.a
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 n FROM catalog_product) c ON c.n = x.b
    WHERE m.id <> c.id LIMIT {pairs};
INSERT INTO matrix_pairrevision (pair_id, number, state, reason, kind, offer_text, rank, placements, override_reason, digest,
                                 ratio, ratio_status, source, batch, contributors, created_at, comment)
    SELECT id, 1, 'draft', 'Нужен для подключения', 'accessory', '', 1, '{{}}', '', 'x', 0.1, 'ok', 'import', '', '{{}}', now(), ''
    FROM matrix_pair;
UPDATE matrix_pair p SET current_id = r.id FROM matrix_pairrevision r WHERE r.pair_id = p.id;
"""


def measure(size: Size) -> dict[str, float]:
    """Median milliseconds of each page at this size."""
    with database("pages"):
        from django.conf import settings
        from django.core.cache import cache
        from django.db import connection
        from django.test import Client
        from django.utils import timezone

        from crossmatrix.accounts.models import Membership, User
        from crossmatrix.catalog.models import Category, Product
        from crossmatrix.matrix.models import Matrix

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.CACHES["default"]["KEY_PREFIX"] = f"bench-{timezone.now().timestamp()}"
        cache.clear()
        with connection.cursor() as cursor:
            cursor.execute(FILL.format(products=size.products, pairs=size.pairs, categories=CATEGORIES))
        connection.connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        person = User.objects.create_user("head@bench", "x", name="Head")
        Membership.objects.create(user=person, role="head")
        root = Category.objects.order_by("pk").first()
        matrix = Matrix.objects.create(name="Всё", mains=root, companions=root, owner=person)
        middle = Product.objects.order_by("pk")[size.products // 2]
        client = Client()
        client.force_login(person, backend="crossmatrix.accounts.backends.RoleBackend")
        addresses = {
            "list": "/products/",
            "search": "/products/?q=кабели+модель",
            "rare search": "/products/?q=модель+777",
            "product page": f"/products/{middle.pk}/",
            "pair list": "/matrix/pairs/",
            "grid tile": f"/matrix/{matrix.pk}/tile.json?level=sku&r0=0&r1=64&c0=0&c1=32",
        }
        taken = {}
        for name, address in addresses.items():

            def visit(address: str = address) -> None:
                answer = client.get(address)
                assert answer.status_code == 200, (address, answer.status_code)

            taken[name] = 1000 * median_seconds(visit)
        return taken


def in_a_process_of_its_own(size: Size) -> dict[str, float]:
    """Django reads its database once for a process."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.pages", str(size.products), str(size.pairs)], check=True, capture_output=True, text=True
    )
    taken: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return taken


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(Size(int(sys.argv[1]), int(sys.argv[2])))))
        return
    small, large = in_a_process_of_its_own(SMALL), in_a_process_of_its_own(LARGE)
    for name, milliseconds in large.items():
        ratio = milliseconds / small[name]
        verdict = "met" if milliseconds < LIMIT_MS and ratio <= LIMIT_RATIO else "missed"
        print(
            f"pages {name}: {milliseconds:.0f} ms with {LARGE.products} products and {LARGE.pairs} pairs, "
            f"{ratio:.2f}× of {SMALL.products} products ({verdict}; goal < {LIMIT_MS} ms and ≤ {LIMIT_RATIO}×)"
        )


if __name__ == "__main__":
    main()
