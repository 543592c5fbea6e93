"""A pair extended to similar products: who is proposed, what is written, what is refused, one undo."""

import json

import pytest
from django.core.management import call_command

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import OpBatch, Pair, PairRevision
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.rules.extending import Fit
from crossmatrix.matrix.selectors.extending import similar_mains
from crossmatrix.matrix.services.extend import HasThePair, NothingToExtend, extend_pair, preview_extension
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(console, cable, writer, now):
    """A draft with everything a link can carry; the cable names its connector."""
    console.attributes, cable.attributes, console.brand = {"connector": "HDMI"}, {"connector": "HDMI"}, "Orbis"
    console.save()
    cable.save()
    draft = LinkDraft(
        console.pk, cable.pk, reason="Connects to the TV", kind="required", rank=3, offer_text="Do not forget",
        placements=["cart"], override_reason="Agreed",
    )  # fmt: skip
    return services.set_pair(draft=draft, actor=writer, at=now).pair


@pytest.fixture
def sister(consoles):
    return ProductFactory(sku="PS-6", category=consoles, brand="Orbis", price="60000", attributes={"connector": "HDMI"})


def rows(pair, user, **options):
    return {row.product.sku: row for row in similar_mains(pair, user, **options).rows}


def test_products_of_the_category_are_proposed_the_most_alike_first(pair, sister, consoles, writer):
    ProductFactory(sku="OTHER", category=consoles, brand="Novara", price="60000")
    ProductFactory(sku="ELSEWHERE", price="60000")

    assert list(rows(pair, writer)) == ["PS-6", "OTHER"]
    assert list(rows(pair, writer, brand=True)) == ["PS-6"]


def test_a_product_with_another_connector_is_listed_without_its_tick(pair, sister, consoles, writer):
    ProductFactory(sku="VGA", category=consoles, price="60000", attributes={"connector": "VGA"})

    found = rows(pair, writer)

    assert (found["VGA"].fit.fit, found["VGA"].advised) == (Fit.DOES_NOT, False)
    assert (found["PS-6"].fit.fit, found["PS-6"].advised) == (Fit.FITS, True)


def test_a_price_ratio_that_blocks_takes_the_tick_away(pair, consoles, writer):
    ProductFactory(sku="CHEAP", category=consoles, price="1000")

    assert (rows(pair, writer)["CHEAP"].ratio.status, rows(pair, writer)["CHEAP"].advised) == ("block", False)


def test_products_that_have_the_pair_or_refuse_it_are_counted_not_proposed(pair, sister, cable, consoles, writer, now):
    refusing = ProductFactory(sku="NO", category=consoles, price="60000")
    services.set_pair(draft=LinkDraft(sister.pk, cable.pk, reason="So"), actor=writer, at=now)
    services.mark_unsuitable(main_id=refusing.pk, companion_id=cable.pk, reason="No port", actor=writer, at=now)

    found = similar_mains(pair, writer)

    assert (found.rows, found.paired, found.refused) == ([], 1, 1)


def test_products_outside_the_persons_categories_are_not_proposed(pair, sister):
    stranger = member(Role.CATEGORY_MANAGER, category=CategoryFactory())

    assert rows(pair, stranger) == {}


def test_the_number_of_queries_does_not_grow_with_the_products(pair, consoles, writer, django_assert_max_num_queries):
    for _ in range(12):
        ProductFactory(category=consoles, price="60000")

    with django_assert_max_num_queries(8):
        similar_mains(pair, writer)


def test_the_draft_carries_the_pairs_content_and_where_it_comes_from_but_not_its_override(
    pair, sister, cable, writer, now
):
    done = extend_pair(pair=pair, main_ids=[sister.pk], actor=writer, at=now, key="k")

    revision = PairRevision.objects.get(pair__main=sister)
    assert done.written == 1
    assert (revision.state, revision.reason, revision.kind, revision.rank) == (
        "draft",
        "Connects to the TV",
        "required",
        3,
    )
    assert (revision.offer_text, revision.placements, revision.override_reason) == ("Do not forget", ["cart"], "")
    assert revision.evidence == {"extended_from": pair.pk, "main": "PS-5", "companion": "HDMI-2"}
    assert (revision.contributors, revision.batch) == ([writer.pk], "ops:k")


def test_another_reason_may_be_given(pair, sister, writer, now):
    extend_pair(pair=pair, main_ids=[sister.pk], actor=writer, at=now, key="k", reason="For the second TV")

    assert PairRevision.objects.get(pair__main=sister).reason == "For the second TV"


def test_each_refused_product_says_why_and_the_others_are_written(pair, sister, cable, consoles, writer, now):
    has, refusing = (ProductFactory(sku=sku, category=consoles, price="60000") for sku in ("HAS", "NO"))
    services.set_pair(draft=LinkDraft(has.pk, cable.pk, reason="So"), actor=writer, at=now)
    services.mark_unsuitable(main_id=refusing.pk, companion_id=cable.pk, reason="No port", actor=writer, at=now)

    done = extend_pair(pair=pair, main_ids=[has.pk, refusing.pk, sister.pk], actor=writer, at=now, key="k")

    assert {row.main_id: type(row.refusal) for row in done.rows} == {
        has.pk: HasThePair,
        refusing.pk: services.NotSuitable,
        sister.pk: type(None),
    }
    assert Pair.objects.get(main=has).current.reason == "So"


def test_looking_first_writes_nothing(pair, sister, consoles, cable, writer, now):
    refusing = ProductFactory(category=consoles, price="60000")
    services.mark_unsuitable(main_id=refusing.pk, companion_id=cable.pk, reason="No port", actor=writer, at=now)

    refusals = preview_extension(pair=pair, main_ids=[sister.pk, refusing.pk], actor=writer, at=now)

    assert list(refusals) == [refusing.pk]
    assert not Pair.objects.filter(main=sister).exists()


def test_one_undo_takes_every_draft_back(pair, sister, consoles, writer, now):
    other = ProductFactory(category=consoles, price="60000")
    extend_pair(pair=pair, main_ids=[sister.pk, other.pk], actor=writer, at=now, key="k")

    undone = services.undo(op_batch=OpBatch.objects.get(key="k"), actor=writer, at=now)

    assert undone["reversed"] == 2
    assert set(PairRevision.objects.filter(pair__main__in=[sister, other]).values_list("state", flat=True)) == {
        "discarded"
    }


def test_the_same_send_again_writes_nothing_more(pair, sister, writer, now):
    extend_pair(pair=pair, main_ids=[sister.pk], actor=writer, at=now, key="k")

    extend_pair(pair=pair, main_ids=[sister.pk], actor=writer, at=now, key="k")

    assert PairRevision.objects.filter(pair__main=sister).count() == 1


def test_a_retired_pair_is_not_extended(approved, sister, writer, now):
    services.retire(revision=approved, actor=writer, at=now)

    with pytest.raises(NothingToExtend):
        extend_pair(pair=Pair.objects.get(), main_ids=[sister.pk], actor=writer, at=now, key="k")


def test_the_command_names_the_products_first_and_writes_with_apply(pair, sister, cable, writer, capsys):
    words = ("extend", "PS-5", "HDMI-2", "--actor", writer.email, "--json")

    call_command("pair", *words)
    looked = json.loads(capsys.readouterr().out)
    assert [(row["main"], row["advised"], row["fit"], row["refused"]) for row in looked["rows"]] == [
        ("PS-6", True, "fits", None)
    ]
    assert not Pair.objects.filter(main=sister).exists()

    call_command("pair", *words, "--apply")
    written = json.loads(capsys.readouterr().out)

    assert written["written"] == 1
    assert PairRevision.objects.get(pair__main=sister).batch == f"ops:{written['undo']}"[:64]
