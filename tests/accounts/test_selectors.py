import pytest

from crossmatrix.accounts import selectors
from crossmatrix.accounts.rules import Permission, Role
from crossmatrix.catalog.models import Product
from tests.factories import CategoryFactory, ProductFactory, SupplierFactory, member

pytestmark = pytest.mark.django_db


def test_a_manager_sees_their_subtree_and_nothing_beside_it():
    games = CategoryFactory(name="Games")
    disks = CategoryFactory(name="Disks", parent=games)
    mine, other = ProductFactory(category=disks), ProductFactory()
    manager = member(Role.CATEGORY_MANAGER, category=games)

    found = Product.objects.filter(selectors.within(manager, "category__path"))

    assert list(found) == [mine]
    assert other not in found


def test_a_membership_without_category_reaches_everything():
    product = ProductFactory()
    head = member(Role.HEAD)

    assert list(Product.objects.filter(selectors.within(head, "category__path"))) == [product]


def test_a_person_without_membership_reaches_nothing():
    ProductFactory()
    supplier = member(Role.SUPPLIER, supplier=SupplierFactory())

    assert not Product.objects.filter(selectors.within(supplier, "category__path")).exists()


def test_scope_follows_the_permission_asked_for():
    games, sound = CategoryFactory(), CategoryFactory()
    person = member(Role.ANALYST, category=games)
    person.memberships.create(role=Role.CATEGORY_MANAGER, category=sound)

    assert selectors.category_paths_of(person, Permission.PAIR_APPROVE) == [sound.path]


def test_an_unknown_actor_is_refused_by_name():
    with pytest.raises(selectors.UnknownPerson, match="ghost@shop"):
        selectors.person("ghost@shop")


def test_django_asks_the_roles():
    manager = member(Role.CATEGORY_MANAGER)

    assert manager.has_perm(Permission.PAIR_EDIT)
    assert not manager.has_perm(Permission.PEOPLE_EDIT)
