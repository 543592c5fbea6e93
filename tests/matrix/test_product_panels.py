import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import LinkDraft, SlotDraft
from crossmatrix.matrix.selectors.companions import companions_of, slot_coverage
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db
QUERIES = 4  # the pairs, the types that do not suit, their evidence, which of them are live


@pytest.fixture
def author():
    return member(Role.CATEGORY_MANAGER)


@pytest.fixture
def main():
    return ProductFactory(price=10000)


@pytest.fixture
def approved(main, author, now):
    """Approves a link of the main to a companion at a rank."""
    head = member(Role.HEAD)

    def make(rank, **companion):
        product = ProductFactory(price=500, **companion)
        draft = LinkDraft(main.pk, product.pk, reason="Нужен для подключения", rank=rank)
        revision = services.set_pair(draft=draft, actor=author, at=now)
        services.submit(revision=revision, actor=author, at=now)
        services.approve(revision=PairRevision.objects.get(pk=revision.pk), actor=head, at=now)
        return product

    return make


def companions(rows):
    return [row.companion for row in rows]


def test_the_cap_cuts_the_ranked_list_into_shown_and_reserve(main, approved, now, settings):
    settings.PLACEMENT_CAP = 2
    third, first, second = approved(3), approved(1), approved(2)

    found = companions_of(main, today=now.date())

    assert companions(found.shown) == [first, second]
    assert companions(found.waiting) == [third]


def test_a_companion_out_of_stock_gives_its_place_to_the_reserve(main, approved, now, settings):
    settings.PLACEMENT_CAP = 1
    gone, reserve = approved(1, stock=0), approved(2)

    found = companions_of(main, today=now.date())

    assert companions(found.shown) == [reserve]
    assert [(row.companion, row.hidden) for row in found.waiting] == [(gone, "out_of_stock")]


def test_a_draft_waits_behind_the_cut_and_a_refused_companion_stands_apart(main, author, now):
    draft, refused = ProductFactory(price=500), ProductFactory(price=500)
    services.set_pair(draft=LinkDraft(main.pk, draft.pk, reason="Защита"), actor=author, at=now)
    services.mark_unsuitable(main_id=main.pk, companion_id=refused.pk, reason="Другой разъём", actor=author, at=now)

    found = companions_of(main, today=now.date())

    assert found.shown == []
    assert [(row.companion, row.state) for row in found.waiting] == [(draft, "draft")]
    assert [pair.companion for pair in found.refused] == [refused]


def test_the_number_of_queries_does_not_grow_with_the_companions(main, approved, now, django_assert_num_queries):
    approved(1)
    with django_assert_num_queries(QUERIES):
        companions_of(main, today=now.date())
    for rank in range(2, 7):
        approved(rank)

    with django_assert_num_queries(QUERIES):
        companions_of(main, today=now.date())


def test_coverage_counts_approved_companions_below_the_wanted_category(main, approved, author, now):
    cables = CategoryFactory(name="Кабели")
    approved(1, category=CategoryFactory(parent=cables))
    services.set_slot(
        draft=SlotDraft(main.category_id, cables.pk, verdict="suitable", reason="Нужен", wanted=2), actor=author, at=now
    )

    (cover,) = slot_coverage(main)

    assert (cover.slot.companion_category, cover.have, cover.full) == (cables, 1, False)


def test_the_product_page_shows_them_to_those_who_may_see_pairs(client, main, approved):
    companion = approved(1, name="Кабель HDMI")
    page = reverse("catalog:product", args=[main.pk])

    client.force_login(member(Role.ANALYST))
    assert companion.name in client.get(page).content.decode()

    client.force_login(member(Role.STAFF))
    assert companion.name not in client.get(page).content.decode()
