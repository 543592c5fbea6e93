import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crossmatrix.lib.text import normalise_sku
from crossmatrix.publishing.formats.base import BadSettings, read_settings
from crossmatrix.publishing.formats.registry import FORMATS, UnknownFormat, format_named
from crossmatrix.publishing.formats.woocommerce import WooCommerce
from crossmatrix.publishing.rules import Document, Selection, seal, without
from tests.publishing.readers import read_excel, read_json, read_woocommerce
from tests.publishing.test_rules import link

GOLDEN = Path(__file__).parent.parent / "golden"
CUT_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUNDLE = {
    "id": "7d1f", "name": "Игровой набор", "price": "990.00", "currency": "RUB", "valid_from": "2026-11-01", "valid_to": None,
    "items": [{"sku": "C1", "quantity": 2}, {"sku": "C2", "quantity": 1}],
}  # fmt: skip


def document(links, **fields):
    links = tuple(links)
    facts = {
        "channel": "shop",
        "name": "Shop",
        "number": 7,
        "cut_at": CUT_AT,
        "sha256": seal(links, fields.get("bundles", ())),
    }
    return Document(links=links, **{**facts, **fields})


def written(code, links, settings=None, **fields):
    form = format_named(code)
    ((name, content),) = form.write(document(links, **fields), read_settings(form.settings, settings or {}))
    return name, content


def test_an_unknown_format_is_named_with_the_known_ones():
    with pytest.raises(UnknownFormat, match="opencart"):
        format_named("opencart")


@pytest.mark.parametrize("raw", [{"upsells": "everything"}, {"colour": "red"}, {"upsells": True}])
def test_a_setting_that_means_nothing_is_refused(raw):
    with pytest.raises(BadSettings):
        read_settings(WooCommerce.settings, raw)


@pytest.mark.parametrize("code", list(FORMATS))
def test_the_same_release_always_gives_the_same_bytes(code):
    links = [link("C1"), link("C2", rank=2)]

    assert written(code, links, bundles=(BUNDLE,)) == written(code, links[::-1], bundles=(BUNDLE,))


# -- WooCommerce --------------------------------------------------------------------------------------------------
def test_cross_sells_arrive_in_the_order_of_their_ranks():
    name, content = written("woocommerce", [link("C2", rank=2), link("C1", rank=1), link("C1", main="M0")])

    stored, _ = read_woocommerce(content)

    assert name == "shop-7.csv"
    assert content.decode("utf-8-sig").splitlines() == ["SKU,Cross-sells", "M0,C1", 'M1,"C1, C2"']
    assert stored == {("M1", "cross-sells"): ["C1", "C2"], ("M0", "cross-sells"): ["C1"]}


def test_a_main_without_links_gets_an_empty_cell_so_that_the_shop_forgets_them():
    _, content = written("woocommerce", [link("C1")], cleared=("gone",))

    stored, _ = read_woocommerce(content)

    assert stored["gone", "cross-sells"] == []


def test_the_shops_own_upsells_stay_unless_the_channel_takes_them():
    links = [link("C1", kind="required"), link("C2", rank=2), link("C3", rank=3, placements=("product_page",))]

    untouched, required, on_page = (
        read_woocommerce(written("woocommerce", links, {"upsells": choice})[1])[0]
        for choice in ("untouched", "required", "product_page")
    )

    assert untouched == {("M1", "cross-sells"): ["C1", "C2", "C3"]}
    assert required == {("M1", "cross-sells"): ["C1", "C2", "C3"], ("M1", "upsells"): ["C1"]}
    assert on_page == {("M1", "cross-sells"): ["C1", "C2"], ("M1", "upsells"): ["C1", "C2", "C3"]}


def test_semicolons_may_part_the_columns():
    _, content = written("woocommerce", [link("a;b"), link("C2", rank=2)], {"delimiter": "semicolon"})

    stored, _ = read_woocommerce(content, delimiter=";")

    assert stored == {("M1", "cross-sells"): ["a;b", "C2"]}


@pytest.mark.parametrize(
    ("companion", "code"),
    [
        ("0", "sku_zero"),
        ("id:5", "sku_like_id"),
        ("=1+1", "sku_formula"),
        ("-5", "sku_formula"),
        ("@cmd", "sku_formula"),
        ("＝1", "sku_formula"),
        ("end\\", "sku_backslash"),
        ("a::separator::b", "sku_separator"),
        ("a\tb", "sku_blanks"),
        ("a  b", "sku_blanks"),
        (" a", "sku_blanks"),
    ],
)
def test_a_companion_that_the_importer_would_misread_is_kept_out(companion, code):
    found = WooCommerce().preflight([link(companion)], {})

    assert [(p.code, p.main, p.companion, p.drops) for p in found] == [(code, "M1", companion, True)]


@pytest.mark.parametrize(
    "companion", ["a,b", 'a"b', "id:5x", "00", "000123", "a\\b", "a\\,b", "Ю-5/1", "5%", "a b", "ID:5"]
)
def test_an_unusual_sku_that_the_importer_reads_is_not_refused(companion):
    links = [link(companion), link("C2", rank=2)]

    assert WooCommerce().preflight(links, {}) == []
    assert read_woocommerce(written("woocommerce", links)[1])[0] == {("M1", "cross-sells"): [companion, "C2"]}


def test_a_main_whose_sku_the_importer_would_clean_is_kept_out():
    found = WooCommerce().preflight([link(main="a<b"), link(main="a%20b"), link(main="id:5"), link(main="end\\")], {})

    assert [(p.code, p.main) for p in found] == [("sku_cleaned", "a<b"), ("sku_cleaned", "a%20b")]


def test_skus_that_the_shops_database_takes_for_equal_are_kept_out():
    found = WooCommerce().preflight([link("abc"), link("ABC", rank=2), link("Ё1", rank=3), link("C9", main="е1")], {})

    assert [(p.code, p.values["sku"], p.values["other"]) for p in found] == [
        ("sku_same", "abc", "ABC"), ("sku_same", "ABC", "abc"), ("sku_same", "Ё1", "е1"), ("sku_same", "е1", "Ё1"),
    ]  # fmt: skip


NASTY = st.text(
    st.sampled_from(list("aB1Ё0,;\\\"'<>%=+-@:# \t id/&|")) | st.characters(codec="utf-8", exclude_categories=["Cs"]),
    min_size=1,
    max_size=12,
)
SKUS = (
    NASTY | st.sampled_from(["0", "id:5", "a,b", "a\\", "a\\,b", "::separator::", "%41", "<b>", '"', '""', "a, b", ","])
).map(normalise_sku)


@given(st.lists(st.tuples(SKUS, SKUS), max_size=12, unique=True))
@example([("a", "\\,"), ("a", "b")])
def test_every_link_that_passes_the_check_comes_out_of_the_importer_as_it_went_in(pairs):
    links = [link(companion, main=main, rank=n) for n, (main, companion) in enumerate(pairs) if main and companion]
    form = WooCommerce()

    kept = without(Selection(tuple(links), ()), form.preflight(links, {})).links
    stored, _ = read_woocommerce(written("woocommerce", kept)[1])

    arrived = [(main, companion) for (main, _), companions in stored.items() for companion in companions]
    assert sorted(arrived) == sorted((one.main_sku, one.companion_sku) for one in kept)


def test_an_unknown_companion_would_become_a_placeholder_product():
    _, created = read_woocommerce(written("woocommerce", [link("C1")])[1], catalog={"M1"})

    assert created == {"C1"}


# -- JSON ---------------------------------------------------------------------------------------------------------
def test_the_json_release_is_as_agreed():
    links = [
        link(
            "C2", rank=2, kind="seasonal", placements=("cart",), valid_from=date(2026, 12, 1), valid_to=date(2027, 1, 8)
        ),
        link("000123", kind="required", reason="Нужен для подключения", offer_text="Не забудьте кабель", revision=3),
        link("=1+1", main="М-0"),
    ]

    _, content = written(
        "json", links, {"layout": "readable"}, bundles=(BUNDLE,), removed=(("M1", "old"),), cleared=("M9",)
    )

    golden = GOLDEN / "release.json"
    assert content.decode() == golden.read_text()
    assert read_json(content)["removed"] == [{"companion_sku": "old", "main_sku": "M1"}]


def test_a_compact_json_release_carries_the_same():
    links = [link("C1"), link("C2", rank=2)]

    compact, readable = (written("json", links, {"layout": layout})[1] for layout in ("compact", "readable"))

    assert read_json(compact) == json.loads(readable)
    assert compact.count(b"\n") == 1


def test_the_release_knows_when_it_was_damaged():
    _, content = written("json", [link("C1")])

    with pytest.raises(AssertionError):
        read_json(content.replace(b'"C1"', b'"C2"'))


# -- Excel --------------------------------------------------------------------------------------------------------
def test_the_workbook_holds_every_link_with_skus_as_text_and_no_formula():
    links = [
        replace(link("000123", reason="=SUM(A1:A9)", offer_text="http://shop.test", kind="required"), context={
            "main_name": "+Plus", "companion_name": "@at", "main_price": "1290.00", "companion_price": "129.50", "ratio": "0.1004",
        }),
        link("1e5", rank=2, placements=("cart", "store"), valid_to=date(2026, 12, 31)),
    ]  # fmt: skip

    name, content = written("excel", links, {"language": "en"}, removed=(("M1", "old"),), bundles=(BUNDLE,))
    sheets, formulas = read_excel(content)

    assert name == "shop-7.xlsx"
    assert formulas == []
    assert list(sheets) == ["Links", "Removed", "Bundles", "How to use"]
    assert sheets["Links"][0][:6] == ["Product SKU", "Product", "Companion SKU", "Companion", "Rank", "Kind of reason"]
    assert sheets["Links"][1] == [
        "M1", "+Plus", "000123", "@at", 1, "required", "=SUM(A1:A9)", "http://shop.test", None, None, None,
        1290, 129.5, 0.1004, None, None, 1,
    ]  # fmt: skip
    assert [sheets["Links"][2][at] for at in (2, 4, 8, 10)] == ["1e5", 2, "cart, store", "2026-12-31"]
    assert sheets["Removed"][1:] == [["M1", "old"]]
    assert [row[0] for row in sheets["Bundles"][1:]] == ["Игровой набор"] * 2
    assert sheets["Bundles"][2][-2:] == ["C2", 1]


def test_a_workbook_that_a_sheet_cannot_hold_is_announced(monkeypatch):
    monkeypatch.setattr("crossmatrix.publishing.formats.excel.ROWS_OF_A_SHEET", 2)

    found = format_named("excel").preflight([link("C1"), link("C2")], {})

    assert [(p.code, p.severity, p.values) for p in found] == [("sheet_full", "error", {"links": 2, "rows": 2})]
