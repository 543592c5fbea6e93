"""A matrix on paper: every link with the shape of its state, no empty column, and what is left out is said."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.views import paper
from tests.factories import ProductFactory, member

pytestmark = pytest.mark.django_db


class Tables(HTMLParser):
    """Rows of the page's tables as texts of their cells, and the symbols in each cell."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.shapes, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True
        elif tag == "use" and self.inside:
            self.shapes.append((self.rows[-1][0], dict(attrs)["href"].split("#")[1]))

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".replace("\xa0", " ").strip()


@pytest.fixture
def matrix(console, cable):
    return Matrix.objects.create(name="Consoles and cables", mains=console.category, companions=cable.category)


@pytest.fixture
def on_paper(client, matrix):
    client.force_login(member(Role.CATEGORY_MANAGER))

    def look(language="en", **query):
        client.cookies["django_language"] = language
        answer = client.get(reverse("matrix:grid_print", args=[matrix.pk]), {"level": "sku", **query})
        assert answer.status_code == 200
        return answer.content.decode()

    return look


@pytest.mark.parametrize(("language", "word"), [("en", "Draft"), ("ru", "Черновик")])
def test_a_link_is_told_with_the_shape_of_its_state_and_the_legend_names_it(on_paper, drafted, language, word):
    page = on_paper(language)

    tables = Tables(page)
    assert tables.rows[-1][1] == f"{word} Connects to the TV"
    assert [shape for _row, shape in tables.shapes] == ["st-draft"]
    legend = page.split('class="mprint-legend"')[1].split("</p>")[0]
    assert "#st-draft" in legend
    assert word in legend
    assert "#st-approved" not in legend


def test_each_state_has_its_own_shape(on_paper, approved, console, cables, writer, now):
    refused = ProductFactory(sku="HDMI-9", category=cables)
    services.mark_unsuitable(main_id=console.pk, companion_id=refused.pk, reason="Too short", actor=writer, at=now)

    tables = Tables(on_paper())

    assert sorted(shape for _row, shape in tables.shapes) == ["st-approved", "st-no"]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "3 columns without a single link are left out."),
        ("ru", "3 столбца без единой связи пропущены."),
    ],
)
def test_columns_without_a_link_stay_away_and_are_counted(on_paper, drafted, cables, language, sentence):
    ProductFactory.create_batch(3, category=cables)

    page = on_paper(language)

    assert len(Tables(page).rows[0]) == 2
    assert sentence in page


def test_more_columns_than_a_sheet_holds_go_to_the_next_one_with_the_rows_again(on_paper, console, cables, writer, now):
    for number in range(paper.WIDE + 1):
        companion = ProductFactory(sku=f"C-{number:02}", name=f"Cable {number}", category=cables)
        link = services.LinkDraft(console.pk, companion.pk, reason=f"Reason {number}", kind="required")
        services.set_pair(draft=link, actor=writer, at=now)

    page = on_paper()

    tables = page.split("<table>")[1:]
    assert [f"Columns 1–{paper.WIDE} of {paper.WIDE + 1}" in page, len(tables)] == [True, 2]
    assert [len(Tables(f"<table>{table}").rows[0]) - 1 for table in tables] == [paper.WIDE, 1]
    assert all("PS-5" in table for table in tables)
    assert Tables(f"<table>{tables[1]}").rows[-1][1] == "Draft Reason 8"


def test_what_does_not_fit_is_said(on_paper, drafted, cables, monkeypatch):
    monkeypatch.setattr(paper, "ROWS", 1)
    monkeypatch.setattr(paper, "COLUMNS", 1)
    ProductFactory(category=drafted.pair.main.category)

    page = on_paper()

    assert "more rows do not fit on paper" in page
    assert "The whole view is in the Excel file." in page


def test_a_view_without_links_says_so_and_leads_back(on_paper, matrix):
    page = on_paper()

    assert "there is nothing to print" in page
    assert reverse("matrix:grid", args=[matrix.pk]) in page.split("nothing to print")[1]


def test_an_evidence_hint_alone_keeps_no_column(on_paper, drafted, console, cables, monkeypatch):
    from crossmatrix.matrix.selectors import providers

    seen = ProductFactory(category=cables)
    monkeypatch.setattr(providers, "evidence_of", lambda mains, companions: {(console.pk, seen.pk): (0.4, 3.0)})

    page = on_paper()

    assert len(Tables(page).rows[0]) == 2
    assert "1 column without a single link is left out." in page


def test_categories_tell_their_slot_and_how_many_products_have_a_companion(on_paper, drafted, console, cable, writer):
    slot = services.SlotDraft(console.category_id, cable.category_id, reason="Every console needs one")
    services.set_slot(draft=slot, actor=writer, at=timezone.now())

    rows = Tables(on_paper(level="type")).rows

    assert rows[-1] == ["Consoles", "Slot Every console needs one · 1 of 1"]
