"""The grid's workbook comes back through the matrix import and changes nothing."""

import io

import pytest
from django.utils import timezone, translation

from crossmatrix.matrix import services
from crossmatrix.matrix.formats import write_sheet
from crossmatrix.matrix.models import Matrix, Pair, Slot
from crossmatrix.matrix.rules import LinkDraft
from crossmatrix.matrix.selectors import axes
from crossmatrix.matrix.selectors.axes import Level, Scope
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(manager, now):
    """Cells in every state, with reasons that a spreadsheet likes to spoil."""
    consoles, cables = CategoryFactory(name="Consoles"), CategoryFactory(name="Cables")
    mains = [ProductFactory(sku=f"00{n}", name=f"Console {n}", category=consoles, price=50000) for n in range(6)]
    companions = [ProductFactory(sku=f"1E{n}", name=f"Cable {n}", category=cables, price=900) for n in range(5)]
    texts = ["To the TV", "=1+1 stays text", '12" case, «black»', "46 % of buyers", "Line one; line two"]
    links = [
        LinkDraft(mains[n].pk, companions[n].pk, reason=text, kind="required", rank=n + 1, offer_text="Do not forget")
        for n, text in enumerate(texts)
    ]
    services.apply_links(links=links, actor=manager, at=now, source="hand", batch="seed")
    for main, companion, why in ((0, 1, "other connector"), (1, 2, "Too short: 1 m")):
        services.mark_unsuitable(
            main_id=mains[main].pk, companion_id=companions[companion].pk, reason=why, actor=manager, at=now
        )
    submitted = Pair.objects.get(main=mains[0], companion=companions[0]).current
    services.submit(revision=submitted, actor=manager, at=now)
    Slot.objects.create(
        main_category=consoles, companion_category=cables, reason="To the TV", wanted=3, updated_at=timezone.now()
    )
    return Matrix.objects.create(name="Consoles and cables", mains=consoles, companions=cables)


def workbook_of(matrix, manager, level):
    layout = axes.build_layout(matrix=matrix, scope=Scope(level=level), user=manager)
    file = io.BytesIO()
    write_sheet(file, layout=layout)
    return file.getvalue()


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("level", [Level.SKU, Level.TYPE])
def test_an_untouched_workbook_plans_no_change(take, shop, manager, language, level):
    with translation.override(language):
        content = workbook_of(shop, manager, level)

    batch = take(content, "matrix", actor=manager, name="matrix.xlsx")

    problems = [(one.code, one.header, one.value, one.row) for one in batch.problems.all()]
    assert problems == []
    assert {name: batch.counts[name] for name in ("new", "changed", "error")} == {"new": 0, "changed": 0, "error": 0}
    assert batch.counts["same"] == (7 if level is Level.SKU else 1)
