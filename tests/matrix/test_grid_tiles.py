"""Windows of the grid on a real database: exact cells, the person's scope, the same number of questions for any size."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix, Slot
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.selectors import axes, grid, lookups, providers
from crossmatrix.matrix.selectors.axes import Level, Scope
from crossmatrix.matrix.selectors.narrow import RowFilter
from tests.factories import CategoryFactory, ProductFactory, member

SKU = Scope(level=Level.SKU)


@pytest.fixture(autouse=True)
def no_kept_views():
    cache.clear()


@pytest.fixture
def games(db):
    return CategoryFactory(name="Games")


@pytest.fixture
def consoles(games):
    return CategoryFactory(name="Consoles", parent=games)


@pytest.fixture
def computers(games):
    return CategoryFactory(name="Computers", parent=games)


@pytest.fixture
def matrix(games, console, cable):
    return Matrix.objects.create(name="Games and cables", mains=games, companions=cable.category)


@pytest.fixture
def evidence(monkeypatch):
    """Registers a provider for the test: {(main id, companion id): (attach rate, lift)}."""

    def know(known):
        monkeypatch.setattr(providers, "_evidence", [lambda mains, companions: dict(known)])

    return know


def window(matrix, user, scope=SKU, **place):
    layout = axes.build_layout(matrix=matrix, scope=scope, user=user)
    return layout, grid.tile(layout=layout, **{"r0": 0, "r1": 64, "c0": 0, "c1": 32, **place})


def cells(tile):
    return {(cell[0], cell[1]): cell[2:] for cell in tile["cells"]}


def test_rows_are_products_under_their_category_by_name(matrix, writer, consoles, computers, cable):
    ProductFactory(sku="A-2", name="Alpha", category=consoles)
    ProductFactory(sku="B-1", name="Box", category=computers)

    layout, tile = window(matrix, writer)

    assert [row[1] for row in tile["rows"]] == ["Computers", "Box", "Consoles", "Alpha", "Console"]
    assert [group.count for group in layout.groups] == [1, 2]
    assert (layout.rows, layout.columns, layout.members) == (5, 1, 3)
    assert [(band.label, band.first, band.last) for band in layout.bands] == [("Cables", 0, 0)]


def test_a_draft_is_a_cell_with_its_reason_ratio_and_version(matrix, writer, drafted):
    _, tile = window(matrix, writer)

    assert cells(tile)[1, 0] == ["draft", "Connects to the TV", 1, 0.03, "ok", None, None, "required", ""]


def test_an_approved_cell_is_published_while_a_release_holds_it(matrix, writer, approved, monkeypatch):
    before = cells(window(matrix, writer)[1])[1, 0][0]
    monkeypatch.setattr(providers, "_published", [set])

    after = cells(window(matrix, writer)[1])[1, 0][0]

    assert (before, after) == ("approved", "published")


def test_a_draft_above_an_approved_content_says_so(matrix, writer, approved, console, cable, now):
    services.set_pair(draft=LinkDraft(console.pk, cable.pk, reason="Longer"), actor=writer, at=now)

    cell = cells(window(matrix, writer)[1])[1, 0]

    assert (cell[0], cell[1], cell[-1]) == ("draft", "Longer", "l")


def test_not_suitable_shows_why(matrix, writer, console, cable, now):
    services.mark_unsuitable(main_id=console.pk, companion_id=cable.pk, reason="Wrong plug", actor=writer, at=now)

    cell = cells(window(matrix, writer)[1])[1, 0]

    assert (cell[0], cell[1]) == ("not_suitable", "Wrong plug")


def test_evidence_fills_cells_and_makes_hints_of_empty_ones(matrix, writer, drafted, console, cable, evidence):
    other = ProductFactory(sku="HDMI-3", name="Other cable", category=cable.category)
    evidence({(console.pk, cable.pk): (0.457, 3.8), (console.pk, other.pk): (0.2, 1.9)})

    found = cells(window(matrix, writer)[1])

    assert found[1, 0][5:7] == [45.7, 3.8]
    assert found[1, 1] == ["hint", "", 0, None, "", 20.0, 1.9, "", ""]


def test_evidence_without_lift_enough_is_no_hint(matrix, writer, console, cable, evidence):
    evidence({(console.pk, cable.pk): (0.2, 1.1)})

    assert (1, 0) not in cells(window(matrix, writer)[1])


def test_group_rows_count_mains_that_have_the_companion(matrix, writer, drafted, consoles):
    ProductFactory(sku="A-2", name="Alpha", category=consoles)

    found = cells(window(matrix, writer)[1])

    assert found[0, 0][:2] == ["agg", "1/2"]


def test_row_coverage_compares_approved_companions_with_wanted_slots(matrix, writer, approved, consoles, cable, now):
    Slot.objects.create(main_category=consoles, companion_category=cable.category, wanted=3, updated_at=now)

    _, tile = window(matrix, writer)

    assert tile["rows"][1][-2:] == [1, 3]


def test_a_type_that_does_not_suit_closes_its_cells(matrix, writer, games, consoles, cable, now):
    Slot.objects.create(
        main_category=games,
        companion_category=cable.category,
        verdict="not_suitable",
        reason="No ports",
        updated_at=now,
    )

    _, tile = window(matrix, writer)

    assert tile["closed"] == {f"{consoles.pk}:{cable.category_id}": "No ports"}


def test_type_level_shows_slots_with_their_coverage(matrix, writer, drafted, consoles, cable, now):
    ProductFactory(sku="A-2", name="Alpha", category=consoles)
    Slot.objects.create(
        main_category=consoles, companion_category=cable.category, reason="Connects", wanted=2, updated_at=now
    )

    layout, tile = window(matrix, writer, Scope(level=Level.TYPE))

    assert [row[1] for row in tile["rows"]] == ["Games", "Consoles"]
    assert cells(tile) == {
        (0, 0): ["agg", "1/1", 0, None, "", None, None, "", ""],
        (1, 0): ["slot", "Connects", 1, None, "", None, None, "accessory", "1/2/2"],
    }
    assert layout.members == 1


def test_a_person_sees_rows_of_their_own_categories_only(matrix, consoles, computers, console):
    ProductFactory(sku="B-1", name="Box", category=computers)
    narrow = member(Role.CATEGORY_MANAGER, category=computers)

    layout, tile = window(matrix, narrow)

    assert [row[1] for row in tile["rows"]] == ["Computers", "Box"]
    assert axes.layout_by_key(key=layout.key, matrix=matrix.pk, user=narrow) == layout


def test_the_kept_view_of_one_scope_is_closed_to_another(matrix, writer, computers):
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=writer)
    narrow = member(Role.CATEGORY_MANAGER, category=computers)

    assert axes.layout_by_key(key=layout.key, matrix=matrix.pk, user=narrow) is None


@pytest.mark.parametrize(("state", "shown"), [("draft", 1), ("approved", 0), ("empty", 1)])
def test_a_filter_keeps_rows_with_such_a_pair(matrix, writer, drafted, consoles, state, shown):
    ProductFactory(sku="A-2", name="Alpha", category=consoles)

    layout, _ = window(matrix, writer, Scope(level=Level.SKU, only=RowFilter(state=state)))

    assert layout.members == shown


@pytest.mark.parametrize("words", ["приставка", "приставками", "PS-5", "ps"])
def test_rows_are_found_by_word_forms_and_by_the_beginning_of_the_sku(matrix, writer, console, consoles, words):
    Product.objects.filter(pk=console.pk).update(name="Игровая приставка")
    ProductFactory(sku="A-2", name="Alpha", category=consoles)

    _, tile = window(matrix, writer, Scope(level=Level.SKU, only=RowFilter(query=words)))

    assert [row[0] for row in tile["rows"] if row[0] > 0] == [console.pk]


def test_a_closed_group_keeps_its_row_and_hides_its_members(matrix, writer, consoles, console):
    layout, tile = window(matrix, writer, Scope(level=Level.SKU, closed=(consoles.pk,)))

    assert [row[0] for row in tile["rows"]] == [-consoles.pk]
    assert layout.groups[0].count == 1


def test_hidden_products_are_not_in_the_grid(matrix, writer, console, cable):
    Product.objects.filter(pk=cable.pk).update(status="hidden")

    layout, _ = window(matrix, writer)

    assert layout.columns == 0


def test_a_window_is_cut_out_of_the_middle(matrix, writer, consoles, cable):
    for number in range(100):
        ProductFactory(sku=f"M{number:03}", name=f"Main {number:03}", category=consoles)

    _, tile = window(matrix, writer, r0=64, r1=128)

    assert [row[1] for row in tile["rows"]][:2] == ["Main 062", "Main 063"]
    assert len(tile["rows"]) == 102 - 64


def test_pieces_of_an_axis_join_across_their_borders(matrix, writer, consoles, monkeypatch):
    monkeypatch.setattr(axes, "PIECE", 8)
    ids = [ProductFactory(sku=f"M{number:03}", name=f"A {number:03}", category=consoles).pk for number in range(30)]
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=writer)

    assert list(axes.entries(layout, "rows", 6, 19)) == ids[5:18]


def test_a_lost_piece_is_noticed(matrix, writer):
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=writer)
    cache.delete(f"grid:{layout.key}:rows0")

    with pytest.raises(grid.LayoutLost):
        grid.tile(layout=layout, r0=0, r1=1, c0=0, c1=1)


def test_a_view_is_another_one_when_its_products_change(matrix, writer, consoles):
    before = axes.build_layout(matrix=matrix, scope=SKU, user=writer)
    again = axes.build_layout(matrix=matrix, scope=SKU, user=writer)
    ProductFactory(sku="A-2", name="Alpha", category=consoles)

    after = axes.build_layout(matrix=matrix, scope=SKU, user=writer)

    assert before.key == again.key
    assert after.key != before.key


def questions(matrix, user):
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=user)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        grid.tile(layout=layout, r0=0, r1=64, c0=0, c1=32)
    return len(asked)


def test_a_window_asks_the_same_number_of_questions_at_any_size(matrix, writer, drafted, consoles, cable, now):
    few = questions(matrix, writer)
    mains = [ProductFactory(sku=f"M{number}", category=consoles) for number in range(40)]
    more = [ProductFactory(sku=f"C{number}", category=cable.category) for number in range(20)]
    links = [LinkDraft(main.pk, companion.pk, reason="x") for main in mains for companion in more]
    services.apply_links(links=links, actor=writer, at=now, source="import", batch="b")

    many = questions(matrix, writer)

    assert few == many <= 4


def test_a_window_asked_again_and_again_shows_every_write_between(matrix, writer, console, cable, now):
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=writer)
    reasons = [f"Reason {number}" for number in range(8)]

    shown = []
    for reason in reasons:
        links = [LinkDraft(console.pk, cable.pk, reason=reason)]
        services.apply_links(links=links, actor=writer, at=now, source="import", batch=reason)
        tile = grid.tile(layout=layout, r0=0, r1=64, c0=0, c1=32)
        shown += [text for _row, _column, state, text, *_rest in tile["cells"] if state == "draft"]

    assert shown == reasons


def test_a_slot_of_a_window_asked_before_counts_at_once(matrix, writer, approved, games, cable, console, now):
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=writer)

    def have_and_want():
        rows = grid.tile(layout=layout, r0=0, r1=64, c0=0, c1=32)["rows"]
        return next(tuple(row[6:]) for row in rows if row[0] == console.pk)

    without = [have_and_want() for _ in range(8)]
    Slot.objects.create(main_category=games, companion_category=cable.category, wanted=3, updated_at=now)

    assert set(without) == {(1, 0)}
    assert have_and_want() == (1, 3)


def test_find_names_rows_and_columns_with_their_places(matrix, writer, console, cable):
    layout = axes.build_layout(matrix=matrix, scope=SKU, user=writer)

    assert lookups.find(layout, "consol") == [["row", 1, "Console"]]
    assert lookups.find(layout, "HDMI") == [["col", 0, "Cable"]]
    assert lookups.find(layout, "100%_") == []
