"""The queue of suggestions, its decisions, and filling open slots."""

from uuid import uuid4

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import Exposure, Suggestion
from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.selectors.suggestions import product_of, suggest
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders


@pytest.fixture
def shop(db, now):
    """tvs with cables and mounts; a second tv nobody has bought yet; bread with everything."""
    tvs, cables, mounts = (CategoryFactory(name=name) for name in ("TV", "Cables", "Mounts"))
    ProductFactory(sku="tv", name="Telly One", category=tvs, price="50000.00", brand="Lumen")
    ProductFactory(sku="tv-new", name="Telly New", category=tvs, price="60000.00", brand="Lumen")
    ProductFactory(sku="cable", name="Cable", category=cables, price="900.00")
    ProductFactory(sku="mount", name="Mount", category=mounts, price="2000.00")
    ProductFactory(sku="bread", name="Bread", price="50.00", stock=99)
    baskets = (
        [["tv", "cable"]] * 60 + [["tv", "mount"]] * 30 + [["tv", "bread"]] * 12 + [["tv"]] * 30
        + [["bread", f"x{n % 40}"] for n in range(600)]
    )  # fmt: skip
    services.ingest_orders(lines=orders(*baskets), batch="1", at=now)
    services.refresh_stats(at=now)
    return {sku: product_of(sku) for sku in ("tv", "tv-new", "cable", "mount", "bread")}


@pytest.fixture
def manager(db):
    return member(Role.CATEGORY_MANAGER, email="boss@shop.test")


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def slot(shop, now, companion, *, wanted=1, reason="It needs one", condition=""):
    return Slot.objects.create(
        main_category=shop["tv"].category, companion_category=shop[companion].category, verdict="suitable",
        reason=reason, wanted=wanted, condition=condition, updated_at=now,
    )  # fmt: skip


def rows(shop, sku, **options):
    return {row["companion"]: row for row in suggest(main=shop[sku], k=50, **options)}


def test_a_product_nobody_bought_starts_with_what_its_type_sells_with(shop):
    found = rows(shop, "tv-new")

    assert list(found)[:2] == ["cable", "mount"]
    assert (found["cable"]["source"], found["cable"]["attach_rate"]) == ("type", None)
    assert (found["cable"]["type_both"], found["cable"]["type_orders"], found["cable"]["significant"]) == (
        60,
        132,
        False,
    )
    assert "«TV»" in found["cable"]["why"] or "“TV”" in found["cable"]["why"]


def test_the_dial_moves_what_sells_with_everything(shop):
    safe, distinctive = rows(shop, "tv", dial=Dial.SAFE), rows(shop, "tv", dial=Dial.DISTINCTIVE)

    assert "bread" not in distinctive
    assert safe["cable"]["score"] == pytest.approx(safe["cable"]["excess"] + safe["cable"]["usual"])
    assert distinctive["cable"]["score"] == pytest.approx(distinctive["cable"]["excess"])


def test_an_open_slot_names_its_best_sellers_and_a_full_one_steps_back(shop, now):
    hdmi = ProductFactory(sku="hdmi", name="HDMI", category=shop["cable"].category, price="500.00")
    slot(shop, now, "cable", wanted=2)
    open_slot = rows(shop, "tv")
    assert open_slot["hdmi"]["source"] == "slot"
    assert open_slot["cable"]["fills"] == "It needs one"

    approved_pair(shop["tv"], hdmi)
    approved_pair(shop["tv"], ProductFactory(category=shop["cable"].category, price="500.00"))
    full = rows(shop, "tv")

    assert full["cable"]["slot_full"]
    assert list(full) == ["mount", "cable"]


def test_what_a_condition_speaks_against_is_not_suggested(shop, now):
    for sku, port in (("tv", "HDMI"), ("cable", "VGA")):
        shop[sku].attributes = {"port": port}
        shop[sku].save()
    slot(shop, now, "cable", condition="main.port = companion.port")

    assert "cable" not in rows(shop, "tv")


def test_a_pair_that_works_for_a_product_alike_is_suggested(shop):
    soundbar = ProductFactory(sku="bar", name="Soundbar", price="9000.00")
    approved_pair(shop["tv"], soundbar)

    found = rows(shop, "tv-new")["bar"]

    assert (found["source"], found["like"], found["like_name"]) == ("similar", "tv", "Telly One")
    assert "Telly One" in found["why"]


def test_what_shops_showed_and_shoppers_took_is_suggested(shop, now):
    lamp = ProductFactory(sku="lamp", name="Lamp", price="700.00")
    Exposure.objects.create(main=shop["tv"], companion=lamp, day=now.date(), shown=200, clicked=30, bought=20)

    found = rows(shop, "tv")["lamp"]

    assert (found["source"], found["shown"], found["shown_bought"]) == ("shown", 200, 20)
    assert found["reliability"] == "medium"


def test_products_bought_instead_of_each_other_are_never_suggested(db, now):
    for sku in ("milk", "milk2", "bread"):
        ProductFactory(sku=sku, price=None)
    baskets = [["milk", "bread"]] * 200 + [["milk2", "bread"]] * 200 + [["milk", "milk2"]] * 6
    services.ingest_orders(lines=orders(*baskets), batch="1", at=now)
    services.refresh_stats(at=now)

    assert "milk2" not in [row["companion"] for row in suggest(main=product_of("milk"), k=9, dial=Dial.SAFE)]


def test_the_queue_shows_products_their_best_companion_and_its_evidence(signed_in, shop):
    page = signed_in.get(reverse("insights:suggestions"))

    assert page.status_code == 200
    assert {"tv", "tv-new"} <= {main.sku for main, _ in page.context["rows"]}
    part = signed_in.get(
        reverse("insights:suggestions"), {"main": shop["tv"].pk}, headers={"HX-Request": "true", "HX-Target": "suggestion-detail"}
    )  # fmt: skip
    assert "Telly One" in part.content.decode()
    assert "<html" not in part.content.decode()


def test_the_queue_costs_the_same_statements_for_one_product_and_for_many(
    signed_in, shop, django_assert_max_num_queries
):
    for n in range(12):
        ProductFactory(sku=f"tv{n}", category=shop["tv"].category, price="50000.00")

    with django_assert_max_num_queries(60):
        signed_in.get(reverse("insights:suggestions"))


def test_the_queue_finds_by_words_and_says_when_there_is_nothing(signed_in, shop):
    found = signed_in.get(reverse("insights:suggestions"), {"q": "Telly New"})
    none = signed_in.get(reverse("insights:suggestions"), {"q": "no such thing"})

    assert [main.sku for main, _ in found.context["rows"]] == ["tv-new"]
    assert none.context["one"] is None


def test_without_orders_the_queue_says_so(signed_in, db):
    assert signed_in.get(reverse("insights:suggestions")).context["refresh"] is None


@pytest.mark.parametrize(
    ("action", "state", "kept"), [("accept", "accepted", 1), ("not_suitable", "not_suitable", 0), ("later", "later", 0)]
)
def test_a_decision_is_taken_and_the_queue_goes_on(signed_in, shop, action, state, kept):
    answer = signed_in.post(
        reverse("insights:suggestion_decide") + "?dial=safe",
        {"main": shop["tv"].pk, "companion": shop["cable"].pk, "action": action, "reason": "Goes with it"},
    )

    assert answer.status_code == 302
    assert f"main={shop['tv'].pk}" in answer["Location"]
    assert "dial=safe" in answer["Location"]
    assert Suggestion.objects.get().state == state
    assert PairRevision.objects.count() == kept


def test_people_without_the_right_decide_nothing(client, shop):
    client.force_login(member(Role.ANALYST, email="looks@shop.test"))

    answer = client.post(
        reverse("insights:suggestion_decide"),
        {"main": shop["tv"].pk, "companion": shop["cable"].pk, "action": "accept"},
    )

    assert answer.status_code == 403
    assert not Pair.objects.exists()


def test_open_slots_are_filled_only_when_confirmed_and_taken_back_together(signed_in, shop, now):
    slot(shop, now, "cable")
    slot(shop, now, "mount")
    address = reverse("insights:suggestions_fill")
    shown = signed_in.get(address).context["proposals"]
    assert {row.key for row in shown.rows} == {
        f"{shop[main].pk}:{shop[companion].pk}" for main in ("tv", "tv-new") for companion in ("cable", "mount")
    }
    assert not Pair.objects.exists()

    key = uuid4().hex
    done = signed_in.post(address, {"key": key, "pair": [row.key for row in shown.rows]})

    assert len(done.context["written"]) == 4
    assert {(one.state, one.reason, one.source) for one in PairRevision.objects.all()} == {
        ("draft", "It needs one", "suggestion")
    }
    assert PairRevision.objects.get(pair__main=shop["tv"], pair__companion=shop["cable"]).evidence["orders_both"] == 60

    signed_in.post(reverse("insights:suggestions_fill_undo"), {"key": key})

    assert not PairRevision.objects.filter(state="draft").exists()


def test_filling_writes_only_what_is_ticked_and_still_proposed(signed_in, shop, now):
    slot(shop, now, "cable")
    address = reverse("insights:suggestions_fill")

    wrong = signed_in.post(address, {"key": uuid4().hex, "pair": [f"{shop['tv'].pk}:{shop['bread'].pk}"]})
    nothing = signed_in.post(address, {"key": uuid4().hex})

    assert (wrong.context["written"], wrong.context["missing"]) == ([], 1)
    assert nothing.status_code == 302
    assert not Pair.objects.exists()


def test_the_command_knows_the_dial(shop, capsys):
    import json

    from django.core.management import call_command

    call_command("suggest", "tv", "--dial", "distinctive", "--proven", "--json")
    found = json.loads(capsys.readouterr().out)

    assert [row["companion"] for row in found] == ["cable", "mount"]
    assert {row["dial"] for row in found} == {"distinctive"}
    with pytest.raises(SystemExit) as ended:
        call_command("suggest", "tv", "--dial", "wild")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("suggest.dial: ")
