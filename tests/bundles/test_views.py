import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crossmatrix.bundles import services
from crossmatrix.bundles.models import Bundle, BundleRevision
from crossmatrix.bundles.rules import BundleState

pytestmark = pytest.mark.django_db
MISSING = "00000000-0000-4000-8000-000000000000"
SHOP = ("manager", "head", "analyst")
NOT_SHOP = ("staff",)


@pytest.fixture
def act(client):
    """Sign in and ask: act(person).get(...)."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def at(name, bundle):
    return reverse(name, args=[bundle.public_id if bundle else MISSING])


def proposal(**changes):
    """The editor's POST."""
    values = {
        "name": "Console and cable", "bundle_price": "9 800,00", "funding": "50", "stock": "20", "valid_from": "2027-03-01",
        "valid_to": "2027-03-31", "message": "", "sku": ["CON-1", "CAB-1"], "quantity": ["1", "1"], "main": "CON-1", "act": "save",
    }  # fmt: skip
    return values | changes


# -- the portal is the supplier's own


@pytest.mark.parametrize("page", ["portal:bundle", "portal:edit"])
def test_a_rival_gets_the_same_404_for_a_foreign_and_a_missing_bundle(act, world, now, page):
    bundle = world.draft(now)

    foreign = act(world.rival).get(at(page, bundle))
    missing = act(world.rival).get(at(page, None))

    assert foreign.status_code == missing.status_code == 404
    assert strip(foreign, bundle) == strip(missing, bundle)


def strip(answer, bundle):
    """The page without its address and CSRF token."""
    text = answer.content.decode().replace(str(bundle.public_id), "ID").replace(MISSING, "ID")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


@pytest.mark.parametrize("action", ["portal:submit", "portal:withdraw", "portal:edit"])
def test_a_rival_cannot_act_on_a_foreign_bundle(act, world, now, action):
    bundle = world.draft(now)

    answer = act(world.rival).post(at(action, bundle), proposal())

    assert answer.status_code == 404
    assert BundleRevision.objects.get().state == BundleState.DRAFT


@pytest.mark.parametrize("who", [*SHOP, *NOT_SHOP])
@pytest.mark.parametrize("page", ["portal:home", "portal:products", "portal:new"])
def test_the_shops_people_do_not_enter_the_portal(act, world, who, page):
    assert act(getattr(world, who)).get(reverse(page)).status_code == 403


def test_a_visitor_is_asked_to_sign_in(client, world):
    assert client.get(reverse("portal:home")).status_code == 302
    assert client.get(reverse("bundles:list")).status_code == 302


@pytest.mark.parametrize("who", ["author", "colleague", "rival"])
@pytest.mark.parametrize("page", ["portal:home", "portal:products", "portal:new"])
def test_suppliers_enter_their_portal(act, world, who, page):
    assert act(getattr(world, who)).get(reverse(page)).status_code == 200


def test_the_lists_show_own_rows_only(act, world, now):
    world.draft(now)

    mine = act(world.author)
    own_products, own_bundles = mine.get(reverse("portal:products")), mine.get(reverse("portal:home"))
    others = act(world.rival)
    rival_products, rival_bundles = others.get(reverse("portal:products")), others.get(reverse("portal:home"))

    assert b"CON-1" in own_products.content
    assert b"FOR-1" not in own_products.content
    assert b"Console and cable" in own_bundles.content
    assert b"FOR-1" in rival_products.content
    assert b"CON-1" not in rival_products.content
    assert b"Console and cable" not in rival_bundles.content


def test_search_and_rows_know_own_products_only(act, world):
    client = act(world.author)

    assert b"CON-1" in client.get(reverse("portal:search"), {"find": "cons"}).content
    assert b"FOR-1" not in client.get(reverse("portal:search"), {"find": "foreign"}).content
    assert client.get(reverse("portal:item"), {"sku": "CAB-1"}).status_code == 200
    foreign, missing = (client.get(reverse("portal:item"), {"sku": sku}) for sku in ("FOR-1", "NOPE"))
    assert foreign.status_code == missing.status_code == 404


def test_no_portal_page_tells_the_shops_cost_margin_names_or_notes(act, world, now):
    type(world.console).objects.filter(pk=world.console.pk).update(cost="6543.21")
    bundle = world.submitted(now)
    services.return_(bundle=bundle, actor=world.manager, at=now, comment="Make it cheaper", note="Sud gives 12 percent")
    client = act(world.author)

    pages = [
        client.get(url).content.decode()
        for url in (
            reverse("portal:home"), reverse("portal:products"), at("portal:bundle", bundle), at("portal:edit", bundle),
            at("portal:edit", bundle) + "?check=1",
        )
    ]  # fmt: skip

    assert "Make it cheaper" in pages[2]
    for page in pages:
        assert "543,21" not in page
        assert "Маржа" not in page
        assert "Mara Manager" not in page
        assert "Sud gives" not in page


def test_suppliers_do_not_reach_the_staff_pages(act, world, now):
    bundle = world.submitted(now)

    for url in (reverse("bundles:list"), at("bundles:review", bundle)):
        assert act(world.author).get(url).status_code == 404


# -- writing a proposal


def test_a_proposal_is_saved_and_submitted(act, world):
    client = act(world.author)

    client.post(reverse("portal:new"), proposal())
    bundle = Bundle.objects.get()
    answer = client.post(at("portal:edit", bundle), proposal(act="submit", version="1"))

    assert answer.status_code == 302
    revision = Bundle.objects.get().current
    assert revision.state == BundleState.SUBMITTED
    assert (str(revision.bundle_price), str(revision.funding_share)) == ("9800.00", "0.5000")


def test_errors_of_a_submission_stand_beside_their_fields_and_the_draft_is_kept(act, world):
    bad = proposal(act="submit", bundle_price="20000", stock="51", valid_to="", name="")

    answer = act(world.author).post(reverse("portal:new"), bad, follow=True)

    page = answer.content.decode()
    bundle = Bundle.objects.get()
    assert bundle.current.state == BundleState.DRAFT
    assert answer.redirect_chain[-1][0] == at("portal:edit", bundle) + "?check=1"
    for field in ("name", "bundle_price", "valid_to"):
        assert f'id="id_{field}_error"' in page
    assert page.count('class="bd-err"') == 2  # both products are short of stock
    assert 'value="20\xa0000,00"' in page


@pytest.mark.parametrize(
    ("changes", "marked"),
    [
        ({"bundle_price": "дорого"}, 'id="id_bundle_price_error"'),
        ({"funding": "101"}, 'id="id_funding_error"'),
        ({"stock": "many"}, 'id="id_stock_error"'),
        ({"valid_from": "tomorrow"}, 'id="id_valid_from_error"'),
        ({"quantity": ["1", "half"]}, "bd-err"),
        ({"quantity": ["1", "0"]}, "bd-err"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_written(act, world, changes, marked):
    answer = act(world.author).post(reverse("portal:new"), proposal(**changes))

    assert answer.status_code == 422
    assert marked in answer.content.decode()
    assert "Console and cable" in answer.content.decode()
    assert not Bundle.objects.exists()


@pytest.mark.parametrize("sku", ["FOR-1", "NOPE"])
def test_a_posted_foreign_product_is_refused_without_a_word_about_it(act, world, sku):
    answer = act(world.author).post(reverse("portal:new"), proposal(sku=["CON-1", sku]))

    assert answer.status_code == 422
    assert sku in answer.content.decode()
    assert "Foreign pad" not in answer.content.decode()
    assert not Bundle.objects.exists()


def test_a_stale_edit_is_told_and_keeps_what_was_typed(act, world, now):
    bundle = world.draft(now)
    services.edit(bundle=bundle, content=world.content(stock=7), actor=world.colleague, at=now, version=1)

    answer = act(world.author).post(at("portal:edit", bundle), proposal(version="1", name="My words"))

    assert answer.status_code == 409
    assert "My words" in answer.content.decode()
    assert BundleRevision.objects.get().stock == 7


def test_a_bundle_in_review_opens_its_page_instead_of_the_editor(act, world, now):
    bundle = world.submitted(now)

    assert act(world.author).get(at("portal:edit", bundle)).url == at("portal:bundle", bundle)
    assert act(world.author).post(at("portal:edit", bundle), proposal()).status_code == 422
    assert BundleRevision.objects.count() == 1


def test_withdrawing_from_the_page(act, world, now):
    bundle = world.submitted(now)

    act(world.author).post(at("portal:withdraw", bundle))
    again = act(world.author).post(at("portal:withdraw", bundle))

    assert BundleRevision.objects.get().state == BundleState.WITHDRAWN
    assert again.status_code == 409


# -- the shop's review


@pytest.mark.parametrize("who", SHOP)
def test_reviewers_see_list_and_page(act, world, now, who):
    bundle = world.submitted(now)

    client = act(getattr(world, who))

    assert b"Console and cable" in client.get(reverse("bundles:list")).content
    assert client.get(at("bundles:review", bundle)).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("staff", 403), ("stranger", 404), ("rival", 404), ("author", 404)])
@pytest.mark.parametrize("action", ["bundles:claim", "bundles:approve", "bundles:return", "bundles:decline"])
def test_others_do_not_decide(act, world, now, who, status, action):
    bundle = world.submitted(now)

    answer = act(getattr(world, who)).post(at(action, bundle), {"comment": "x", "reason": "price"})

    assert answer.status_code == status
    assert BundleRevision.objects.get().state == BundleState.SUBMITTED


@pytest.mark.parametrize(
    ("action", "data", "state"),
    [
        ("bundles:claim", {}, "in_review"),
        ("bundles:approve", {}, "approved"),
        ("bundles:return", {"comment": "Cheaper"}, "needs_changes"),
        ("bundles:decline", {"comment": "No", "reason": "price"}, "rejected"),
    ],
)
def test_the_manager_decides_on_the_page(act, world, now, action, data, state):
    bundle = world.submitted(now)

    answer = act(world.manager).post(at(action, bundle), data, follow=True)

    assert answer.status_code == 200
    assert BundleRevision.objects.get().state == state


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("bundles:return", {"comment": " "}),
        ("bundles:decline", {"reason": "price"}),
        ("bundles:decline", {"comment": "x"}),
    ],
)
def test_a_refusal_without_words_is_asked_for_them(act, world, now, action, data):
    bundle = world.submitted(now)

    answer = act(world.manager).post(at(action, bundle), data)

    assert answer.status_code == 422
    assert BundleRevision.objects.get().state == BundleState.SUBMITTED


def test_two_reviewers_the_second_is_told(act, world, now):
    bundle = world.submitted(now)
    services.decline(bundle=bundle, actor=world.head, at=now, reason="price", comment="No")

    answer = act(world.manager).post(at("bundles:approve", bundle), {"digest": bundle.current.digest})

    assert answer.status_code == 409
    assert BundleRevision.objects.get().state == BundleState.REJECTED


def test_the_analyst_has_no_buttons_before_finance(act, world, now):
    bundle = world.submitted(now, exclusive=True)
    early = act(world.analyst).get(at("bundles:review", bundle))
    services.approve(bundle=bundle, actor=world.manager, at=now)

    late = act(world.analyst).get(at("bundles:review", bundle))

    assert at("bundles:approve", bundle) not in early.content.decode()
    assert at("bundles:approve", bundle) in late.content.decode()


def test_the_change_since_the_former_version_is_shown(act, world, now):
    bundle = world.submitted(now)
    services.return_(bundle=bundle, actor=world.manager, at=now, comment="Cheaper")
    services.edit(bundle=bundle, content=world.content(stock=7), actor=world.author, at=now)
    services.submit(bundle=bundle, actor=world.author, at=now)

    page = act(world.manager).get(at("bundles:review", bundle)).content.decode()

    assert "<del>20</del> <ins>7</ins>" in page


def test_lists_ask_as_many_queries_for_ten_as_for_two(act, world, now, django_assert_max_num_queries):
    for number in range(10):
        world.draft(now, name=f"Set {number}")
    client = act(world.author)
    client.get(reverse("portal:home"))

    with django_assert_max_num_queries(14):
        client.get(reverse("portal:home"))


def test_an_answer_that_is_late_says_so_on_both_sides(act, world, now):
    world.submitted(now)
    pages = [(world.manager, reverse("bundles:list")), (world.author, reverse("portal:home"))]
    BundleRevision.objects.update(due_at=timezone.now() + timedelta(hours=1))
    in_time = ["просрочено" in act(who).get(page).content.decode() for who, page in pages]
    BundleRevision.objects.update(due_at=timezone.now() - timedelta(hours=1))

    late = ["просрочено" in act(who).get(page).content.decode() for who, page in pages]

    assert (in_time, late) == ([False, False], [True, True])


def test_filters_narrow_the_list(act, world, now):
    world.submitted(now)
    world.submitted(
        now,
        name="Spring set",
        items=(world.content().items[0], type(world.content().items[0])("GAM-1")),
        bundle_price=12000,
    )
    client = act(world.manager)

    found = client.get(reverse("bundles:list"), {"q": "gam-1"}).content.decode()

    assert "Spring set" in found
    assert "Console and cable" not in found
    assert "Spring set" not in client.get(reverse("bundles:list"), {"state": "rejected"}).content.decode()
