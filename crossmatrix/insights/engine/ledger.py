"""What was worked out from order files and stays true until they change: the days as numbers, and a former count.

A folder of this machine, and only a saving: without it, or with a damaged one, everything is read and counted anew. The
manifest names every file in use and is replaced in one rename after the files it names are on the disk, so a kill at any
moment leaves the former manifest with its files. One writer at a time (the caller sees to it).
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from crossmatrix.insights.engine.encode import Day, Numbers
from crossmatrix.insights.engine.protocol import Part

FORM = 2  # of the files; another number makes old ones worthless
DELTA = "DELTA_BINARY_PACKED"
LINES_FORM: dict[str, Any] = {  # half the time of writing of the default, and no larger
    "compression": "snappy",
    "use_dictionary": ["size", "day"],
    "column_encoding": {"basket": DELTA, "item": DELTA, "amount": DELTA},
}
LINES_TOGETHER = 1_000_000  # of a file: bounds memory
LAST_BASKET = 2_000_000_000  # numbers of baskets are 32 bits wide

Held: TypeAlias = tuple[str, str]  # a day, and the name of the files that hold it


@dataclass(frozen=True)
class DayFile:
    """A day as numbers: `inputs` is the digest of the order files it was made from."""

    inputs: str
    name: str  # files <name>.lines.parquet and <name>.baskets.parquet, in which other days of the week may stand too
    orders: int  # wholesale ones left out
    lines: int
    wholesale_orders: int
    return_lines: int


@dataclass(frozen=True)
class Base:
    """A full count: every pair bought together in at least `kept_from` orders of these days, among `items`."""

    name: str  # files <name>.pairs.parquet and <name>.items.parquet
    min_both: int
    kept_from: int
    days: dict[str, str]  # day → name of the files that hold it
    generated: int


@dataclass
class Manifest:
    form: int = FORM
    numbers: str = ""
    next_basket: int = 0
    days: dict[str, DayFile] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)  # name → days it was written with
    base: Base | None = None


class Ledger:
    """Days and the former count in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.manifest = _read(folder / "manifest.json")
        self.numbers = Numbers()
        if self.manifest.numbers:
            try:
                self.numbers = Numbers(pq.read_table(folder / self.manifest.numbers)["sku"].combine_chunks())
            except OSError:
                self.manifest = Manifest()
        if self.manifest.next_basket > LAST_BASKET:
            self.manifest, self.numbers = Manifest(), Numbers()
        self._written: list[str] = []  # files that may not be on the disk yet

    def stale(self, inputs: Mapping[date, str]) -> set[date]:
        """Days whose orders are not what the ledger holds."""
        return {day for day, digest in inputs.items() if not self._holds(day, digest)}

    def keep(self, days: Iterable[Day], inputs: Mapping[date, str], *, wholesale_above: int) -> int:
        """Put these days into the ledger; returns how many. They count from the next `commit` on."""
        many = 0
        for week in _weeks(days):
            name = f"{week[0].day.isoformat()}-{uuid4().hex[:12]}"
            self._write(f"{name}.lines", pa.concat_tables([day.lines for day in week]), **LINES_FORM)
            self._write(f"{name}.baskets", pa.concat_tables([day.baskets for day in week]))
            self.manifest.files[name] = [day.day.isoformat() for day in week]
            for day in week:
                sizes = day.baskets["size"].to_numpy()
                small = sizes <= wholesale_above
                self.manifest.days[day.day.isoformat()] = DayFile(
                    inputs=inputs.get(day.day, ""), name=name, orders=int(small.sum()), lines=int(sizes[small].sum()),
                    wholesale_orders=int((~small).sum()), return_lines=day.return_lines,
                )  # fmt: skip
                self.manifest.next_basket += day.baskets.num_rows
            many += len(week)
        return many

    def day_files(self, days: Iterable[date]) -> list[DayFile]:
        return [self.manifest.days[day.isoformat()] for day in days]

    def held(self) -> list[Held]:
        return [(day, file.name) for day, file in self.manifest.days.items()]

    def lines_of(self, held: Iterable[Held]) -> list[Path | Part]:
        return self._files("lines", held)

    def baskets_of(self, held: Iterable[Held]) -> list[Path | Part]:
        return self._files("baskets", held)

    def _files(self, kind: str, held: Iterable[Held]) -> list[Path | Part]:
        """A file of which every day is wanted is read whole."""
        wanted: dict[str, set[str]] = {}
        for day, name in sorted(held):
            wanted.setdefault(name, set()).add(day)
        files: list[Path | Part] = []
        for name, days in wanted.items():
            path = self.folder / f"{name}.{kind}.parquet"
            rest = set(self.manifest.files[name]) - days
            files.append(Part(path, frozenset(map(date.fromisoformat, days))) if rest else path)
        return files

    def keep_base(
        self, *, pairs: pa.Table, items: pa.Table, min_both: int, kept_from: int, days: Mapping[str, str], generated: int
    ) -> None:  # fmt: skip
        """Put a full count into the ledger; it counts from the next `commit` on."""
        name = f"base-{uuid4().hex[:12]}"
        self._write(f"{name}.pairs", pairs)
        self._write(f"{name}.items", items)
        self.manifest.base = Base(
            name=name, min_both=min_both, kept_from=kept_from, days=dict(days), generated=generated
        )

    def base_tables(self) -> tuple[pa.Table, pa.Table] | None:
        """Pairs and items of the former count; None when a file is gone."""
        if self.manifest.base is None or not all(self._there(name) for name in self.manifest.base.days.values()):
            return None
        try:
            return (
                pq.read_table(self.folder / f"{self.manifest.base.name}.pairs.parquet"),
                pq.read_table(self.folder / f"{self.manifest.base.name}.items.parquet"),
            )
        except OSError:
            return None

    def commit(self) -> None:
        """Make what was kept the ledger, then remove what it no longer names."""
        numbers = f"numbers-{uuid4().hex[:12]}"
        self._write(numbers, self.numbers.table())
        self.manifest.numbers = f"{numbers}.parquet"
        used = self._used()
        self.manifest.files = {name: days for name, days in self.manifest.files.items() if name in used}
        for name in self._written:
            _to_disk(self.folder / name)
        self._written = []
        temporary = self.folder / f"manifest.tmp{os.getpid()}"
        temporary.write_text(json.dumps(asdict(self.manifest)), encoding="utf-8")
        _to_disk(temporary)
        temporary.rename(self.folder / "manifest.json")
        _to_disk(self.folder)
        named = {*self._names(), "manifest.json"}
        for file in self.folder.iterdir():
            if file.name not in named:
                file.unlink(missing_ok=True)

    def forget_days_before(self, first: date) -> None:
        """Days that neither a window from `first` on nor the former count needs."""
        needed = set(self.manifest.base.days.items()) if self.manifest.base else set()
        self.manifest.days = {
            day: file
            for day, file in self.manifest.days.items()
            if day >= first.isoformat() or (day, file.name) in needed
        }

    def _holds(self, day: date, digest: str) -> bool:
        file = self.manifest.days.get(day.isoformat())
        return file is not None and file.inputs == digest and self._there(file.name)

    def _there(self, name: str) -> bool:
        return all((self.folder / f"{name}.{kind}.parquet").exists() for kind in ("lines", "baskets"))

    def _write(self, name: str, table: pa.Table, **form: Any) -> None:
        pq.write_table(table, self.folder / f"{name}.parquet", **form or {"compression": "zstd"})
        self._written.append(f"{name}.parquet")

    def _used(self) -> set[str]:
        """Names of the files that hold a day somebody needs."""
        days = {file.name for file in self.manifest.days.values()}
        return days | set(self.manifest.base.days.values()) if self.manifest.base else days

    def _names(self) -> set[str]:
        names = {f"{name}.{kind}.parquet" for name in self._used() for kind in ("lines", "baskets")}
        if self.manifest.base:
            names |= {f"{self.manifest.base.name}.{kind}.parquet" for kind in ("pairs", "items")}
        return names | {self.manifest.numbers}


def _weeks(days: Iterable[Day]) -> Iterator[list[Day]]:
    """Days of one week that follow each other, as many as may be written together."""
    together: list[Day] = []
    for day in days:
        full = sum(one.lines.num_rows for one in together) >= LINES_TOGETHER
        if together and (full or day.day.isocalendar()[:2] != together[0].day.isocalendar()[:2]):
            yield together
            together = []
        together.append(day)
    if together:
        yield together


def _read(path: Path) -> Manifest:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["form"] != FORM:
            return Manifest()
        return Manifest(
            form=FORM, numbers=raw["numbers"], next_basket=raw["next_basket"],
            days={day: DayFile(**file) for day, file in raw["days"].items()}, files=raw["files"],
            base=Base(**raw["base"]) if raw["base"] else None,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
