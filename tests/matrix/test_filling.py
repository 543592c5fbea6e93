"""Slots with conditions: what they refuse, what they match while typed, what they propose."""

from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from crossmatrix.matrix import services
from crossmatrix.matrix.models import OpBatch, Pair, PairRevision, Slot
from crossmatrix.matrix.rules import RatioStatus, SlotDraft
from crossmatrix.matrix.rules.condition import BadCondition
from crossmatrix.matrix.rules.filling import FillSource, Option, choose
from crossmatrix.matrix.selectors import providers
from crossmatrix.matrix.selectors.filling import filling_of, match
from crossmatrix.matrix.services import LinkDraft
from crossmatrix.matrix.services.filling import NothingToFill, fill_slot
from crossmatrix.matrix.services.links import Incompatible
from tests.factories import CategoryFactory, ProductFactory

CONDITION = "main.разъём = companion.разъём"


def option(companion, *, fits=True, rate=None, ratio=RatioStatus.OK, price="10"):
    return Option(companion, f"S{companion}", fits, rate, ratio, Decimal(price))


def test_companions_that_fit_come_before_those_the_orders_speak_for():
    options = [
        option(1, fits=None, rate=0.9),
        option(2, rate=0.1),
        option(3, rate=0.3),
        option(4, fits=False, rate=0.9),
        option(5, fits=None),
        option(6, ratio=RatioStatus.BLOCK, rate=0.9),
        option(7, price="5"),
        option(8, ratio=RatioStatus.WARN, price="1"),
    ]

    chosen = choose(options, 9)

    assert [(one.companion, source.value) for one, source in chosen] == [
        (3, "slot"), (2, "slot"), (7, "slot"), (8, "slot"), (1, "mined"),
    ]  # fmt: skip


rates = st.none() | st.floats(0, 1)
options_ = st.lists(
    st.builds(option, st.integers(1, 99), fits=st.sampled_from([True, False, None]), rate=rates, ratio=st.sampled_from(RatioStatus)),
    unique_by=lambda one: one.companion,
)  # fmt: skip


@given(options_, st.integers(-2, 12))
def test_no_gap_gets_more_than_it_wants_nor_anything_that_contradicts(options, gap):
    chosen = choose(options, gap)

    assert len(chosen) <= max(0, gap)
    assert all(one.fits is not False and one.ratio_status != RatioStatus.BLOCK for one, _ in chosen)
    assert all(one.fits or (source == FillSource.MINED and one.attach_rate is not None) for one, source in chosen)


@pytest.fixture
def slot(consoles, cables, writer, now):
    draft = SlotDraft(
        consoles.pk, cables.pk, reason="Connects to the TV", kind="required", offer_text="Do not forget the cable",
        wanted=2, condition=CONDITION,
    )  # fmt: skip
    return services.set_slot(draft=draft, actor=writer, at=now)


@pytest.fixture
def shop(consoles, cables):
    def product(sku, category, plug=None, **fields):
        return ProductFactory(
            sku=sku, name=sku, category=category, attributes={"Разъём": plug} if plug else {}, **fields
        )

    return {
        one.sku: one
        for one in [
            product("PS5", consoles, "HDMI", price="50000"),
            product("Deck", consoles, "USB-C", price="40000"),
            product("Retro", consoles, price="5000"),
            product("HDMI-1", cables, "hdmi", price="900"),
            product("HDMI-2", cables, "HDMI", price="500"),
            product("HDMI-gone", cables, "HDMI", price="400", stock=0),
            product("USB-1", cables, "USB-C", price="700"),
            product("Plain", cables, price="300"),
        ]
    }


@pytest.mark.django_db
def test_a_condition_that_cannot_be_read_changes_nothing(slot, writer, now):
    with pytest.raises(BadCondition):
        services.set_slot(
            draft=SlotDraft(slot.main_category_id, slot.companion_category_id, condition="connector = 1"),
            actor=writer,
            at=now,
        )

    assert Slot.objects.get().condition == CONDITION


@pytest.mark.django_db
def test_a_pair_that_contradicts_the_condition_is_refused_with_the_values(slot, shop, writer, now):
    with pytest.raises(Incompatible) as refused:
        services.set_pair(draft=LinkDraft(shop["PS5"].pk, shop["USB-1"].pk, reason="?"), actor=writer, at=now)

    assert refused.value.values == {"values": "разъем: HDMI = USB-C", "condition": CONDITION}
    assert not PairRevision.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("main", "companion"), [("PS5", "HDMI-1"), ("PS5", "Plain"), ("Retro", "USB-1")])
def test_a_pair_that_fits_or_lacks_an_attribute_is_written(slot, shop, writer, now, main, companion):
    made = services.set_pair(draft=LinkDraft(shop[main].pk, shop[companion].pk, reason="ok"), actor=writer, at=now)

    assert made.state == "draft"


@pytest.mark.django_db
def test_the_nearest_slot_with_a_condition_counts(slot, shop, cables, consoles, writer, now):
    special = CategoryFactory(name="Adapters", parent=cables)
    adapter = ProductFactory(sku="ADP", category=special, attributes={"Разъём": "VGA", "Для": "PS5"})
    services.set_slot(
        draft=SlotDraft(consoles.pk, special.pk, reason="Adapts", condition="main.sku in companion.для"),
        actor=writer,
        at=now,
    )

    services.set_pair(draft=LinkDraft(shop["PS5"].pk, adapter.pk, reason="ok"), actor=writer, at=now)

    with pytest.raises(Incompatible):
        services.set_pair(draft=LinkDraft(shop["Deck"].pk, adapter.pk, reason="no"), actor=writer, at=now)


@pytest.mark.django_db
def test_matches_are_counted_while_the_condition_is_typed(slot, shop, consoles, cables):
    found = match(CONDITION, consoles.path, cables.path)

    assert (found.mains, found.mains_matched, found.companions, found.companions_matched) == (3, 2, 5, 4)
    assert [(one.side, one.name, one.count, one.everywhere) for one in found.lacking] == [
        ("main", "разъем", 1, False),
        ("companion", "разъем", 1, False),
    ]


@pytest.mark.django_db
def test_a_name_nobody_has_and_a_text_that_is_a_name_are_pointed_out(shop, consoles, cables):
    found = match("main.разем = разъем and companion.разъём != HDMI", consoles.path, cables.path)

    assert [(one.name, one.everywhere, one.perhaps) for one in found.lacking if one.side == "main"] == [
        ("разем", True, "разъем")
    ]
    assert found.texts == ["разъем"]


@pytest.mark.django_db
def test_gaps_are_filled_with_what_fits_is_in_stock_and_cheap(slot, shop, writer, now):
    services.set_pair(draft=LinkDraft(shop["PS5"].pk, shop["HDMI-1"].pk, reason="by hand"), actor=writer, at=now)

    found = filling_of(slot, writer)

    assert [(row.main.sku, row.companion.sku) for row in found.rows] == [("Deck", "USB-1"), ("PS5", "HDMI-2")]
    assert (found.mains, found.short, found.unhelped, found.more) == (3, 3, 1, False)
    assert found.rows[0].values == ["разъем: USB-C = USB-C"]


@pytest.mark.django_db
def test_the_orders_speak_where_an_attribute_is_missing(slot, shop, writer, monkeypatch):
    known = {(shop["Retro"].pk, shop["Plain"].pk): (0.4, 3.0)}
    monkeypatch.setattr(providers, "_evidence", [lambda mains, companions: known])

    found = filling_of(slot, writer)

    retro = [row for row in found.rows if row.main.sku == "Retro"]
    assert [(row.companion.sku, row.source, row.attach_rate) for row in retro] == [("Plain", FillSource.MINED, 0.4)]


@pytest.mark.django_db
def test_what_was_marked_as_not_suitable_is_not_proposed(slot, shop, writer, now):
    services.mark_unsuitable(
        main_id=shop["PS5"].pk, companion_id=shop["HDMI-1"].pk, reason="Too short", actor=writer, at=now
    )

    companions = {row.companion.sku for row in filling_of(slot, writer).rows if row.main.sku == "PS5"}

    assert companions == {"HDMI-2"}


@pytest.mark.django_db
def test_filling_writes_the_slots_words_once_and_is_undone_as_a_whole(slot, shop, writer, now):
    keys = [(row.main.pk, row.companion.pk) for row in filling_of(slot, writer).rows]

    filled = fill_slot(slot=slot, keys=keys, actor=writer, at=now, key="fill:1")
    fill_slot(slot=slot, keys=keys, actor=writer, at=now, key="fill:1")

    made = PairRevision.objects.values_list("reason", "kind", "offer_text", "state", "source")
    assert len(filled) == len(keys) == 3
    assert set(made) == {("Connects to the TV", "required", "Do not forget the cable", "draft", "suggestion")}
    assert len(made) == 3
    answer = services.undo(op_batch=OpBatch.objects.get(key="fill:1"), actor=writer, at=now)
    assert (answer["reversed"], Pair.objects.filter(current__isnull=False).count()) == (3, 0)


@pytest.mark.django_db
def test_a_pair_somebody_wrote_meanwhile_is_left_alone(slot, shop, writer, now):
    key = shop["PS5"].pk, shop["HDMI-2"].pk
    services.set_pair(draft=LinkDraft(*key, reason="by hand"), actor=writer, at=now)

    (filled,) = fill_slot(slot=slot, keys=[key], actor=writer, at=now, key="fill:2")

    assert filled.refusal.code == "stale"
    assert PairRevision.objects.get().reason == "by hand"


@pytest.mark.django_db
def test_nothing_is_filled_from_a_slot_that_says_not_suitable(slot, shop, writer, now):
    Slot.objects.update(verdict="not_suitable")
    slot.refresh_from_db()

    with pytest.raises(NothingToFill):
        fill_slot(slot=slot, keys=[(shop["PS5"].pk, shop["HDMI-2"].pk)], actor=writer, at=now, key="fill:3")


@pytest.mark.django_db
def test_the_screens_count_propose_write_and_take_back(client, slot, shop, writer, django_assert_max_num_queries):
    client.force_login(writer, backend="crossmatrix.accounts.backends.RoleBackend")
    sides = {"main_category": slot.main_category_id, "companion_category": slot.companion_category_id}

    good = client.get(reverse("matrix:slot_matching"), sides | {"condition": CONDITION}).content.decode()
    bad = client.get(reverse("matrix:slot_matching"), sides | {"condition": "main.разъём"}).content.decode()
    assert "2 из 3 основных товаров" in good
    assert "не хватает сравнения" in bad
    with django_assert_max_num_queries(30):
        page = client.get(reverse("matrix:slot_fill", args=[slot.pk])).content.decode()
    assert "Deck" in page
    key = f"{shop['Deck'].pk}:{shop['USB-1'].pk}"
    done = client.post(reverse("matrix:slot_fill", args=[slot.pk]), {"pair": [key, "x:1", "9"]})
    assert PairRevision.objects.count() == 1
    client.post(reverse("matrix:slot_fill_undo", args=[slot.pk]), {"key": done.context["key"]})
    assert not Pair.objects.filter(current__isnull=False).exists()
    assert client.post(reverse("matrix:slot_fill", args=[slot.pk]), {}).status_code == 422
