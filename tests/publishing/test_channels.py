"""Channels: complete settings, codes taken once."""

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.services import channels
from crossmatrix.publishing.services.channels import BadChannel, StaleChannel
from tests.factories import UserFactory
from tests.publishing.factories import NOW, channel

pytestmark = pytest.mark.django_db


def test_a_channel_is_made_with_complete_settings_and_remembered():
    integrator = UserFactory()

    shop = channels.create_channel(
        code="Shop",
        name="  My   shop ",
        format="woocommerce",
        at=NOW,
        actor=integrator,
        placements=["cart", "product_page"],
    )

    assert (shop.code, shop.name, shop.placements) == ("shop", "My shop", ["product_page", "cart"])
    assert shop.settings == {"upsells": "untouched", "delimiter": "comma"}
    event = AuditEvent.objects.get(kind="channel.created")
    assert (event.actor, event.after["format"]) == (integrator, "woocommerce")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "магазин"}, "channel.code"),
        ({"code": "new"}, "channel.code"),
        ({"code": "../etc"}, "channel.code"),
        ({"name": "  "}, "channel.name"),
        ({"cap": 0}, "channel.cap"),
        ({"placements": ["roof"]}, "placement.unknown"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(fields, code):
    with pytest.raises(BadChannel) as refusal:
        channel(**fields)

    assert refusal.value.code == code
    assert not Channel.objects.exists()


def test_a_code_is_taken_once():
    channel()

    with pytest.raises(BadChannel) as refusal:
        channel()

    assert refusal.value.code == "channel.exists"


def test_an_edit_of_an_older_channel_changes_nothing():
    shop = channel()
    edit = {
        "category": None,
        "settings": {},
        "placements": [],
        "active": True,
        "at": NOW,
        "actor": None,
        "format": "json",
    }
    channels.change_channel(channel=shop, version=1, name="First", cap=3, **edit)

    with pytest.raises(StaleChannel):
        channels.change_channel(channel=shop, version=1, name="Second", cap=5, **edit)

    shop.refresh_from_db()
    assert (shop.name, shop.cap, shop.format, shop.version) == ("First", 3, "json", 2)
