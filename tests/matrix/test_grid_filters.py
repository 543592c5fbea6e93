"""Filters, order and columns of an SKU view, its address, and filters kept by name."""

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, Pair, PairRevision, SavedView, Slot
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.selectors import axes, providers
from crossmatrix.matrix.selectors.axes import Level, Scope
from crossmatrix.matrix.selectors.narrow import RowFilter
from crossmatrix.matrix.services.saved import NameMissing, TooManyViews, keep_view
from crossmatrix.matrix.views.scope import address_of, scope_of
from tests.factories import CategoryFactory, ProductFactory, member


@pytest.fixture(autouse=True)
def no_kept_views():
    cache.clear()


@pytest.fixture
def shop(db):
    """Three consoles and three cables; console A has a draft and a "not suitable", B an approved pair, C nothing."""
    consoles, cables = CategoryFactory(name="Consoles"), CategoryFactory(name="Cables")
    mains = {
        name: ProductFactory(sku=name, name=f"Console {name}", category=consoles, price=price)
        for name, price in (("A", 30000), ("B", 10000), ("C", 20000))
    }
    companions = {
        name: ProductFactory(sku=name, name=f"Cable {name}", category=cables, price=price)
        for name, price in (("x", 900), ("y", 4000), ("z", 500))
    }
    now, writer, other = timezone.now(), member(Role.CATEGORY_MANAGER), member(Role.CATEGORY_MANAGER)
    Slot.objects.create(main_category=consoles, companion_category=cables, reason="TV", wanted=2, updated_at=now)
    links = [
        LinkDraft(mains["A"].pk, companions["x"].pk, reason="For TV"),
        LinkDraft(mains["B"].pk, companions["y"].pk, reason="For TV"),
    ]
    services.apply_links(links=links, actor=writer, at=now, source="hand", batch="seed")
    services.mark_unsuitable(
        main_id=mains["A"].pk, companion_id=companions["z"].pk, reason="Too short", actor=writer, at=now
    )
    approved = Pair.objects.get(main=mains["B"]).current
    PairRevision.objects.filter(pk=approved.pk).update(state="approved", decided_by=other, decided_at=now)
    Pair.objects.filter(main=mains["B"]).update(approved=approved)
    matrix = Matrix.objects.create(name="Consoles and cables", mains=consoles, companions=cables)
    return {"matrix": matrix, "writer": writer, "other": other, "mains": mains, "companions": companions}


def axis(shop, side, **scope):
    """SKUs of the rows or columns of the view."""
    view = axes.build_layout(matrix=shop["matrix"], scope=Scope(level=Level.SKU, **scope), user=shop["writer"])
    names = {product.pk: sku for sku, product in shop["mains" if side == "rows" else "companions"].items()}
    count = view.rows if side == "rows" else view.columns
    return [names[entry] for entry in axes.entries(view, side, 0, count) or [] if entry > 0]


@pytest.mark.parametrize(
    ("only", "shown"),
    [
        ({}, ["A", "B", "C"]),
        ({"state": "approved"}, ["B"]),
        ({"state": "not_suitable"}, ["A"]),
        ({"state": "empty"}, ["C"]),
        ({"ratio": "warn"}, ["B"]),  # 4 000 of 10 000
        ({"ratio": "block"}, []),
        ({"price_from": 10001}, ["A", "C"]),
        ({"price_from": 10000, "price_to": 20000}, ["B", "C"]),
        ({"coverage": "none"}, ["A", "C"]),
        ({"coverage": "part"}, ["B"]),
        ({"coverage": "full"}, []),
        ({"query": "console b"}, ["B"]),
        ({"sort": "price"}, ["B", "C", "A"]),
        ({"sort": "-price"}, ["A", "C", "B"]),
        ({"sort": "-coverage"}, ["B", "A", "C"]),
    ],
)
def test_rows_are_narrowed_and_ordered(shop, only, shown):
    assert axis(shop, "rows", only=RowFilter(**only)) == shown


def test_the_owner_is_who_wrote_the_newest_content(shop):
    assert axis(shop, "rows", only=RowFilter(owner=shop["writer"].pk)) == ["A", "B"]
    assert axis(shop, "rows", only=RowFilter(owner=shop["other"].pk)) == []


@pytest.mark.parametrize("mark", ["suggestion", "weak"])
def test_what_orders_say_narrows_the_rows(shop, monkeypatch, mark):
    asked = []

    def marked(kind, companions):
        asked.append((kind, sorted(companions)))
        return {shop["mains"]["C"].pk, 999_999}

    monkeypatch.setattr(providers, "_marked", [marked])

    assert axis(shop, "rows", only=RowFilter(mark=mark)) == ["C"]
    assert asked == [(mark, sorted(product.pk for product in shop["companions"].values()))]


def test_columns_are_ordered_hidden_and_put_by_hand(shop):
    x, z = shop["companions"]["x"].pk, shop["companions"]["z"].pk

    assert axis(shop, "columns") == ["x", "y", "z"]
    assert axis(shop, "columns", column_sort="price") == ["z", "x", "y"]
    assert axis(shop, "columns", order=(z,)) == ["z", "x", "y"]
    assert axis(shop, "columns", order=(z, x), hidden=(x,)) == ["z", "y"]
    assert axis(shop, "columns", linked=True) == ["x", "y"]


def test_hidden_rows_are_left_out_and_their_group_counts_the_rest(shop):
    a = shop["mains"]["A"].pk
    view = axes.build_layout(
        matrix=shop["matrix"], scope=Scope(level=Level.SKU, only=RowFilter(hidden=(a,))), user=shop["writer"]
    )

    assert (view.members, view.groups[0].count) == (2, 2)


def test_an_address_means_the_view_it_was_written_from(shop):
    query = "level=sku&state=draft&q=cable+5&owner=7&ratio=warn&from=1000&to=2000.5&coverage=part&mark=weak&sort=-price&colsort=price&order=3,1&nocols=4&norows=5,6&linked=1"

    scope = scope_of(QueryDict(query), shop["matrix"])

    assert QueryDict(address_of(scope)) == QueryDict(query)
    assert scope_of(QueryDict(address_of(scope)), shop["matrix"]) == scope


@pytest.mark.parametrize(
    "query",
    ["state=published&ratio=x", "from=abc&to=NaN", "owner=me", "sort=name;drop", "order=1;2", "from=-5&to=1e99"],
)
def test_nonsense_in_an_address_is_as_if_it_were_not_there(shop, query):
    assert scope_of(QueryDict(f"level=sku&{query}"), shop["matrix"]) == Scope(level=Level.SKU)


def test_an_address_of_old_leads_to_the_filter_of_prices(shop):
    assert scope_of(QueryDict("level=sku&state=warn"), shop["matrix"]).only == RowFilter(ratio="warn")


def test_the_page_tells_its_filters_and_offers_the_way_out(shop, client):
    client.force_login(shop["writer"])

    answer = client.get(f"/matrix/{shop['matrix'].pk}/?level=sku&state=draft&from=1000&owner={shop['writer'].pk}")

    assert answer.status_code == 200
    assert [chip.value for chip in answer.context["chips"]] == ["я", "Черновик", "1\xa0000 – "]
    assert "state" not in answer.context["chips"][1].url
    assert "from" in answer.context["chips"][1].url


# -- saved views --------------------------------------------------------------------------------------------------


def keep(client, shop, **changes):
    form = {"page": f"matrix:{shop['matrix'].pk}", "name": "Mine", "query": "level=sku&state=draft", **changes}
    return client.post(reverse("matrix:saved_keep"), form, HTTP_HX_REQUEST="true")


def test_a_view_is_kept_opened_renewed_and_forgotten(shop, client):
    client.force_login(shop["writer"])

    first, again = keep(client, shop), keep(client, shop, query="level=sku&state=approved")
    view = SavedView.objects.get()
    opened = client.get(reverse("matrix:saved_open", args=[view.pk]))
    forgotten = client.post(reverse("matrix:saved_forget", args=[view.pk]), HTTP_HX_REQUEST="true")

    assert (first.status_code, again.status_code, forgotten.status_code) == (200, 200, 200)
    assert "Mine" in again.content.decode()
    assert opened.url == f"/matrix/{shop['matrix'].pk}/?level=sku&state=approved"
    assert not SavedView.objects.exists()


def test_a_view_of_ones_own_is_closed_to_others_until_it_is_shared(shop, client):
    client.force_login(shop["writer"])
    keep(client, shop)
    view = SavedView.objects.get()
    client.force_login(shop["other"])
    closed = client.get(reverse("matrix:saved_open", args=[view.pk]))
    view.shared = True
    view.save()

    opened = client.get(reverse("matrix:saved_open", args=[view.pk]))
    page = client.get(f"/matrix/{shop['matrix'].pk}/?level=sku")
    forgotten = client.post(reverse("matrix:saved_forget", args=[view.pk]))

    assert (closed.status_code, opened.status_code, forgotten.status_code) == (404, 302, 404)
    assert "Mine" in page.content.decode()
    assert SavedView.objects.exists()


def test_a_view_without_a_name_or_of_a_strange_page_is_refused(shop, client):
    client.force_login(shop["writer"])

    nameless, strange = keep(client, shop, name="  "), keep(client, shop, page="matrix:999999")

    assert (nameless.status_code, strange.status_code) == (422, 404)
    assert 'role="alert"' in nameless.content.decode()
    assert not SavedView.objects.exists()


def test_a_person_keeps_a_hundred_views_of_a_page(shop):
    now, person = timezone.now(), shop["writer"]
    SavedView.objects.bulk_create(
        SavedView(person=person, page="pairs", name=f"{number}", created_at=now) for number in range(100)
    )

    with pytest.raises(TooManyViews):
        keep_view(person=person, page="pairs", name="one more", query="", shared=False, at=now)
    keep_view(person=person, page="pairs", name="5", query="q=1", shared=False, at=now)
    with pytest.raises(NameMissing):
        keep_view(person=person, page="pairs", name="x" * 81, query="", shared=False, at=now)

    assert SavedView.objects.get(name="5").query == "q=1"
