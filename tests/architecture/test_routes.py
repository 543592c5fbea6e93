"""Every address of the application, asked by people who may and people who may not."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from crossmatrix.accounts.rules import Role
from tests.factories import SupplierFactory, UserFactory, member

OPEN_TO_ANYBODY = {
    "accounts:sign_in",
    "accounts:sign_out",
    "accounts:language",
    "accounts:theme",
    "api:health",
    "set_language",
}
OPEN_TO_ALL_SIGNED_IN = {  # the frame of every page; what it shows is filtered by the person
    "accounts:profile",
    "home:home",
    "ui:gallery",
    "ui:commands",
    "jobs:list",
    "jobs:progress",
    "jobs:cancel",
}
SAMPLES = {"int": "1", "uuid": str(UUID(int=1)), "str": "x", "slug": "x", "path": "x"}


def routes(
    resolver: URLResolver | None = None, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, object]]:
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, address, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", address, entry.callback


def sample(address: str) -> str:
    """An address with values in place of its converters."""
    out, rest = "", address
    while "<" in rest:
        before, _, tail = rest.partition("<")
        converter, _, rest = tail.partition(">")
        out += before + SAMPLES[converter.partition(":")[0] if ":" in converter else "str"]
    return "/" + out + rest


ROUTES = list(routes())


def permissions_of(view: object) -> tuple[str, ...] | None:
    """What the guard of the view asks for; class-based views carry it on their class's dispatch."""
    return getattr(view, "permissions", None)


@pytest.mark.parametrize(
    ("name", "view"), [(name, view) for name, _address, view in ROUTES], ids=[r[0] for r in ROUTES]
)
def test_every_view_says_who_may_come_in(name, view):
    known = name in OPEN_TO_ANYBODY | OPEN_TO_ALL_SIGNED_IN

    assert known or permissions_of(view), f"{name} has no guard"


@pytest.mark.django_db
@pytest.mark.parametrize("address", [sample(address) for name, address, _view in ROUTES if name not in OPEN_TO_ANYBODY])
def test_nobody_comes_in_without_signing_in(client, address):
    answer = client.get(address)

    assert answer.status_code in {302, 405}
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/account/sign-in/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        sample(address)
        for name, address, _view in ROUTES
        if name not in OPEN_TO_ANYBODY and not address.startswith(("portal/", "account/")) and address
    ],
)
def test_a_supplier_finds_no_staff_page(client, address):
    client.force_login(member(Role.SUPPLIER, supplier=SupplierFactory()))

    answer = client.get(address)

    assert answer.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [sample(address) for name, address, view in ROUTES if permissions_of(view) and name not in OPEN_TO_ANYBODY],
)
def test_a_person_without_a_role_is_kept_out(client, address):
    client.force_login(UserFactory())

    answer = client.get(address)

    assert answer.status_code in {403, 404, 405}
