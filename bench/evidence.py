"""Pair counting beside its peers in one run, and its growth: python -m bench.evidence [--small | --huge].

Each method runs in a process of its own from the same Parquet file; CPU is user + system of that process once it has loaded
what it needs, and beside it that of the whole process: interpreter and imports too (of PostgreSQL: its server process's
statement, and with it our process that sends the lines). The query alone reads numbers made for it beforehand, which is in
none of its figures; ours reads texts. A ratio is printed both ways; the goals are of the first, and hold for the second.
Goals: ≤ 2 × PyFIM eclat on the journey, ≥ 5 × less than PostgreSQL's self-join, ≤ 2.5 × the counting query alone, growth
exponent ≤ 1.05 in generated pairs from 1 M to 10 M lines, ≤ 150 ns per generated pair and ≤ 1 GiB at 10 M; ≤ 2.5 GiB at 100 M
lines (`--huge`). The nanoseconds are those of a quiet machine: under load read the ratio to the query, 119 ns on one.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

MIN_BOTH = 10
HUGE, PIECES = 10_000_000, 10  # orders, files


def imported() -> None:
    """What more than one method loads on first use; pyarrow loads pandas, where there is one, with the first array.

    The whole process's CPU has it; the method's own has not, for the product runs in a worker that was started long ago.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet

    pa.table({"one": np.zeros(1)})


def ours(path: Path) -> dict[str, float]:
    """The product's own counting, from Parquet to Arrow, size-aware expectation included."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from crossmatrix.insights.engine.duck import DuckEngine
    from crossmatrix.insights.engine.encode import encode
    from crossmatrix.insights.engine.ledger import Ledger
    from crossmatrix.insights.engine.mining import Mining, days_table, min_both_for
    from crossmatrix.insights.rules.baskets import WHOLESALE_ABOVE

    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    least = max(MIN_BOTH, min_both_for(sum(pq.ParquetFile(file).metadata.num_rows for file in files)))
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder, DuckEngine() as engine:
        ledger = Ledger(Path(folder))
        for file in files:
            days = encode([file], days=None, numbers=ledger.numbers, first_basket=ledger.manifest.next_basket)
            ledger.keep(days, {}, wholesale_above=WHOLESALE_ABOVE)
        read = time.process_time() - begun
        held = ledger.held()
        numbers = ledger.numbers.table()
        window = [date.fromisoformat(day) for day in ledger.manifest.days]
        mining = Mining(engine, min_both=least)
        totals = mining.prepare(
            bought=ledger.lines_of(held), orders=ledger.baskets_of(held), days=days_table(min(window), max(window)),
            numbers=numbers,
            catalog=pa.table({"sku": numbers["sku"], "product": pa.array(range(len(numbers)), pa.int64())}),
            wanted=pa.table({"main": pa.array([], pa.int64()), "companion": pa.array([], pa.int64())}),
        )  # fmt: skip
        prepared = time.process_time() - begun
        counts = mining.count()
        counted = time.process_time() - begun
        pairs = mining.pairs(counts)
        return {
            "pairs": pairs.num_rows, "both": pc.sum(pairs["both_count"]).as_py(), "generated": totals.generated,
            "cpu": time.process_time() - begun, "read": read, "prepare": prepared - read, "count": counted - prepared,
        }  # fmt: skip


def query(path: Path) -> dict[str, float]:
    """The counting query alone, as EVIDENCE measured it: whole numbers in, half a self-join in shares, nothing else."""
    import duckdb

    numbered = path.with_suffix(".numbers.parquet")
    if not numbered.exists():
        with duckdb.connect() as base:
            base.execute(
                f"""copy (select cast(dense_rank() over (order by order_id) as int) as basket, cast(dense_rank() over (order by sku) as int) as item
                from '{path}' order by 1, 2) to '{numbered}' (compression zstd)"""
            )
        done = subprocess.run(
            [sys.executable, "-m", "bench.evidence", "--one", "query", "--file", str(path)],
            check=True,
            capture_output=True,
            text=True,
        )
        answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return answer
    begun = time.process_time()
    with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as base:
        base.execute(
            f"""create table t as select distinct l.basket, l.item from '{numbered}' l
                semi join (select item from '{numbered}' group by item having count(distinct basket) >= {MIN_BOTH}) k on k.item = l.item
                order by 1, 2"""
        )
        generated = base.execute(
            "select cast(sum(n * (n - 1)) / 2 as bigint) from (select count(*) as n from t group by basket)"
        ).fetchall()[0][0]
        shares, pairs, both = max(1, math.ceil(generated / 12_000_000)), 0, 0
        for share in range(shares):
            found = base.sql(
                f"""select x.item as a, y.item as b, count(*) as n from t x join t y on x.basket = y.basket and x.item < y.item
                    where x.item % {shares} = {share} group by 1, 2 having count(*) >= {MIN_BOTH}"""
            ).to_arrow_table()
            pairs, both = pairs + found.num_rows, both + sum(found["n"].to_pylist())
    return {"pairs": pairs, "both": both, "generated": generated, "cpu": time.process_time() - begun}


def eclat(path: Path) -> dict[str, float]:
    """PyFIM eclat of exactly two items, from the same Parquet through lists of strings."""
    import fim
    import pyarrow.parquet as pq

    begun = time.process_time()
    table = pq.read_table(path, columns=["order_id", "sku"])
    baskets: dict[str, set[str]] = {}
    for order, sku in zip(table["order_id"].to_pylist(), table["sku"].to_pylist(), strict=True):
        baskets.setdefault(order, set()).add(sku)
    found = fim.eclat(list(baskets.values()), zmin=2, zmax=2, supp=-MIN_BOTH, report="a")
    return {"pairs": len(found), "both": sum(row[1] for row in found), "cpu": time.process_time() - begun}


def postgres(path: Path) -> dict[str, float]:
    """PostgreSQL's half self-join with the same prefilter; CPU of its server process (Linux)."""
    import psycopg
    import pyarrow.parquet as pq

    from crossmatrix import embedded

    embedded.provide()
    table = pq.read_table(path, columns=["order_id", "sku"])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as base:
        base.execute("create temp table lines (basket text, item text)")
        with base.cursor().copy("copy lines from stdin") as copy:
            for row in zip(table["order_id"].to_pylist(), table["sku"].to_pylist(), strict=True):
                copy.write_row(row)
        base.execute("analyze lines")
        base.execute("set max_parallel_workers_per_gather = 0")
        base.execute("set work_mem = '512MB'")
        server = Path(f"/proc/{base.info.backend_pid}/stat")

        def spent() -> float:
            times = server.read_text().rpartition(")")[2].split()
            return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

        begun = spent()
        row = base.execute(
            """
            with i as (select item from lines group by item having count(distinct basket) >= %(k)s),
            t as (select distinct basket, item from lines join i using (item)),
            h as (select x.item as a, y.item as b, count(*) as n from t x join t y on x.basket = y.basket and x.item < y.item
                  group by 1, 2 having count(*) >= %(k)s)
            select count(*), sum(n) from h
            """,
            {"k": MIN_BOTH},
        ).fetchone()
        cpu, server = spent() - begun, spent()
    return {"pairs": row[0], "both": int(row[1]), "cpu": cpu, "server": server}


def mlxtend(path: Path) -> dict[str, float]:
    """mlxtend's fpgrowth of at most two items over its own sparse one-hot table."""
    import pyarrow.parquet as pq
    from mlxtend.frequent_patterns import fpgrowth
    from mlxtend.preprocessing import TransactionEncoder
    from pandas import DataFrame

    begun = time.process_time()
    table = pq.read_table(path, columns=["order_id", "sku"])
    baskets: dict[str, set[str]] = {}
    for order, sku in zip(table["order_id"].to_pylist(), table["sku"].to_pylist(), strict=True):
        baskets.setdefault(order, set()).add(sku)
    encoder = TransactionEncoder()
    ones = encoder.fit(list(baskets.values())).transform(list(baskets.values()), sparse=True)
    frame = DataFrame.sparse.from_spmatrix(ones, columns=encoder.columns_)
    found = fpgrowth(frame, min_support=(MIN_BOTH - 0.5) / len(baskets), max_len=2)
    pairs = found[found.itemsets.map(len) == 2]
    both = round(float((pairs.support * len(baskets)).sum()))
    return {"pairs": len(pairs), "both": both, "cpu": time.process_time() - begun}


def peak_mb() -> float:
    """Of this process alone: what `getrusage` says begins with the peak of the process that started it (Linux)."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


METHODS = {"ours": ours, "query": query, "eclat": eclat, "postgres": postgres, "mlxtend": mlxtend}


def measured(method: str, path: Path) -> dict[str, float]:
    """One method in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.evidence", "--one", method, "--file", str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"  {method:9} {answer['cpu']:7.2f} CPU-s  {answer['whole']:7.2f} with start and imports  "
        f"{answer['rss_mb']:6.0f} MB  {answer['pairs']:>9,} pairs",
        flush=True,
    )
    return answer


def ratio(over: dict[str, float], under: dict[str, float]) -> str:
    return f"{over['cpu'] / under['cpu']:.2f}, {over['whole'] / under['whole']:.2f} with start and imports"


def huge(folder: Path, pieces: int) -> None:
    """Pieces of ten million lines, nine days each, read by the product's own counting; the files stay for the next run."""
    from bench.evidence_data import DAYS, synthetic

    path = folder / f"crossmatrix-synthetic-{pieces}"
    path.mkdir(parents=True, exist_ok=True)
    each = DAYS // PIECES
    for piece in range(pieces):
        file = path / f"{piece}.parquet"
        if not file.exists():
            part, first = file.with_suffix(".part"), piece * HUGE // PIECES
            days = range(piece * each, (piece + 1) * each)
            lines = synthetic(HUGE // PIECES, part, seed=7 + piece, named_from=first, days=days)
            part.rename(file)
            print(f"  {lines:,} lines written to {file}", flush=True)
    print(f"synthetic, {pieces * HUGE // PIECES:,} orders; load {os.getloadavg()[0]:.1f}")
    found = measured("ours", path)
    print("  " + ", ".join(f"{name} {found[name]:.2f}" for name in ("read", "prepare", "count")) + " CPU-s")
    print(f"  {found['generated']:,.0f} generated pairs, {found['cpu'] / found['generated'] * 1e9:.0f} ns each")
    print(f"  peak memory: {found['rss_mb']:.0f} MB (goal at 100 M lines ≤ 2560)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="skip 10 M lines")
    parser.add_argument(
        "--huge",
        type=int,
        nargs="?",
        const=PIECES,
        metavar="N",
        help="N times 10 M lines (10) and nothing else: memory",
    )
    parser.add_argument("--without-postgres", action="store_true")
    parser.add_argument("--without-mlxtend", action="store_true")
    parser.add_argument("--one", choices=METHODS)
    parser.add_argument("--file", type=Path)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="where --huge keeps its orders"
    )
    options = parser.parse_args()
    if options.one:
        imported()
        answer = METHODS[options.one](options.file)
        if "rss_mb" not in answer:  # else another process of its own has said so
            answer |= {"whole": time.process_time() + answer.pop("server", 0), "rss_mb": peak_mb()}
        print(json.dumps(answer))
        return
    from bench.evidence_data import journey, synthetic

    if options.huge:
        huge(options.folder, options.huge)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journey.parquet"
        print(f"Complete Journey, {journey(path)[0]:,} lines, both ≥ {MIN_BOTH}")
        names = ["ours", "query", "eclat"] + ([] if options.without_postgres else ["postgres"])
        names += [] if options.without_mlxtend else ["mlxtend"]
        found = {name: measured(name, path) for name in names}
        same = len({(row["pairs"], row["both"]) for row in found.values()}) == 1
        print(f"  same pairs and counts: {same}")
        print(f"  CPU ÷ eclat: {ratio(found['ours'], found['eclat'])} (goal ≤ 2)")
        if "postgres" in found:
            print(f"  PostgreSQL ÷ CPU: {ratio(found['postgres'], found['ours'])} (goal ≥ 5)")
        if "mlxtend" in found:
            print(f"  mlxtend ÷ CPU: {ratio(found['mlxtend'], found['ours'])}")
        print(f"  CPU ÷ the query alone: {ratio(found['ours'], found['query'])} (goal ≤ 2.5)")
        sizes = [100_000] if options.small else [100_000, 1_000_000]
        grown = []
        for orders in sizes:
            path = Path(folder) / f"synthetic{orders}.parquet"
            print(f"synthetic, {synthetic(orders, path):,} lines")
            grown.append(measured("ours", path))
            alone = measured("query", path)
            print("  " + ", ".join(f"{name} {grown[-1][name]:.2f}" for name in ("read", "prepare", "count")) + " CPU-s")
            print(f"  CPU ÷ the query alone: {ratio(grown[-1], alone)}; load {os.getloadavg()[0]:.1f}")
        if len(grown) > 1:
            first, last = grown
            exponent = math.log(last["cpu"] / first["cpu"]) / math.log(last["generated"] / first["generated"])
            print(f"  growth exponent in generated pairs: {exponent:.2f} (goal ≤ 1.05)")
            print(f"  peak memory: {last['rss_mb']:.0f} MB (goal ≤ 1024)")
            print(f"  CPU per generated pair: {last['cpu'] / last['generated'] * 1e9:.0f} ns (goal ≤ 150 when quiet)")


if __name__ == "__main__":
    main()
