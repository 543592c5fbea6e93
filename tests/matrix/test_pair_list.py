"""The list of pairs of a large shop: ordered by an index, searched by what is the lesser work, counted no further than told."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.selectors import pairs as read
from crossmatrix.matrix.services import LinkDraft
from crossmatrix.ui import lists
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db
LIST = reverse("matrix:pairs")


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def shop(consoles, cables, writer, now):
    """Five pairs of one main: four with a ratio, of which two are alike, and one that has none; and one refused outright."""
    main = ProductFactory(sku="MAIN", name="Приставка", category=consoles, price="100.00")
    for number, price in enumerate(["30.00", "10.00", "20.00", "20.00", None]):
        other = ProductFactory(sku=f"C{number}", name=f"Кабель {number}", category=cables, price=price)
        services.set_pair(draft=LinkDraft(main.pk, other.pk, reason="Fits", kind="accessory"), actor=writer, at=now)
    bad = ProductFactory(sku="BAD", name="Чехол", category=cables)
    services.mark_unsuitable(main_id=main.pk, companion_id=bad.pk, reason="Other plug", actor=writer, at=now)
    return main


def shown(client, **query):
    return [row.record.companion.sku for row in client.get(LIST, query).context["table"].paginated_rows]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("ratio", ["C1", "C2", "C3", "C0", "BAD", "C4"]), ("-ratio", ["C0", "C3", "C2", "C1", "BAD", "C4"])],
)
def test_pairs_without_a_ratio_stand_last_in_both_orders(client, shop, writer, monkeypatch, sort, order):
    client.force_login(writer)

    whole = shown(client, sort=sort)
    monkeypatch.setattr(lists.list_page, "__kwdefaults__", lists.list_page.__kwdefaults__ | {"per_page": 2})
    pages = [shown(client, sort=sort, page=page) for page in (1, 2, 3)]

    assert sorted(whole[4:]) == sorted(order[4:])
    assert whole[:4] == order[:4]
    assert [sku for page in pages for sku in page] == whole


def test_the_order_by_ratio_is_kept_within_a_filter(client, shop, writer):
    client.force_login(writer)

    assert shown(client, sort="-ratio", state="draft", q="кабель")[:4] == ["C0", "C3", "C2", "C1"]
    assert shown(client, sort="-ratio", verdict="not_suitable") == ["BAD"]


@pytest.mark.parametrize("few", [0, 2000])
def test_a_search_finds_the_same_by_names_and_by_looking(client, shop, writer, monkeypatch, few):
    monkeypatch.setattr("crossmatrix.matrix.filters.FEW", few)
    client.force_login(writer)

    assert sorted(shown(client, q="кабели")) == ["C0", "C1", "C2", "C3", "C4"]
    assert shown(client, q="c3") == ["C3"]
    assert len(shown(client, q="приставка")) == 6
    assert shown(client, q="'&|!") == []


def test_a_list_that_surely_has_more_is_not_counted(client, shop, writer, monkeypatch):
    monkeypatch.setattr("crossmatrix.matrix.views.pairs.CAP", 2)
    client.force_login(writer)

    with CaptureQueriesContext(connection) as asked:
        page = client.get(LIST).context["table"].page.paginator
        searched = client.get(LIST, {"q": "кабель"}).context["table"].page.paginator

    assert (page.count, page.capped) == (2, True)
    assert (searched.count, searched.capped) == (5, False)
    counted = [one["sql"] for one in asked.captured_queries if "COUNT" in one["sql"] and "LIMIT" in one["sql"]]
    assert not [sql for sql in counted if "LIMIT 3)" in sql]


def test_kept_sums_of_one_scope_are_not_shown_to_another(shop, writer, monkeypatch):
    monkeypatch.setattr(read, "MANY", 0)
    elsewhere = member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Elsewhere"))
    inside = member(Role.CATEGORY_MANAGER, category=shop.category)

    assert read.state_counts(writer) == read.state_counts(inside) == {"draft": 5, "not_suitable": 1}
    assert read.state_counts(elsewhere) == {}


def test_sums_are_kept_for_a_minute_only_where_counting_is_felt(shop, writer, monkeypatch):
    before = read.state_counts(writer)
    Pair.objects.filter(companion__sku="C0").update(current=None)

    assert read.state_counts(writer)["draft"] == before["draft"] - 1

    monkeypatch.setattr(read, "MANY", 0)
    kept = read.state_counts(writer)
    Pair.objects.filter(companion__sku="C1").update(current=None)

    assert read.state_counts(writer) == kept
    cache.clear()  # a minute later
    assert read.state_counts(writer)["draft"] == kept["draft"] - 1


def test_the_first_page_reads_what_is_rare_from_its_own_index(shop, writer, cables, now):
    many = [ProductFactory(sku=f"MANY{number}", category=cables, price="10.00") for number in range(200)]
    links = [LinkDraft(shop.pk, other.pk, reason="Fits", kind="accessory") for other in many]
    services.apply_links(links=links, actor=writer, at=now, source="import", batch="b")
    PairRevision.objects.filter(pk__in=PairRevision.objects.order_by("pk")[:100].values("pk")).update(
        state="in_review", submitted_at=now
    )
    asked = {
        "matrix_reviews_overdue": "state = 'in_review' AND escalated_at IS NOT NULL ORDER BY submitted_at, id",
        "matrix_drafts_returned": "state = 'draft' AND NOT (comment = '') ORDER BY decided_at DESC, id DESC",
        "matrix_ratio_blocks": "state IN ('draft', 'in_review', 'approved') AND ratio_status = 'block' "
        "AND override_reason = '' ORDER BY id DESC",
    }

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE matrix_pairrevision")  # else the plan follows what earlier tests left of statistics
        cursor.execute("SET LOCAL enable_seqscan = off")
        for index, where in asked.items():
            cursor.execute(f"EXPLAIN SELECT id FROM matrix_pairrevision WHERE {where} LIMIT 5")
            assert index in "\n".join(row[0] for row in cursor.fetchall())
