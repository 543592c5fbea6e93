"""How the person's categories stand, on the first page; saved filters and both directions in the list of pairs."""

from decimal import Decimal

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, SavedView
from crossmatrix.matrix.rules import SlotDraft
from crossmatrix.matrix.selectors.overview import blocked_links, slot_standings
from crossmatrix.matrix.services import LinkDraft
from crossmatrix.matrix.views.overview import blocked, coverage
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


def asked_by(rf, person):
    request = rf.get("/")
    request.user = person
    return request


@pytest.fixture
def slot(consoles, cables, writer, now):
    draft = SlotDraft(consoles.pk, cables.pk, reason="Connects", wanted=2)
    return services.set_slot(draft=draft, actor=writer, at=now)


def approve(main, companion, writer, approver, now):
    made = services.set_pair(draft=LinkDraft(main.pk, companion.pk, reason="ok"), actor=writer, at=now)
    return services.approve(revision=services.submit(revision=made, actor=writer, at=now), actor=approver, at=now)


def test_a_slot_counts_approved_companions_of_active_products_up_to_what_it_wants(
    slot, console, consoles, cables, writer, approver, now
):
    beneath = CategoryFactory(parent=cables)
    for companion in ProductFactory.create_batch(3, category=beneath, price="100"):
        approve(console, companion, writer, approver, now)
    ProductFactory(category=CategoryFactory(parent=consoles))
    ProductFactory(category=consoles, status="discontinued")

    (standing,) = slot_standings(writer)

    assert (standing.have, standing.wanted, standing.share) == (2, 4, 0.5)


def test_the_first_page_tells_coverage_without_calling_it_work(rf, slot, console, cable, writer, approver, now, client):
    approve(console, cable, writer, approver, now)

    section = coverage(asked_by(rf, writer))

    assert (section.count, section.waits, section.rows[0].value, section.rows[0].tone) == (
        1,
        False,
        "50\N{NO-BREAK SPACE}%",
        "warn",
    )
    assert section.rows[0].url == reverse("matrix:slot_fill", args=[slot.pk])
    assert coverage(asked_by(rf, member(Role.STAFF))) is None
    assert slot_standings(member(Role.CATEGORY_MANAGER, category=CategoryFactory())) == []


def test_links_that_the_ratio_blocks_are_listed_until_somebody_accepts_it(rf, drafted, writer, cable, now):
    Product.objects.filter(pk=cable.pk).update(price=Decimal(90000))
    services.recheck_ratios(at=now)

    section = blocked(asked_by(rf, writer))

    assert (section.count, section.rows[0].tone) == (1, "bad")
    accepted = LinkDraft(drafted.pair.main_id, drafted.pair.companion_id, override_reason="A gift set")
    services.set_pair(draft=accepted, actor=writer, at=now)
    assert blocked(asked_by(rf, writer)) is None
    assert not blocked_links(writer).exists()


def test_a_pair_is_written_both_ways_or_not_at_all(client, console, cable, writer, now):
    client.force_login(writer, backend="crossmatrix.accounts.backends.RoleBackend")
    typed = {"main": "PS-5", "companion": "HDMI-2", "reason": "Connects", "kind": "required", "rank": 1, "both": "on"}

    client.post(reverse("matrix:pair_new"), typed)
    again = client.post(reverse("matrix:pair_new"), typed | {"main": "HDMI-2", "companion": "PS-5"})

    assert set(Pair.objects.values_list("main__sku", "companion__sku")) == {("PS-5", "HDMI-2"), ("HDMI-2", "PS-5")}
    assert again.status_code == 422


def test_when_one_way_exists_neither_is_written(client, console, cable, drafted, writer):
    client.force_login(writer, backend="crossmatrix.accounts.backends.RoleBackend")
    typed = {"main": "HDMI-2", "companion": "PS-5", "reason": "New", "kind": "required", "rank": 1, "both": "on"}

    assert client.post(reverse("matrix:pair_new"), typed).status_code == 422

    assert list(Pair.objects.filter(current__isnull=False).values_list("main__sku", flat=True)) == ["PS-5"]


def test_filters_of_the_list_are_kept_by_name_and_opened_again(client, drafted, writer):
    client.force_login(writer, backend="crossmatrix.accounts.backends.RoleBackend")
    address = reverse("matrix:pairs") + "?state=draft&q=&page=1"

    page = client.get(address)
    assert page.context["saved_query"] == "state=draft"
    client.post(reverse("matrix:saved_keep"), {"page": "pairs", "query": "state=draft", "name": "My drafts"})
    view = SavedView.objects.get()
    opened = client.get(reverse("matrix:saved_open", args=[view.pk]))
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert opened.url == reverse("matrix:pairs") + "?state=draft"
    assert 'hx-swap-oob="true"' in part
    assert "My drafts" in part
