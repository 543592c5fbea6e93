"""Pages of the product view: who may, what they say, what they write."""

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.matrix import services
from crossmatrix.matrix.models import OpBatch, Pair, PairRevision, Slot
from crossmatrix.matrix.rules import LinkDraft, SlotDraft
from crossmatrix.matrix.selectors.editor import offered, plan_of
from tests.factories import CategoryFactory, ProductFactory, SupplierFactory, member

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}


def order_of(*pairs):
    return " ".join(f"{pair.pk}:{pair.version}" for pair in pairs)


def url(name, *args):
    return reverse(f"matrix:{name}", args=args)


def ranks():
    return dict(Pair.objects.values_list("companion__sku", "current__rank"))


# -- the plan -----------------------------------------------------------------------------------------------------
def test_the_plan_stands_by_newest_rank_and_tells_where_shops_have_each(
    console, companions, approve, writer, now, settings
):
    settings.PLACEMENT_CAP = 1
    first, second, _third = companions
    approve(first)
    services.set_pair(draft=LinkDraft(console.pk, first.companion_id, rank=90), actor=writer, at=now)

    plan = plan_of(console, today=now.date())

    assert [line.companion.sku for line in plan.lines] == ["C2", "C3", "C1"]
    assert [(line.shown, line.live) for line in plan.lines] == [(True, None), (False, None), (False, 1)]
    assert (plan.cut, plan.unlike_shops, plan.lines[0].comes, plan.lines[2].leaves) == (1, True, True, True)
    assert second.pk == plan.lines[0].pair.pk


def test_what_cannot_be_shown_takes_no_place_before_the_cut(console, companions, now, settings):
    settings.PLACEMENT_CAP = 2
    first = companions[0].companion
    first.stock = 0
    first.save()

    plan = plan_of(console, today=now.date())

    assert [(line.companion.sku, line.shown, line.hidden) for line in plan.lines] == [
        ("C1", False, "out_of_stock"),
        ("C2", True, None),
        ("C3", True, None),
    ]
    assert plan.cut == 3


def test_shoppers_see_approved_content_and_the_plan_its_drafts(console, companions, approve, now):
    approve(companions[1])

    seen = offered(console, placement="cart", today=now.date())
    planned = offered(console, placement="cart", today=now.date(), planned=True)

    assert [one.sku for one, _ in seen.lines] == ["C2"]
    assert [one.sku for one, _ in planned.lines] == ["C1", "C2", "C3"]


def test_equal_ranks_and_unsuitable_types_stand_as_in_a_release(console, companions, approve, writer, now):
    for pair in companions:
        services.set_pair(draft=LinkDraft(console.pk, pair.companion_id, rank=5), actor=writer, at=now)
        pair.refresh_from_db()
        approve(pair)
    closed = companions[0].companion
    Slot.objects.create(
        main_category=console.category, companion_category=closed.category, verdict="not_suitable", reason="No",
        updated_at=now,
    )  # fmt: skip

    seen = offered(console, placement="cart", today=now.date())

    assert [one.sku for one, _ in seen.lines] == ["C2", "C3"]
    assert [(one.sku, why) for one, _, why in seen.hidden] == [("C1", "not_suitable")]


# -- the page -----------------------------------------------------------------------------------------------------
def test_the_page_shows_the_companions_in_order(client, writer, console, companions):
    client.force_login(writer)

    answer = client.get(url("product", console.pk))

    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.index("Companion 1") < text.index("Companion 2") < text.index("Companion 3")


def test_the_number_of_queries_does_not_grow_with_the_companions(
    client, writer, console, companions, now, django_assert_max_num_queries
):
    client.force_login(writer)
    client.get(url("product", console.pk))
    for number in range(8):
        draft = LinkDraft(console.pk, ProductFactory(sku=f"N{number}", price="900").pk, reason="Because")
        services.set_pair(draft=draft, actor=writer, at=now)

    with django_assert_max_num_queries(34):
        client.get(url("product", console.pk))


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CATEGORY_MANAGER, 200), (Role.HEAD, 200), (Role.ANALYST, 200), (Role.STAFF, 403), (Role.SUPPLIER, 404)],
)
def test_who_may_open_it(client, console, companions, role, status):
    client.force_login(member(role, supplier=SupplierFactory() if role == Role.SUPPLIER else None))

    assert client.get(url("product", console.pk)).status_code == status


def test_a_reader_gets_no_handles(client, console, companions):
    client.force_login(member(Role.ANALYST))

    text = client.get(url("product", console.pk)).content.decode()

    assert "Companion 1" in text
    assert 'class="grip" id=' not in text
    assert "product_rank" not in text


# -- writing ------------------------------------------------------------------------------------------------------
def test_a_new_order_is_written_and_the_list_drawn_anew(client, writer, console, companions):
    client.force_login(writer)
    first, second, third = companions

    answer = client.post(url("product_rank", console.pk), {"order": order_of(third, first, second)}, **HTMX)

    assert answer.status_code == 200
    assert ranks() == {"C3": 5, "C1": 10, "C2": 20}
    assert "toast" in answer.headers["HX-Trigger"]


def test_a_pair_is_put_to_a_place(client, writer, console, companions):
    client.force_login(writer)

    client.post(
        url("product_rank", console.pk), {"order": order_of(*companions), "pair": companions[2].pk, "place": 2}, **HTMX
    )

    assert sorted(ranks(), key=ranks().get) == ["C1", "C3", "C2"]


def test_a_stale_order_is_a_conflict_that_names_the_other_person(client, writer, approver, console, companions, now):
    client.force_login(writer)
    order = order_of(*companions[::-1])
    services.set_pair(draft=LinkDraft(console.pk, companions[1].companion_id, reason="Other"), actor=approver, at=now)

    answer = client.post(url("product_rank", console.pk), {"order": order}, **HTMX)

    assert answer.status_code == 409
    assert "Timur Approver" in answer.content.decode()
    assert ranks() == {"C1": 10, "C2": 20, "C3": 30}


def test_without_scripts_the_answer_is_the_page_again(client, writer, console, companions):
    client.force_login(writer)

    answer = client.post(url("product_rank", console.pk) + "?place=cart", {"order": order_of(*companions[::-1])})

    assert answer.status_code == 302
    assert answer.url == url("product", console.pk) + "?place=cart"


@pytest.mark.parametrize("name", ["product_rank", "product_back", "product_change", "product_submit", "product_add"])
def test_a_manager_of_other_categories_writes_nothing(client, console, companions, name):
    client.force_login(member(Role.CATEGORY_MANAGER, category=CategoryFactory()))
    before = PairRevision.objects.count()

    answer = client.post(
        url(name, console.pk), {"order": order_of(*companions[::-1]), "pair": companions[0].pk, "q": "C1"}, **HTMX
    )

    assert answer.status_code == 403
    assert (PairRevision.objects.count(), OpBatch.objects.count()) == (before, 0)


def test_undo_and_redo_go_by_the_person_and_the_product(client, writer, approver, console, companions):
    client.force_login(writer)
    client.post(url("product_rank", console.pk), {"order": order_of(*companions[::-1])}, **HTMX)
    changed = ranks()
    client.force_login(approver)
    client.post(url("product_back", console.pk), **HTMX)
    assert ranks() == changed

    client.force_login(writer)
    client.post(url("product_back", console.pk), **HTMX)
    assert ranks() == {"C1": 10, "C2": 20, "C3": 30}
    client.post(url("product_back", console.pk), {"redo": "1"}, **HTMX)
    assert ranks() == changed
    client.post(url("product_back", console.pk), **HTMX)
    assert ranks() == {"C1": 10, "C2": 20, "C3": 30}


def test_every_draft_goes_to_approval_and_what_cannot_says_why(client, writer, console, companions, now):
    services.set_pair(draft=LinkDraft(console.pk, companions[0].companion_id, reason=""), actor=writer, at=now)
    client.force_login(writer)

    answer = client.post(url("product_submit", console.pk), **HTMX)

    assert sorted(PairRevision.objects.filter(state="in_review").values_list("pair__companion__sku", flat=True)) == [
        "C2",
        "C3",
    ]
    assert "Companion 1" in answer.content.decode()


@pytest.mark.parametrize(("action", "state"), [("submit", "in_review"), ("discard", "discarded")])
def test_one_companion_is_submitted_or_discarded(client, writer, console, companions, action, state):
    client.force_login(writer)

    client.post(url("product_change", console.pk), {"pair": companions[0].pk, "action": action}, **HTMX)

    assert PairRevision.objects.get(pair=companions[0]).state == state


def test_not_suitable_asks_for_its_reason(client, writer, console, companions):
    client.force_login(writer)

    answer = client.post(url("product_change", console.pk), {"pair": companions[0].pk, "action": "unsuitable"}, **HTMX)

    assert answer.status_code == 422
    assert not Pair.objects.filter(verdict="not_suitable").exists()


def test_a_companion_is_added_with_the_reason_of_its_slot(client, writer, console, cable, now):
    Slot.objects.create(
        main_category=console.category, companion_category=cable.category, reason="Connects", updated_at=now
    )
    client.force_login(writer)

    client.post(url("product_add", console.pk), {"q": "hdmi-2"}, **HTMX)

    assert PairRevision.objects.get().reason == "Connects"


@pytest.mark.parametrize("words", ["C1", "NOBODY"])
def test_a_companion_there_is_already_or_that_is_unknown_is_refused(client, writer, console, companions, words):
    client.force_login(writer)
    before = PairRevision.objects.count()

    answer = client.post(url("product_add", console.pk), {"q": words, "reason": "So"}, **HTMX)

    assert answer.status_code == 422
    assert PairRevision.objects.count() == before


# -- the list one came from ---------------------------------------------------------------------------------------
def test_the_list_of_the_link_is_taken_into_the_address(client, writer, console, companions):
    client.force_login(writer)

    answer = client.get(url("product", console.pk), headers={"referer": "http://testserver/matrix/pairs/?q=C1"})

    assert (answer.status_code, answer.url) == (302, url("product", console.pk) + "?list=/matrix/pairs/%3Fq%3DC1")


@pytest.mark.parametrize(
    "address", ["https://evil.test/matrix/pairs/", "//evil.test/", "/matrix/policies/", "nonsense", ""]
)
def test_any_other_address_is_no_list(client, writer, console, companions, address):
    client.force_login(writer)

    answer = client.get(url("product", console.pk), {"list": address})

    assert answer.status_code == 200
    assert answer.context["walk"].back.startswith("/products/")


def test_neighbours_follow_the_sorted_list(client, writer, console, consoles, companions, now):
    for sku, price in (("AAA", "90000"), ("ZZZ", "10000")):
        ProductFactory(sku=sku, category=consoles, price=price)
    client.force_login(writer)

    walk = client.get(url("product", console.pk), {"list": f"/products/?category={consoles.pk}&sort=-sku"}).context[
        "walk"
    ]

    skus = dict(consoles.products.values_list("pk", "sku"))
    assert (skus[walk.previous], skus[walk.next], walk.place, walk.of) == ("ZZZ", "AAA", 2, 3)


# -- shop, card, paper --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["product_page", "cart", "after_purchase"])
def test_the_shop_shows_the_words_for_the_shopper(client, writer, approver, console, cable, now, place):
    draft = LinkDraft(console.pk, cable.pk, reason="Internal reason", offer_text="Do not forget the cable")
    revision = services.set_pair(draft=draft, actor=writer, at=now)
    services.approve(revision=services.submit(revision=revision, actor=writer, at=now), actor=approver, at=now)
    client.force_login(writer)

    text = client.get(url("shop", console.pk), {"place": place}).content.decode()

    assert "Do not forget the cable" in text
    assert "Internal reason" not in text


def test_a_window_is_tried_on_another_day(client, writer, approver, console, cable, now):
    draft = LinkDraft(
        console.pk, cable.pk, reason="So", offer_text="For the holidays", valid_from=now.date().replace(year=2030)
    )
    revision = services.set_pair(draft=draft, actor=writer, at=now)
    services.approve(revision=services.submit(revision=revision, actor=writer, at=now), actor=approver, at=now)
    client.force_login(writer)

    assert "For the holidays" not in client.get(url("shop", console.pk)).content.decode()
    assert "For the holidays" in client.get(url("shop", console.pk), {"day": "2031-01-01"}).content.decode()


def test_the_sales_card_offers_two_at_most_and_staff_may_open_it(client, console, companions, approve):
    for pair in companions:
        approve(pair)
    client.force_login(member(Role.STAFF))

    text = client.get(url("card", console.pk)).content.decode()

    assert "Companion 1" in text
    assert "Companion 2" in text
    assert "Companion 3" not in text


def test_the_list_of_cards_holds_what_has_something_to_offer(client, console, cable, companions, approve):
    approve(companions[0])
    client.force_login(member(Role.STAFF))

    found = client.get(url("cards")).context["found"]

    assert [(one.sku, one.offers) for one in found] == [("PS-5", 1)]
    assert list(client.get(url("cards"), {"q": "zzz"}).context["found"]) == []


def test_the_sheet_for_paper_holds_every_companion_and_the_cut(client, writer, console, companions, settings):
    settings.PLACEMENT_CAP = 2
    client.force_login(writer)

    text = client.get(url("product_print", console.pk)).content.decode()

    assert text.index("Companion 2") < text.index("cutrow") < text.index("Companion 3")


# -- extending ----------------------------------------------------------------------------------------------------
def test_extending_shows_a_verdict_first_then_writes_and_takes_back(client, writer, console, consoles, companions):
    other = ProductFactory(sku="PS-6", category=consoles, price="60000")
    client.force_login(writer)
    page = url("pair_extend", companions[0].pk)

    assert [row.product for row, _why in client.get(page).context["rows"]] == [other]
    done = client.post(page, {"main": [other.pk], "reason": "Because"})
    assert PairRevision.objects.get(pair__main=other).state == "draft"
    client.post(url("pair_extend_undo", companions[0].pk), {"key": done.context["done"].key})

    assert PairRevision.objects.get(pair__main=other).state == "discarded"


def test_products_that_refuse_the_pair_stand_below_those_that_take_it(
    client, writer, console, consoles, companions, now
):
    pair = companions[0]
    Product.objects.filter(pk=pair.companion_id).update(attributes={"fits": "Slim"})
    for sku, model in (("PS-6", "Pro"), ("PS-7", "Slim")):
        ProductFactory(sku=sku, category=consoles, price="60000", attributes={"model": model})
    wanted = SlotDraft(consoles.pk, pair.companion.category_id, reason="Fits", condition="main.model = companion.fits")
    services.set_slot(draft=wanted, actor=writer, at=now)
    client.force_login(writer)

    rows = client.get(url("pair_extend", pair.pk)).context["rows"]

    assert [(row.product.sku, bool(why)) for row, why in rows] == [("PS-7", False), ("PS-6", True)]


def test_extending_to_nothing_asks_for_a_tick(client, writer, companions):
    client.force_login(writer)

    assert client.post(url("pair_extend", companions[0].pk), {}).status_code == 422


def test_a_reader_or_a_stranger_does_not_extend(client, console, companions):
    for person, status in (
        (member(Role.ANALYST), 403),
        (member(Role.CATEGORY_MANAGER, category=CategoryFactory()), 404),
    ):
        client.force_login(person)

        assert client.get(url("pair_extend", companions[0].pk)).status_code == status
