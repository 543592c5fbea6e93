"""One SQL text, more than one engine."""

import shutil
from datetime import date
from random import Random

import pyarrow as pa
import pytest
import sqlglot

from crossmatrix.insights.engine.base import UnknownEngine, engine_named
from crossmatrix.insights.engine.mining import Mining, days_table
from crossmatrix.insights.engine.text import sections, statement
from crossmatrix.insights.services.orders import conform
from tests.insights.factories import DAY, orders

DAYS = days_table(date(2026, 10, 1), DAY.date())


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "trino", "clickhouse"])
@pytest.mark.parametrize("name", sections())
def test_every_statement_parses_in_every_dialect(name, dialect):
    text = statement(name, min_both=5, parts=3, part=2)

    (parsed,) = sqlglot.parse(text, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)

    assert isinstance(parsed, sqlglot.exp.Select)
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


def mined(name, lines):
    skus = sorted(set(lines["sku"].to_pylist()))
    with engine_named(name) as engine:
        mining = Mining(engine, min_both=3)
        totals = mining.prepare(
            lines=lines, days=DAYS, catalog=pa.table({"sku": skus, "product": pa.array(range(len(skus)), pa.int64())}),
            wanted=pa.table({"main": pa.array([0, 1], pa.int64()), "companion": pa.array([1, 2], pa.int64())}),
        )  # fmt: skip
        pairs = mining.pairs().sort_by([("a", "ascending"), ("b", "ascending")])
        details, weeks = mining.details(pairs.select(["a", "b"]))
        by_pair = [("a", "ascending"), ("b", "ascending")]
        return (
            totals,
            pairs,
            details.sort_by(by_pair).to_pylist(),
            weeks.sort_by([*by_pair, ("week", "ascending")]).to_pylist(),
        )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_spark_counts_the_same_integers_as_duckdb_from_the_same_text():
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or newer")
    chance = Random(11)
    products = [f"p{n:02d}" for n in range(30)]
    lines = conform(orders(*[chance.sample(products, chance.randint(1, 12)) for _ in range(500)]))

    totals, pairs, details, weeks = mined("duckdb", lines)
    spark_totals, spark_pairs, spark_details, spark_weeks = mined("spark", lines)

    whole = ["a", "b", "both_count", "a_count", "b_count"]
    assert spark_totals == totals
    assert spark_pairs.select(whole).to_pylist() == pairs.select(whole).to_pylist()
    assert spark_pairs["expected"].to_pylist() == pytest.approx(pairs["expected"].to_pylist(), rel=1e-9)
    assert [{name: int(value) for name, value in row.items()} for row in spark_details] == [
        {name: int(value) for name, value in row.items()} for row in details
    ]
    assert spark_weeks == weeks
