import django_tables2 as tables
import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation
from django_htmx.middleware import HtmxDetails

from crossmatrix.catalog.models import Supplier
from crossmatrix.ui import lists
from crossmatrix.ui.templatetags.ui import filter_control
from tests.factories import SupplierFactory

ROWS = [{"sku": f"{n:03d}", "cost": n} for n in range(120)]


class PriceTable(tables.Table):
    sku = tables.Column()
    cost = lists.NumberColumn()
    optional = ("cost",)


class Filters(forms.Form):
    q = forms.CharField(required=False)
    state = forms.ChoiceField(required=False, label="State", choices=[("", "any"), ("draft", "Draft")])
    mine = forms.BooleanField(required=False, label="Mine")


class Person:
    is_authenticated = False


@pytest.fixture
def get(rf):
    def asked(query="", cookies=(), **headers):
        request = rf.get(f"/x/?{query}", headers=headers)
        request.COOKIES.update(cookies)
        request.user = Person()
        return request

    return asked


def answer_to(request, filters=None):
    class Set:
        form = filters

    request.htmx = HtmxDetails(request)
    return lists.list_page(request, "ui/list.html", table=PriceTable(ROWS), filters=Set if filters else None)


def test_a_visit_gets_the_page_and_htmx_the_list_alone(get):
    whole = answer_to(get()).content.decode()
    part = answer_to(get(**{"HX-Request": "true"})).content.decode()

    assert "<html" in whole
    assert "<html" not in part
    assert part.strip().startswith('<section class="list" id="list"')


def test_the_way_back_through_history_gets_the_whole_page(get):
    request = get(**{"HX-Request": "true", "HX-History-Restore-Request": "true"})

    assert "<html" in answer_to(request).content.decode()


def test_pages_and_sorting_are_real_links_that_keep_the_filters(get):
    with translation.override("en"):
        html = answer_to(get("state=draft&page=2")).content.decode()

    assert 'href="?state=draft&amp;page=3"' in html
    assert 'id="sort-sku" href="?state=draft&amp;sort=sku"' in html
    assert "51–100 of 120 rows" in html


def test_a_page_beyond_the_last_shows_the_last(get):
    with translation.override("ru"):
        assert "101–120 из 120 строк" in answer_to(get("page=99")).content.decode()


def test_the_sorted_column_says_so(get):
    html = answer_to(get("sort=-sku")).content.decode()

    assert 'aria-sort="descending"' in html
    assert html.count("aria-sort") == 1


def test_a_column_taken_away_stays_away_by_cookie(get):
    chosen = answer_to(get("columns="))
    later = answer_to(get(cookies={"columns-pricetable": chosen.cookies["columns-pricetable"].value}))
    fresh = answer_to(get())

    assert "sort-cost" not in chosen.content.decode()
    assert "sort-cost" not in later.content.decode()
    assert "sort-cost" in fresh.content.decode()
    assert "columns-pricetable" not in fresh.cookies


def test_a_chip_names_the_filter_and_leads_to_the_page_without_it(get):
    form = Filters(QueryDict("q=cable&state=draft&mine=on&page=3"))

    found = lists.chips(get("q=cable&state=draft&mine=on&page=3"), form)

    assert [(chip.label, chip.value) for chip in found] == [("State", "Draft"), ("Mine", "")]
    assert found[0].url == "?q=cable&mine=on"


def test_a_wrong_filter_value_makes_no_chip(get):
    assert lists.chips(get(), Filters(QueryDict("state=nonsense"))) == []


def test_a_long_list_is_counted_no_further_than_the_cap_and_says_so(get, monkeypatch, db):
    monkeypatch.setattr(lists, "CAP", 60)
    SupplierFactory.create_batch(61)

    class SupplierTable(tables.Table):
        code = tables.Column()

    def page(number):
        request = get(f"page={number}")
        request.htmx = HtmxDetails(request)
        with translation.override("en"):
            table = SupplierTable(Supplier.objects.order_by("pk"))
            return lists.list_page(request, "ui/list.html", table=table).content.decode()

    assert "1–50 of more than 60: narrow the list to see the rest" in page(1)
    assert "51–60 of more than 60" in page(2)
    assert "51–60 of more than 60" in page(3)  # no page behind the cap is offered

    Supplier.objects.order_by("pk").last().delete()

    assert "51–60 of 60 rows" in page(2)


class Choosing(forms.Form):
    state = forms.ChoiceField(
        required=False, label="State", choices=[("", "any"), ("unknown", "Not known"), ("<b>", "<i>")]
    )
    sold = forms.NullBooleanField(required=False, label="Sold")
    supplier = forms.ModelChoiceField(Supplier.objects.order_by("name"), required=False, label="Supplier")


@pytest.mark.django_db
def test_a_select_names_its_field_and_knows_what_was_chosen():
    first, second = SupplierFactory(name="First"), SupplierFactory(name="Second")
    form = Choosing(QueryDict(f"state=<b>&sold=true&supplier={second.pk}"))

    state, sold, supplier = (filter_control(form[name]) for name in form.fields)

    assert '<label class="sr" for="id_state">State</label><select name="state" id="id_state">' in state
    assert '<option value="">State</option><option value="unknown">Not known</option>' in state
    assert '<option value="&lt;b&gt;" selected>&lt;i&gt;</option>' in state
    assert '<option value="unknown">Sold</option>' in sold
    assert sold.count(" selected") == 1
    assert 'value="true" selected' in sold
    assert f'<option value="{first.pk}">' in supplier
    assert f'<option value="{second.pk}" selected>' in supplier
