"""The main job from the command line: catalog in, links, approval, release, orders in, a weak pair, the next release."""

import csv
import json
from datetime import date, timedelta

import pytest

from tests.journeys import shop
from tests.journeys.application import Application

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

MANAGER, SECOND, ANALYST, SUPPLIER = "manager@demo", "manager2@demo", "analyst@demo", "supplier@demo"
MAIN = shop.CONSOLES[0]


@pytest.fixture(scope="module")
def application():
    with Application("cli", servers=False) as running:
        yield running


def plan_counts(answer):
    return {name: answer[name] for name in ("new", "changed", "same", "error")}


def published(folder):
    with next(folder.rglob("*.csv")).open(encoding="utf-8-sig", newline="") as handle:
        return {row["SKU"]: [sku.strip() for sku in row["Cross-sells"].split(",")] for row in csv.DictReader(handle)}


def test_the_whole_loop_runs_from_the_command_line(application, tmp_path):
    ask = application.ask

    # the catalog comes in; the same file again changes nothing
    applied = ask("import", "catalog", str(shop.catalog(tmp_path)), "--apply", "--actor", MANAGER)
    assert (applied["header_row"], applied["applied"], applied["new"]) == (3, True, len(shop.PRODUCTS))
    again = ask("import", "catalog", str(shop.catalog(tmp_path)), "--actor", MANAGER)
    assert plan_counts(again) == {"new": 0, "changed": 0, "same": len(shop.PRODUCTS), "error": 0}

    # the matrix at both levels; a companion dearer than its main is written and judged, and cannot be approved
    assert ask("import", "matrix", str(shop.types(tmp_path)), "--apply", "--actor", MANAGER)["new"] == 3
    assert ask("import", "matrix", str(shop.links(tmp_path)), "--apply", "--actor", MANAGER)["new"] == 30
    refused = application.attempt("pair", "set", MAIN, shop.TELEVISION, "--reason", "Большой экран", "--actor", MANAGER)
    assert (refused.returncode, refused.stderr.split(":")[0]) == (2, "pair.not_suitable")

    # approval by another person only
    for companion in (shop.CABLE, shop.DISK, shop.LAMP):
        assert ask("pair", "submit", MAIN, companion, "--actor", MANAGER)["state"] == "in_review"
        own = application.attempt("pair", "approve", MAIN, companion, "--actor", MANAGER, "--json")
        assert (own.returncode, own.stderr.split(":")[0], own.stdout) == (2, "approve.own", "")
        approved = ask("pair", "approve", MAIN, companion, "--actor", SECOND)
        assert (approved["state"], approved["verdict"]) == ("approved", "ok")
    illegal = application.attempt("pair", "approve", MAIN, shop.CABLE, "--actor", SECOND)
    assert (illegal.returncode, illegal.stderr.split(":")[0]) == (2, "move.illegal")

    # a release a shop can import
    ask("channel", "create", "woo", "--name", "Магазин", "--format", "woocommerce", "--actor", "integrator@demo")
    preflight = ask("channel", "preflight", "woo")
    assert preflight["ok"] == 3
    assert [problem for problem in preflight["problems"] if problem["severity"] != "info"] == []
    first = ask("release", "cut", "woo", "--out", str(tmp_path / "r1"), "--actor", MANAGER)
    assert (first["number"], first["added"], first["removed"]) == (1, 3, 0)
    assert set(published(tmp_path / "r1")[MAIN]) == {shop.CABLE, shop.DISK, shop.LAMP}

    # orders in; the evidence is exact, and the same for whoever asks
    orders = shop.orders(tmp_path, today=date.today())
    lines = list(csv.DictReader(orders.open(encoding="utf-8"), delimiter=";"))
    assert ask("import", "orders", str(orders), "--apply", "--actor", ANALYST)["new"] == len(lines)
    assert plan_counts(ask("import", "orders", str(orders), "--actor", ANALYST))["new"] == 0
    counted = ask("evidence", "refresh", "--days", "90")
    assert (counted["orders"], counted["lines"]) == (shop.ORDERS, len(lines))
    baskets = {}
    for line in lines:
        baskets.setdefault(line["Номер заказа"], set()).add(line["Артикул"])
    with_main = [basket for basket in baskets.values() if MAIN in basket]
    with_both = [basket for basket in with_main if shop.CABLE in basket]
    [pair] = ask("evidence", "pair", MAIN, shop.CABLE)
    assert (pair["orders_main"], pair["orders_both"], pair["orders_all"]) == (
        len(with_main),
        len(with_both),
        shop.ORDERS,
    )
    assert pair["attach_rate"] == pytest.approx(len(with_both) / len(with_main))
    assert pair["low"] < pair["attach_rate"] < pair["high"]
    suggested = ask("suggest", shop.CONSOLES[1], "-k", "5")
    assert suggested
    assert shop.TELEVISION not in [row["companion"] for row in suggested]

    # the disk becomes dearer than half its main: the pair is named with evidence, decided on, and leaves the shop
    dearer = shop.catalog(tmp_path, prices={shop.DISK: "25 990,00 ₽"}, name="новые цены.xlsx")
    assert plan_counts(ask("import", "catalog", str(dearer), "--actor", MANAGER))["changed"] == 1
    ask("import", "catalog", str(dearer), "--apply", "--actor", MANAGER)
    flagged = ask("weak", "flag")
    assert flagged["raised"] >= 1
    weak = next(flag for flag in ask("weak", "list") if flag["companion"] == shop.DISK)
    assert (weak["main"], weak["cause"]) == (MAIN, "ratio_broken")
    assert weak["evidence"]
    ask("weak", "decide", MAIN, shop.DISK, "retire", "--actor", MANAGER)
    assert not [flag for flag in ask("weak", "list") if flag["companion"] == shop.DISK]
    second = ask("release", "cut", "woo", "--out", str(tmp_path / "r2"), "--actor", MANAGER)
    assert (second["number"], second["added"], second["removed"]) == (2, 0, 1)
    assert set(published(tmp_path / "r2")[MAIN]) == {shop.CABLE, shop.LAMP}
    back = ask("release", "rollback", "woo", "1", "--actor", MANAGER)
    assert (back["number"], back["sha256"]) == (3, first["sha256"])

    # beside it: a supplier's bundle from proposal to approval and into the JSON release
    application.manage("demo", "--load-only", "--dataset", "none")  # gives the supplier's people their company
    start, end = date.today() + timedelta(days=3), date.today() + timedelta(days=30)
    proposal = ask(
        "bundle", "draft", f"{MAIN}:1", f"{shop.CABLE}:1", "--actor", SUPPLIER, "--name", "Играть сразу", "--price", "38990",
        "--from", start.isoformat(), "--to", end.isoformat(), "--funding", "1", "--stock", "10",
    )  # fmt: skip
    ask("bundle", "submit", proposal["bundle"], "--actor", SUPPLIER)
    foreign = application.attempt("bundle", "show", proposal["bundle"], "--actor", "rival@demo")
    assert foreign.returncode == 2
    ask("bundle", "claim", proposal["bundle"], "--actor", MANAGER)
    decided = ask("bundle", "approve", proposal["bundle"], "--actor", MANAGER)
    assert decided["state"] in {"approved", "scheduled"}
    ask("channel", "create", "feed", "--name", "Лента", "--format", "json", "--actor", "integrator@demo")
    ask("release", "cut", "feed", "--out", str(tmp_path / "feed"), "--actor", MANAGER)
    feed = json.loads(next((tmp_path / "feed").rglob("*.json")).read_text(encoding="utf-8"))
    assert [bundle["name"] for bundle in feed["bundles"]] == ["Играть сразу"]

    # and every import can be taken back
    undone = ask("import", "undo", str(applied["batch"]))
    assert undone["kept"] >= 1  # products that pairs and prices now hang on stay, and are named


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("каталог.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 100, "file.type"), ("пусто.xlsx", b"", "file.empty")],
)
def test_a_file_that_is_no_spreadsheet_is_refused_in_words(application, tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)

    answer = application.attempt("import", "catalog", str(tmp_path / name), "--apply", "--json")

    assert (answer.returncode, answer.stderr.split(":")[0], answer.stdout) == (2, code, "")
