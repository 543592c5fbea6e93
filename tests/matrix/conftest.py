"""A small shop: consoles above, cables below, and the people around them."""

import pytest

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.services import LinkDraft
from tests.factories import CategoryFactory, ProductFactory, member


@pytest.fixture
def consoles(db):
    return CategoryFactory(name="Consoles")


@pytest.fixture
def cables(db):
    return CategoryFactory(name="Cables")


@pytest.fixture
def console(consoles):
    return ProductFactory(sku="PS-5", name="Console", category=consoles, price="50000.00")


@pytest.fixture
def cable(cables):
    return ProductFactory(sku="HDMI-2", name="Cable", category=cables, price="1500.00")


@pytest.fixture
def writer(db):
    return member(Role.CATEGORY_MANAGER, name="Elena Writer")


@pytest.fixture
def approver(db):
    return member(Role.CATEGORY_MANAGER, name="Timur Approver")


@pytest.fixture
def link(console, cable):
    return LinkDraft(console.pk, cable.pk, reason="Connects to the TV", kind="required")


@pytest.fixture
def drafted(link, writer, now):
    return services.set_pair(draft=link, actor=writer, at=now)


@pytest.fixture
def submitted(drafted, writer, now):
    return services.submit(revision=drafted, actor=writer, at=now)


@pytest.fixture
def approved(submitted, approver, now):
    return services.approve(revision=submitted, actor=approver, at=now)


@pytest.fixture
def companions(console, writer, now):
    """Three drafts at ranks 10, 20 and 30."""
    links = []
    for place in (1, 2, 3):
        product = ProductFactory(sku=f"C{place}", name=f"Companion {place}", price="900")
        draft = LinkDraft(console.pk, product.pk, reason="Because", rank=place * 10)
        links.append(services.set_pair(draft=draft, actor=writer, at=now).pair)
    return [Pair.objects.get(pk=pair.pk) for pair in links]


@pytest.fixture
def approve(writer, approver, now):
    def do(pair):
        revision = services.submit(revision=pair.current, actor=writer, at=now)
        services.approve(revision=revision, actor=approver, at=now)
        pair.refresh_from_db()

    return do
