"""What is live, rolled back and read again."""

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.selectors.providers import published_among
from crossmatrix.publishing import selectors
from crossmatrix.publishing.rules import Unchanged
from crossmatrix.publishing.services import releases
from crossmatrix.publishing.services.releases import FileUnknown
from tests.publishing.factories import NOW, channel, cut, links_of, pair, product, revise, skus
from tests.publishing.readers import read_json

pytestmark = pytest.mark.django_db


def test_a_pair_is_published_while_a_live_release_holds_it():
    shop = channel()
    gone, stays = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    waiting = pair(product("M2"), product("C3", price="10"), state="draft")
    cut(shop)
    both = selectors.published_pair_ids([gone.pk, stays.pk, waiting.pk])
    Pair.objects.filter(pk=gone.pk).update(verdict="not_suitable")
    cut(shop)

    assert both == {gone.pk, stays.pk}
    assert published_among([gone.pk, stays.pk, waiting.pk]) == {stays.pk}


def test_a_roll_back_is_a_new_release_with_the_old_content():
    shop = channel()
    link = pair(product("M1"), product("C1", price="10"))
    first = cut(shop)
    revise(link, reason="worse")
    cut(shop)

    third = releases.roll_back(channel=shop, number=1, actor=None, at=NOW)

    assert (third.number, third.sha256, third.rolled_back_from, third.changed) == (3, first.sha256, first, 1)
    assert selectors.links_of(third)[0].reason == "because"
    assert selectors.published_revision_ids([link.pk]) == {selectors.links_of(first)[0].revision_id}
    assert AuditEvent.objects.filter(kind="release.rolled_back", subject_id=third.pk).exists()


def test_a_roll_back_brings_back_nothing_that_was_marked_not_suitable_since():
    shop = channel()
    vetoed, kept = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    cut(shop)
    revise(kept, reason="worse")
    Pair.objects.filter(pk=vetoed.pk).update(verdict="not_suitable", verdict_reason="melts")
    cut(shop)

    third = releases.roll_back(channel=shop, number=1, actor=None, at=NOW)

    assert skus(third) == [("M1", "C2", 1)]
    assert third.left_out == {"not_suitable": 1}


def test_rolling_back_to_what_is_live_is_refused():
    shop = channel()
    links_of(product("M1"), product("C1", price="10"))
    cut(shop)

    with pytest.raises(Unchanged):
        releases.roll_back(channel=shop, number=1, actor=None, at=NOW)
    with pytest.raises(selectors.UnknownRelease):
        releases.roll_back(channel=shop, number=9, actor=None, at=NOW)


@pytest.mark.parametrize("form", ["woocommerce", "json", "excel"])
def test_a_lost_or_damaged_file_is_written_anew_with_the_same_bytes(files, form):
    shop = channel(format=form)
    goes, _ = links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    cut(shop)
    Pair.objects.filter(pk=goes.pk).update(verdict="not_suitable")
    release = cut(shop)
    path = next((files / "shop" / "2").iterdir())
    original = path.read_bytes()

    path.write_bytes(b"damaged")
    repaired = releases.file_of(release=release, name=path.name)
    path.unlink()

    assert repaired == original == releases.file_of(release=release, name=path.name)
    with pytest.raises(FileUnknown):
        releases.file_of(release=release, name="../../settings.py")


def test_approved_bundles_travel_with_the_json_release_only(monkeypatch, files):
    bundle = {"id": "b1", "name": "Set", "price": "90.00", "items": [{"sku": "C1", "quantity": 1}]}
    monkeypatch.setattr(selectors.bundles, "released_bundles", lambda at: [bundle])
    links_of(product("M1"), product("C1", price="10"))

    feed, shop = cut(channel("feed", "json")), cut(channel())

    assert read_json((files / "feed" / "1" / "feed-1.json").read_bytes())["bundles"] == [bundle]
    assert (feed.bundles, shop.bundles) == ([bundle], [])
