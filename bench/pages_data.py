"""A shop of any size: products in a tree, pairs in every state, their history, their evidence, a channel."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench import scratch

if TYPE_CHECKING:
    from crossmatrix.matrix.models import Matrix

GROUPS, CATEGORIES = 8, 40
HEAD = "head@bench"

FILL = """
INSERT INTO catalog_supplier (code, name) SELECT 's' || i, 'Поставщик ' || i FROM generate_series(1, 20) i;
INSERT INTO catalog_category (id, parent_id, name, full_name, path, position) OVERRIDING SYSTEM VALUE
    SELECT 1, NULL::bigint, 'Все товары', 'Все товары', '/1/', 0;
INSERT INTO catalog_category (id, parent_id, name, full_name, path, position) OVERRIDING SYSTEM VALUE
    SELECT 1 + i, 1, 'Отдел ' || i, 'Все товары / Отдел ' || i, '/1/' || 1 + i || '/', i FROM generate_series(1, {groups}) i;
INSERT INTO catalog_category (id, parent_id, name, full_name, path, position) OVERRIDING SYSTEM VALUE
    SELECT 100 + i, 2 + i % {groups}, 'Категория ' || i, 'Все товары / Отдел ' || 1 + i % {groups} || ' / Категория ' || i,
           '/1/' || 2 + i % {groups} || '/' || 100 + i || '/', i FROM generate_series(0, {categories} - 1) i;
SELECT setval(pg_get_serial_sequence('catalog_category', 'id'), 1000);
INSERT INTO catalog_product (sku, name, category_id, supplier_id, kind, brand, price, cost, currency, stock, status,
                             attributes, image, url, barcode, version, created_at, updated_at)
    SELECT lpad(i::text, 8, '0'), (ARRAY['Кабель', 'Наушники', 'Чехол', 'Зарядка', 'Телефон'])[1 + i % 5] || ' модель ' || i,
           100 + i % {categories}, (SELECT min(id) FROM catalog_supplier) + i % 20, 'good', 'Бренд ' || i % 50,
           100 + i * 7919 % 9000, 50, 'RUB', i % 30, CASE WHEN i % 97 = 0 THEN 'discontinued' ELSE 'active' END,
           '{{}}', '', '', '', 1, now() - interval '100 days', now()
    FROM generate_series(1, {products}) i;
INSERT INTO matrix_slot (main_category_id, companion_category_id, verdict, reason, kind, offer_text, wanted, version, batch,
                         updated_at)
    SELECT 100 + i, 100 + (i * 7 + k * 3) % {categories},
           CASE WHEN k = 5 AND i % 4 = 0 THEN 'not_suitable' ELSE 'suitable' END, 'Нужен для подключения', 'accessory', '', 2,
           1, '', now()
    FROM generate_series(0, {categories} - 1) i, generate_series(1, 5) k ON CONFLICT DO NOTHING;
INSERT INTO matrix_pair (main_id, companion_id, verdict, verdict_reason, version, updated_at)
    SELECT m.id, c.id, CASE WHEN x.i % 20 = 19 THEN 'not_suitable' ELSE 'suitable' END,
           CASE WHEN x.i % 20 = 19 THEN 'Другой разъём' ELSE '' END, 1, now() - x.i * interval '1 second'
    FROM (SELECT i, 1 + i * 7 % {products} AS a, 1 + (i * 13 + i / 977) % {products} AS b FROM generate_series(1, {pairs}) i) x
    JOIN catalog_product m ON m.sku = lpad(x.a::text, 8, '0') JOIN catalog_product c ON c.sku = lpad(x.b::text, 8, '0')
    WHERE m.id <> c.id ON CONFLICT DO NOTHING;
INSERT INTO matrix_pairrevision (pair_id, number, state, reason, kind, offer_text, rank, placements, override_reason, digest,
                                 ratio, ratio_status, judged_main_price, judged_companion_price, source, batch, contributors,
                                 created_by_id, created_at, submitted_by_id, submitted_at, decided_by_id, decided_at, comment)
    SELECT p.id, 1, s.state, 'Нужен для подключения', 'accessory', 'Не забудьте приобрести', p.id % 7, '{{}}', '',
           md5(p.id::text), round(c.price / m.price, 4), 'ok', m.price, c.price, 'import', '', ARRAY[{writer}]::bigint[],
           {writer}, now() - interval '9 days', {writer}, now() - interval '8 days' + p.id % 9000 * interval '1 second',
           CASE WHEN s.state = 'approved' THEN {approver} END,
           CASE WHEN s.state = 'approved' THEN now() - interval '7 days' END, ''
    FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id JOIN catalog_product c ON c.id = p.companion_id,
         LATERAL (SELECT CASE WHEN p.id % 20 < 13 THEN 'approved' WHEN p.id % 20 < 18 THEN 'draft' ELSE 'in_review' END AS state) s;
UPDATE matrix_pair p SET current_id = r.id, approved_id = CASE WHEN r.state = 'approved' THEN r.id END
    FROM matrix_pairrevision r WHERE r.pair_id = p.id;
INSERT INTO audit_auditevent (at, kind, actor_id, source, subject_type, subject_id, subject_label, batch, after, reason)
    SELECT now() - interval '9 days', 'pair.drafted', {writer}, 'import', 'matrix.pair', id, '', 'import:1', '{{}}', ''
    FROM matrix_pair;
INSERT INTO audit_auditevent (at, kind, actor_id, source, subject_type, subject_id, subject_label, batch, after, reason)
    SELECT now() - interval '99 days', 'product.created', {writer}, 'import', 'catalog.product', id, '', 'import:2', '{{}}', ''
    FROM catalog_product;
INSERT INTO insights_refresh (from_date, to_date, state, current, engine, started_at, finished_at, seconds, orders, lines, pairs,
                              generated, min_both, return_lines, wholesale_orders, unknown_skus, unknown_lines, error,
                              days_read)
    SELECT current_date - 90, current_date - 1, 'ready', true, 'duckdb', now(), now(), 9, 100000, 300000, {pairs}, 900000, 3, 0,
           0, 0, 0, '', 90;
INSERT INTO insights_pairstat (refresh_id, main_id, companion_id, orders_main, orders_companion, orders_both, orders_all,
                               expected, score, p_value, q_value)
    SELECT r.id, p.main_id, p.companion_id, 400, 900, 20 + p.id % 200, 100000, 3.6, (p.id % 200) / 400.0, 0.001, 0.01
    FROM matrix_pair p, insights_refresh r WHERE p.id % 2 = 0;
"""


@dataclass(frozen=True)
class Shop:
    """The people and things that the addresses of the pages name."""

    head: Any  # approves, sees everything
    matrix: "Matrix"
    channel: Any
    middle: Any  # a product with pairs
    pair: Any  # one of its pairs


def fill(*, products: int, pairs: int) -> Shop:
    """Fill the empty database. The channel's live release was cut before the last day's decisions."""
    from django.db import connection
    from django.utils import timezone

    from crossmatrix.accounts.models import Membership, User
    from crossmatrix.catalog.models import Category
    from crossmatrix.insights.models import WeakFlag
    from crossmatrix.matrix.models import Matrix, Pair, PairRevision
    from crossmatrix.publishing.models import Channel
    from crossmatrix.publishing.services.releases import cut_release

    writer = User.objects.create_user("writer@bench", "x", name="Writer")
    head = User.objects.create_user(HEAD, "x", name="Head")
    Membership.objects.create(user=writer, role="category_manager")
    Membership.objects.create(user=head, role="head")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the rows are right: nobody needs to look each up
        cursor.execute(
            FILL.format(
                products=products, pairs=pairs, groups=GROUPS, categories=CATEGORIES, writer=writer.pk, approver=head.pk
            )
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    vacuum()
    now = timezone.now()
    channel = Channel.objects.create(
        code="site", name="Сайт", format="json", settings={}, cap=4, created_at=now, updated_at=now
    )
    cut_release(channel=channel, actor=head, at=now - timedelta(days=1))
    gone = list(
        Pair.objects.filter(approved__isnull=False, pk__lt=max(40, pairs // 200)).values_list("approved", flat=True)
    )
    PairRevision.objects.filter(pk__in=gone).update(state="retired")
    Pair.objects.filter(approved__in=gone).update(approved=None)
    weak = Pair.objects.order_by("pk")[::50]
    WeakFlag.objects.bulk_create(
        WeakFlag(
            pair=pair, cause="out_of_stock", severity="urgent", evidence={}, raised_at=now - timedelta(minutes=place % 900),
            seen_at=now,
        )
        for place, pair in enumerate(weak)
    )  # fmt: skip
    root = Category.objects.get(pk=1)
    Matrix.objects.create(name="Всё", mains=root, companions=root, owner=head)
    vacuum()
    scratch.filled()
    return filled(products=products)


def filled(*, products: int) -> Shop:
    """The shop that an earlier run filled."""

    from crossmatrix.accounts.models import User
    from crossmatrix.catalog.models import Product
    from crossmatrix.matrix.models import Matrix, Pair
    from crossmatrix.matrix.tasks import keep_tally
    from crossmatrix.publishing.models import Channel

    keep_tally()  # as the clock does each minute
    middle = Product.objects.filter(companion_pairs__approved__isnull=False).order_by("pk")[products // 4]
    pair = Pair.objects.filter(main=middle, approved__isnull=False).order_by("pk")[0]
    return Shop(User.objects.get(email=HEAD), Matrix.objects.get(), Channel.objects.get(), middle, pair)


def vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
