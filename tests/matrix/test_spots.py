"""The cut line is drawn for one place of one storefront: the limit and the places are the channel's."""

import pytest
from django.urls import reverse

from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.views.spot import spot_of
from crossmatrix.publishing.models import Channel
from tests.factories import CategoryFactory, ProductFactory
from tests.publishing.factories import channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def companions(console, writer, now):
    for place in (1, 2, 3):
        product = ProductFactory(sku=f"C{place}", name=f"Companion {place}", price="900")
        services.set_pair(draft=LinkDraft(console.pk, product.pk, reason="So", rank=place), actor=writer, at=now)
    return Pair.objects.filter(main=console)


def plan(client, console, **query):
    return client.get(reverse("matrix:product", args=[console.pk]), query).context["plan"]


def test_without_a_channel_the_settings_say_how_many(client, console, companions, writer, settings):
    settings.PLACEMENT_CAP = 2
    client.force_login(writer)

    found = plan(client, console)

    assert (found.cap, found.shown, found.cut) == (2, 2, 2)


def test_the_limit_is_the_channels_and_another_channel_is_chosen(client, console, companions, writer):
    channel("a-shop", name="A shop", cap=1)
    channel("b-shop", name="B shop", cap=2)
    Channel.objects.filter(pk=channel("off", name="Off", cap=9).pk).update(active=False)
    channel("else", name="Elsewhere", cap=8, category=CategoryFactory())
    client.force_login(writer)

    first, second, unknown = (plan(client, console, channel=code).cap for code in ("", "b-shop", "else"))

    assert (first, second, unknown) == (1, 2, 1)
    page = client.get(reverse("matrix:product", args=[console.pk])).content.decode()
    assert "A shop" in page
    assert "B shop" in page
    assert "Elsewhere" not in page


def test_channels_that_show_alike_are_no_choice(console):
    for code in ("a-shop", "b-shop"):
        channel(code, cap=3)

    spot = spot_of(console)

    assert (spot.cap, list(spot.storefronts)) == (3, [])


def test_a_channel_offers_its_own_places_only(console):
    channel("cart-only", cap=3, placements=["cart", "store"])

    assert spot_of(console).place == "cart"
    assert spot_of(console, place="product_page").places == ["cart", "store"]
    assert spot_of(console, place="store").place == "store"


def test_places_that_nothing_fills_are_told(client, console, companions, writer):
    channel(cap=5)
    client.force_login(writer)

    found = plan(client, console)

    assert (found.shown, found.free) == (3, 2)
    assert "3 из 5" in client.get(reverse("matrix:product", args=[console.pk])).content.decode()


def test_the_shop_and_the_sheet_follow_the_channel(client, console, companions, writer):
    channel("a-shop", name="A shop", cap=1)
    channel("b-shop", name="B shop", cap=2)
    client.force_login(writer)
    query = {"channel": "b-shop", "as": "plan"}

    shop = client.get(reverse("matrix:shop", args=[console.pk]), query)
    sheet = client.get(reverse("matrix:product_print", args=[console.pk]), query)

    assert len(shop.context["seen"].lines) == 2
    assert sheet.context["plan"].cut == 2
    assert "B shop" in sheet.content.decode()


def test_the_neighbours_open_at_the_same_spot(client, console, consoles, companions, writer):
    ProductFactory(sku="ZZZ", category=consoles)
    client.force_login(writer)

    page = client.get(reverse("matrix:product", args=[console.pk]), {"place": "cart", "channel": "x"})

    assert page.context["walk_query"] == "?place=cart&channel=x"
    assert "?place=cart&amp;channel=x" in page.content.decode()
