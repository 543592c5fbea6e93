"""The matrix of the grid's bench: 10,000 mains × 1,000 companions, 200,000 pairs in every state, with evidence."""

from typing import TYPE_CHECKING, Any

from bench.pages_data import CATEGORIES, FILL, GROUPS, vacuum

if TYPE_CHECKING:
    from crossmatrix.matrix.models import Matrix

MAINS, COMPANIONS, PAIRS = 10_000, 1_000, 200_000
COMPANION_CATEGORIES = 20

GOODS, _, AFTER = FILL.partition("INSERT INTO matrix_pair (")  # the shop of the pages, with pairs of its own
CONTENT = AFTER.partition(";\n")[2].partition("INSERT INTO insights_weakflag")[0]

COMPANIONS_APART = """
INSERT INTO catalog_category (id, parent_id, name, full_name, path, position) OVERRIDING SYSTEM VALUE
    SELECT 50, NULL::bigint, 'Спутники', 'Спутники', '/50/', 1;
INSERT INTO catalog_category (id, parent_id, name, full_name, path, position) OVERRIDING SYSTEM VALUE
    SELECT 200 + i, 50, 'Спутники ' || i, 'Спутники / Спутники ' || i, '/50/' || 200 + i || '/', i
    FROM generate_series(0, {companion_categories} - 1) i;
UPDATE catalog_product SET category_id = 200 + sku::int % {companion_categories} WHERE sku::int > {mains};
INSERT INTO matrix_pair (main_id, companion_id, verdict, verdict_reason, version, updated_at)
    SELECT m.id, c.id, CASE WHEN x.i % 20 = 19 THEN 'not_suitable' ELSE 'suitable' END,
           CASE WHEN x.i % 20 = 19 THEN 'Другой разъём' ELSE '' END, 1, now() - x.i * interval '1 second'
    FROM (SELECT i, 1 + i % {mains} AS a, {mains} + 1 + (i % {mains} * 7 + i / {mains} * 53) % {companions} AS b
          FROM generate_series(0, {pairs} - 1) i) x
    JOIN catalog_product m ON m.sku = lpad(x.a::text, 8, '0') JOIN catalog_product c ON c.sku = lpad(x.b::text, 8, '0');
"""


def fill() -> "tuple[Matrix, Any]":
    """Fill the empty database; the matrix and a person who may change everything in it."""
    from django.db import connection

    from crossmatrix.accounts.models import Membership, User
    from crossmatrix.catalog.models import Category
    from crossmatrix.matrix.models import Matrix

    people = {}
    for name, role in (("writer", "category_manager"), ("head", "head"), ("manager", "category_manager")):
        people[name] = User.objects.create_user(f"{name}@bench", "bench", name=name.title())
        Membership.objects.create(user=people[name], role=role)
    with connection.cursor() as cursor:
        cursor.execute(
            (GOODS + COMPANIONS_APART + CONTENT).format(
                products=MAINS + COMPANIONS, mains=MAINS, companions=COMPANIONS, pairs=PAIRS, groups=GROUPS,
                categories=CATEGORIES, companion_categories=COMPANION_CATEGORIES, writer=people["writer"].pk,
                approver=people["head"].pk,
            )
        )  # fmt: skip
    vacuum()
    mains, companions = Category.objects.get(pk=1), Category.objects.get(pk=50)
    matrix = Matrix.objects.create(name="10 000 × 1 000", mains=mains, companions=companions, owner=people["head"])
    return matrix, people["manager"]
