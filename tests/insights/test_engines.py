"""One SQL text, more than one engine."""

import shutil
from datetime import date, timedelta
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from crossmatrix.insights.engine import duck
from crossmatrix.insights.engine.base import UnknownEngine, engine_named
from crossmatrix.insights.engine.encode import encode
from crossmatrix.insights.engine.ledger import Ledger
from crossmatrix.insights.engine.mining import Former, Mining, days_table
from crossmatrix.insights.engine.protocol import Part
from crossmatrix.insights.engine.text import sections, statement
from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE
from crossmatrix.insights.services.orders import conform
from tests.insights.factories import DAY, orders

DAYS = days_table(date(2026, 10, 1), DAY.date())


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "trino", "clickhouse"])
@pytest.mark.parametrize("name", sections())
def test_every_statement_parses_in_every_dialect(name, dialect):
    text = statement(name, min_both=5, parts=3, part=2)

    (parsed,) = sqlglot.parse(text, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)

    assert isinstance(parsed, sqlglot.exp.Query)
    assert not list(parsed.find_all(sqlglot.exp.Anonymous))  # no function that only one dialect has


@pytest.mark.parametrize("name", sections())
def test_no_statement_relies_on_what_one_dialect_only_allows(name):
    text = statement(name, min_both=5)

    assert "::" not in text
    assert "group by all" not in text.lower()
    assert text == text.lower()
    assert sqlglot.transpile(text, read="duckdb", write="spark")


def test_an_engine_nobody_wrote_is_refused():
    with pytest.raises(UnknownEngine, match="oracle"):
        engine_named("oracle")


def encoded(lines, folder, first_basket=0, numbers=None):
    """Day files of these lines, and the numbers of their SKUs."""
    ledger = Ledger(folder)
    ledger.numbers = numbers or ledger.numbers
    file = folder / "source.parquet"
    pq.write_table(lines, file)
    for days in (
        None,
        {DAY.date() - timedelta(days=1)},
    ):  # one day comes again: of the file of its week only the others are read
        first = first_basket + ledger.manifest.next_basket
        again = encode([file], days=days, numbers=ledger.numbers, first_basket=first)
        ledger.keep(again, {}, wholesale_above=WHOLESALE_ABOVE)
    return ledger.lines_of(ledger.held()), ledger.baskets_of(ledger.held()), ledger.numbers


def mined(name, lines, changes, folder):
    bought, baskets, numbers = encoded(lines, folder / f"{name}-first")
    entered, more_baskets, _ = encoded(changes, folder / f"{name}-then", 1_000_000, numbers)
    skus = numbers.table()["sku"]
    sources = {
        "days": DAYS, "numbers": numbers.table(),
        "catalog": pa.table({"sku": skus, "product": pa.array(range(len(skus)), pa.int64())}),
        "wanted": pa.table({"main": pa.array([0, 1], pa.int64()), "companion": pa.array([1, 2], pa.int64())}),
    }  # fmt: skip
    with engine_named(name) as engine:
        before = Mining(engine, min_both=4)
        before.prepare(bought=bought, orders=baskets, **sources)
        former = Former(before.count(), before.items(), entered=entered, left_out=[])
        mining = Mining(engine, min_both=4)
        totals = mining.prepare(bought=[*bought, *entered], orders=[*baskets, *more_baskets], **sources)
        changed = mining.count_changes(former)
        pairs = mining.pairs(changed).sort_by([("a", "ascending"), ("b", "ascending")])
        details, weeks = mining.details(pairs.select(["a", "b", "a_count", "b_count"]))
        by_pair = [("a", "ascending"), ("b", "ascending")]
        return (
            totals,
            pairs,
            details.sort_by(by_pair).to_pylist(),
            weeks.sort_by([*by_pair, ("week", "ascending")]).to_pylist(),
        )


@pytest.mark.parametrize("held", [0, 10**9])
def test_files_read_once_and_held_say_what_files_read_each_time_say(tmp_path, monkeypatch, held):
    monkeypatch.setattr(duck, "HELD", held)
    first, second = tmp_path / "it's one.parquet", tmp_path / "two.parquet"
    pq.write_table(pa.table({"n": [1, 2]}), first)
    pq.write_table(pa.table({"n": [3]}), second)

    with engine_named("duckdb") as engine:
        engine.register("numbers", [first])
        engine.register("numbers", [first, second])
        second.unlink() if held else None

        assert sum(engine.query("select n from numbers")["n"].to_pylist()) == 6


@pytest.mark.slow
@pytest.mark.timeout(900)  # thirty statements; a busy machine starts Java slowly
def test_spark_counts_the_same_integers_as_duckdb_from_the_same_text(tmp_path):
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or newer")
    chance = Random(11)
    products = [f"p{n:02d}" for n in range(30)]
    bought = [(DAY - timedelta(days=n % 3), chance.sample(products, chance.randint(1, 12))) for n in range(540)]
    lines, changes = conform(orders(*bought[:500])), conform(orders(*bought[500:], prefix="new"))

    assert any(isinstance(file, Part) for file in encoded(lines, tmp_path / "look")[0])
    totals, pairs, details, weeks = mined("duckdb", lines, changes, tmp_path)
    spark_totals, spark_pairs, spark_details, spark_weeks = mined("spark", lines, changes, tmp_path)

    whole = ["a", "b", "both_count", "a_count", "b_count"]
    assert spark_totals == totals
    assert spark_pairs.select(whole).to_pylist() == pairs.select(whole).to_pylist()
    assert spark_pairs["expected"].to_pylist() == pytest.approx(pairs["expected"].to_pylist(), rel=1e-9)
    assert [{name: int(value) for name, value in row.items()} for row in spark_details] == [
        {name: int(value) for name, value in row.items()} for row in details
    ]
    assert spark_weeks == weeks
