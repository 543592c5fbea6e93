"""Short arrangement of rows; each test names only what matters to it."""

import factory
from factory.django import DjangoModelFactory

from crossmatrix.accounts.models import Membership, User
from crossmatrix.catalog.models import Category, Product, Supplier


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Category {n}")
    full_name = factory.LazyAttribute(lambda o: f"{o.parent.full_name} / {o.name}" if o.parent else o.name)
    parent = None

    @factory.post_generation
    def path(self, create, extracted, **kwargs):
        self.path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        self.save(update_fields=["path"])


class SupplierFactory(DjangoModelFactory):
    class Meta:
        model = Supplier

    code = factory.Sequence(lambda n: f"S{n}")
    name = factory.Sequence(lambda n: f"Supplier {n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"{n:06d}")
    name = factory.Sequence(lambda n: f"Product {n}")
    category = factory.SubFactory(CategoryFactory)
    price = "1000.00"
    cost = "700.00"
    stock = 10


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@shop.test")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = "!"


def member(role, *, category=None, supplier=None, **fields):
    """A person with one role."""
    user = UserFactory(**fields)
    Membership.objects.create(user=user, role=role, category=category, supplier=supplier)
    return user
