from decimal import Decimal

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog import services
from crossmatrix.catalog.models import Category, PriceChange, Product
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return member(Role.CATEGORY_MANAGER)


def test_a_path_makes_its_missing_ancestors_once(manager, now):
    disks = services.ensure_category_path("Игры / Диски", actor=manager, at=now)
    again = services.ensure_category_path("Игры / Диски", actor=manager, at=now)

    assert again == disks
    games = Category.objects.get(full_name="Игры")
    assert disks.path == f"/{games.pk}/{disks.pk}/"
    assert disks.parent == games
    assert Category.objects.count() == 2


def test_a_category_without_a_name_is_refused(manager, now):
    with pytest.raises(services.CategoryRefused) as refused:
        services.ensure_category_path("  ", actor=manager, at=now)

    assert refused.value.code == "category.empty"


def test_creating_an_existing_category_is_refused(manager, now):
    services.create_category("Игры / Диски", actor=manager, at=now)

    with pytest.raises(services.CategoryRefused) as refused:
        services.create_category("Игры / Диски", actor=manager, at=now)

    assert refused.value.code == "category.exists"


def test_a_moved_category_takes_its_subtree_along(manager, now):
    leaf = services.ensure_category_path("Игры / Диски / RPG", actor=manager, at=now)
    media = services.ensure_category_path("Медиа", actor=manager, at=now)
    disks = Category.objects.get(full_name="Игры / Диски")

    services.move_category(category=disks, parent=media, actor=manager, at=now)

    leaf.refresh_from_db()
    assert leaf.full_name == "Медиа / Диски / RPG"
    assert leaf.path == f"/{media.pk}/{disks.pk}/{leaf.pk}/"
    assert history_of(disks).first().before == {"name": "Игры / Диски"}


def test_a_category_cannot_move_into_itself(manager, now):
    leaf = services.ensure_category_path("Игры / Диски", actor=manager, at=now)

    with pytest.raises(services.CategoryRefused) as refused:
        services.move_category(category=leaf.parent, parent=leaf, actor=manager, at=now)

    assert refused.value.code == "category.loop"
    leaf.refresh_from_db()
    assert leaf.full_name == "Игры / Диски"


def test_a_move_onto_a_taken_name_is_refused(manager, now):
    services.ensure_category_path("A / X", actor=manager, at=now)
    other = services.ensure_category_path("B / X", actor=manager, at=now)

    with pytest.raises(services.CategoryRefused) as refused:
        services.move_category(category=other, parent=Category.objects.get(full_name="A"), actor=manager, at=now)

    assert refused.value.code == "category.exists"


def test_a_new_price_is_remembered_with_the_old_one(manager, now):
    product = ProductFactory(price=Decimal(1000), cost=Decimal(700))

    services.edit_product(product=product.pk, version=1, changes={"price": Decimal(900)}, actor=manager, at=now)

    change = PriceChange.objects.get()
    assert (change.price_before, change.price_after, change.cost_after) == (Decimal(1000), Decimal(900), Decimal(700))
    assert change.actor == manager
    assert AuditEvent.objects.get(kind="product.changed").after == {"price": "900"}


def test_a_stale_edit_writes_nothing(manager, now):
    product = ProductFactory(name="Кабель", price=Decimal(1000))
    services.edit_product(product=product.pk, version=1, changes={"price": Decimal(900)}, actor=manager, at=now)

    with pytest.raises(services.StaleProduct):
        services.edit_product(product=product.pk, version=1, changes={"price": Decimal(800)}, actor=manager, at=now)

    product.refresh_from_db()
    assert (product.price, product.version) == (Decimal(900), 2)
    assert PriceChange.objects.count() == 1


def test_an_edit_that_changes_nothing_leaves_no_trace(manager, now):
    product = ProductFactory(stock=5)

    services.edit_product(product=product.pk, version=1, changes={"stock": 5}, actor=manager, at=now)

    product.refresh_from_db()
    assert product.version == 1
    assert not AuditEvent.objects.exists()


def test_the_sku_is_not_edited(manager, now):
    product = ProductFactory(sku="000123")

    with pytest.raises(TypeError):
        services.edit_product(product=product.pk, version=1, changes={"sku": "123"}, actor=manager, at=now)


def test_a_retired_product_stays_with_its_reason(manager, now):
    product = ProductFactory()

    services.retire_product(product=product.pk, version=1, actor=manager, at=now, reason="Снят с производства")

    assert Product.objects.get().status == "discontinued"
    assert history_of(product).first().reason == "Снят с производства"


def test_a_taken_sku_is_refused(manager, now):
    ProductFactory(sku="000123")

    with pytest.raises(services.ProductRefused) as refused:
        services.create_product(sku=" 000123 ", name="Другой", actor=manager, at=now)

    assert refused.value.code == "product.sku_taken"


def test_a_new_product_begins_its_price_history(manager, now):
    services.create_product(
        sku="000124", name="Кабель", price=Decimal(10), category_id=CategoryFactory().pk, actor=manager, at=now
    )

    assert PriceChange.objects.get().price_before is None
