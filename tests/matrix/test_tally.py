"""The tally of a large shop says what counting its pairs would say, and is believed only while the clock keeps it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.matrix import services, tasks
from crossmatrix.matrix.models import Matrix, Pair, Shelf, Tally, Tallying
from crossmatrix.matrix.selectors import axes, grid, lookups, overview, pairs, tally
from crossmatrix.matrix.selectors.axes import Level, Scope
from crossmatrix.matrix.selectors.narrow import RowFilter
from crossmatrix.matrix.services import LinkDraft, SlotDraft
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def a_large_shop(monkeypatch):
    """Two pairs are many here."""
    monkeypatch.setattr("crossmatrix.matrix.services.tally.MANY", 1)


@pytest.fixture
def head(db):
    return member(Role.HEAD)


@pytest.fixture
def shop(console, cable, consoles, cables, approved, approver, now):
    """An approved link, a draft to a second cable, a refused one, and a draft of a product without a category."""
    second, third = ProductFactory(category=cables, price="900.00"), ProductFactory(category=cables)
    lost = ProductFactory(category=None, sku="LOST")
    services.set_pair(draft=LinkDraft(console.pk, second.pk, reason="Spare", kind="accessory"), actor=approver, at=now)
    services.set_pair(draft=LinkDraft(lost.pk, cable.pk, reason="Fits", kind="accessory"), actor=approver, at=now)
    services.mark_unsuitable(main_id=console.pk, companion_id=third.pk, reason="Other plug", actor=approver, at=now)
    return Matrix.objects.create(name="Consoles and cables", mains=consoles, companions=cables)


def test_a_small_shop_has_no_tally(shop):
    tasks.keep_tally()

    assert not Tally.objects.exists()
    assert tally.by_state(paths=[""]) is None


def test_the_tally_says_what_counting_says(a_large_shop, shop, head, consoles, cables):
    counted = pairs.state_counts(head)
    summed = lookups.summary(mains_path=consoles.path, companions_path=cables.path, paths=[""])
    linked = grid._linked([consoles.pk], [cables.pk], fresh=False)

    assert services.take_tally(at=timezone.now())

    assert counted == {"draft": 2, "approved": 1, "not_suitable": 1}
    assert pairs.state_counts(head) == counted
    assert summed == {"draft": 1, "approved": 1, "not_suitable": 1}
    assert tally.by_state(paths=[""], mains_path=consoles.path, companions_path=cables.path) == summed
    assert linked == {(consoles.pk, cables.pk): 1}
    assert tally.linked([consoles.pk], [cables.pk]) == linked


def test_a_manager_sees_the_sums_of_the_own_categories_alone(a_large_shop, shop, cables):
    stranger = member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Kettles"))
    services.take_tally(at=timezone.now())

    assert pairs.state_counts(stranger) == {}
    assert tally.by_state(paths=[cables.path]) == {}


def test_pages_read_the_tally(a_large_shop, shop, head, client, consoles):
    services.take_tally(at=timezone.now())
    Tally.objects.filter(state="linked").update(count=7)
    Tally.objects.filter(state="approved").update(count=4321)
    client.force_login(head, backend="crossmatrix.accounts.backends.RoleBackend")

    layout = axes.build_layout(matrix=shop, scope=Scope(level=Level.TYPE), user=head)
    cells = grid.tile(layout=layout, r0=0, r1=9, c0=0, c1=9)["cells"]

    assert [cell[10] for cell in cells if cell[2] != "agg"] == [
        f"7/{Product.objects.filter(category=consoles).count()}/0"
    ]
    assert "4\xa0321" in client.get("/matrix/pairs/").content.decode()


@pytest.mark.parametrize(
    ("language", "listed", "first"), [("en", "counted at", "Counted at"), ("ru", "посчитано в", "Посчитано в")]
)
def test_kept_sums_say_when_they_were_counted(a_large_shop, shop, approver, client, language, listed, first):
    slot = SlotDraft(shop.mains_id, shop.companions_id, reason="Connects", wanted=3)
    services.set_slot(draft=slot, actor=approver, at=timezone.now())
    client.force_login(approver, backend="crossmatrix.accounts.backends.RoleBackend")
    client.cookies["django_language"] = language
    before = [client.get(page).content.decode() for page in ("/matrix/pairs/", "/")]

    tasks.keep_tally()
    taken = f"{timezone.localtime(tally.counted_at(tally.PAIRS)):%H:%M}"
    after = [client.get(page).content.decode() for page in ("/matrix/pairs/", "/")]

    assert [listed in before[0], first in before[1]] == [False, False]
    assert f"{listed} {taken}" in after[0]
    assert f"{first} {taken}" in after[1]


def test_a_write_to_the_type_level_counts_its_cell_anew(a_large_shop, shop, consoles, cables):
    services.take_tally(at=timezone.now())
    Tally.objects.filter(state="linked").update(count=7)

    (cell,) = grid.cells_of_slots([(consoles.pk, cables.pk)]).values()

    assert cell[10].startswith("1/")


def test_a_tally_that_the_clock_left_alone_is_not_believed(a_large_shop, shop, head):
    services.take_tally(at=timezone.now() - timedelta(minutes=6))
    Tally.objects.update(count=999)

    assert tally.by_state(paths=[""]) is None
    assert pairs.state_counts(head)["draft"] == 2


def test_while_nothing_is_written_only_the_time_moves(a_large_shop, shop):
    before, later = timezone.now(), timezone.now() + timedelta(minutes=1)
    services.take_tally(at=before)
    Tally.objects.update(count=999)

    assert not services.take_tally(at=later)
    assert Tallying.objects.get().taken_at == later
    assert set(Tally.objects.values_list("count", flat=True)) == {999}

    Tallying.objects.update(activity=-1)  # something was written since

    assert services.take_tally(at=later)
    assert 999 not in Tally.objects.values_list("count", flat=True)


def test_a_shop_that_became_small_loses_its_tally(a_large_shop, shop, monkeypatch):
    services.take_tally(at=timezone.now())
    monkeypatch.setattr("crossmatrix.matrix.services.tally.MANY", Pair.objects.count())

    services.take_tally(at=timezone.now())

    assert not Tally.objects.exists()
    assert not Tallying.objects.exists()


@pytest.fixture
def a_large_catalog(monkeypatch):
    """One product is many here."""
    monkeypatch.setattr("crossmatrix.matrix.services.tally.MANY", 0)


def axes_of(matrix, head):
    layout = axes.build_layout(matrix=matrix, scope=Scope(level=Level.SKU), user=head)
    return (
        list(axes.entries(layout, "rows", 0, layout.rows)),
        list(axes.entries(layout, "columns", 0, layout.columns)),
        layout.key,
    )


def test_shelves_give_the_axes_that_sorting_gives(a_large_catalog, shop, head, cables):
    ProductFactory(category=cables, name="Яблочный кабель")
    ProductFactory(category=cables, name="cable", status="hidden")
    ProductFactory(category=cables, name="кабель")
    sorted_now = axes_of(shop, head)

    assert services.fill_shelves(at=timezone.now())
    cache.clear()

    assert tally.shelves([cables.pk]) is not None
    assert axes_of(shop, head) == sorted_now
    assert tally.shelf_sizes([cables.pk])[cables.pk] == Product.objects.filter(category=cables).count() - 1


def test_a_narrowed_or_sorted_view_asks_the_products(a_large_catalog, shop, head):
    services.fill_shelves(at=timezone.now())
    Shelf.objects.update(products=b"")

    layout = axes.build_layout(matrix=shop, scope=Scope(level=Level.SKU, only=RowFilter(sort="price")), user=head)

    assert layout.members == 1


def test_shelves_that_the_clock_left_alone_are_not_read(a_large_catalog, shop, head, cables):
    services.fill_shelves(at=timezone.now() - timedelta(minutes=6))
    Shelf.objects.update(products=b"", count=99)

    assert tally.shelves([cables.pk]) is None
    assert tally.shelf_sizes([cables.pk]) is None
    assert len(axes_of(shop, head)[0]) == 2


def test_a_product_that_lost_its_category_stays_in_a_view_opened_before(a_large_catalog, shop, head, console):
    layout = axes.build_layout(matrix=shop, scope=Scope(level=Level.SKU), user=head)
    Product.objects.filter(pk=console.pk).update(category=None)

    window = grid.tile(layout=layout, r0=0, r1=9, c0=0, c1=9)

    assert console.name in [row[1] for row in window["rows"]]


def test_the_standing_of_slots_is_counted_by_the_clock_in_a_large_shop(a_large_shop, shop, approver, consoles, cables):
    services.set_slot(
        draft=SlotDraft(consoles.pk, cables.pk, reason="Connects", wanted=3), actor=approver, at=timezone.now()
    )
    counted = overview.slot_standings(approver)
    services.take_tally(at=timezone.now())

    assert [(one.have, one.wanted) for one in counted] == [(1, 3)]
    assert overview.slot_standings(approver) is None  # the clock has not come by

    tasks.keep_tally()

    assert overview.slot_standings(approver) == counted
    assert overview.slot_standings(member(Role.CATEGORY_MANAGER, category=cables)) == []
