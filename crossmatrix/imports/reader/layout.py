"""Understands a sheet from its first rows: kind, header, layout, columns, number and date spelling."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossmatrix.imports.reader.books import Book
from crossmatrix.imports.rules import columns as match
from crossmatrix.imports.rules import table, wide
from crossmatrix.imports.rules.problems import BadFile
from crossmatrix.imports.rules.specs import ColumnSpec
from crossmatrix.imports.rules.values import text_of

HEAD = 400  # rows read to understand the sheet
SAMPLES = 30
Known = Callable[[Sequence[str]], set[str]]  # which of these texts are SKUs or category names, in lower case


@dataclass(frozen=True)
class Wishes:
    """What a person or an earlier import has already decided."""

    kind: str = ""
    header_row: int | None = None  # as Excel counts
    mapping: Mapping[str, str] = field(default_factory=dict)  # header → field ("" leaves the column out)
    by_index: Mapping[int, str] = field(default_factory=dict)
    memories: Mapping[str, Mapping[str, Mapping[str, str]]] = field(
        default_factory=dict
    )  # kind → fingerprint → header → field
    layout: str = ""
    dialect: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Layout:
    kind: str
    layout: str  # long, wide, lists
    first: int  # header rows, as Excel counts
    last: int
    titles: list[str]
    samples: list[list[str]]
    matches: dict[int, match.Match]
    attributes: dict[int, str]
    remembered: bool
    grouped: bool  # group rows stand in for a category column
    dialect: dict[str, str]
    head: list[tuple[int, list[str]]]  # first rows as shown on the columns page

    def missing(self, specs: Sequence[ColumnSpec]) -> list[str]:
        mapped = {found.field for found in self.matches.values()}
        if self.layout != "long":
            return [] if "main" in mapped or self.layout == "wide" else ["main"]
        return [spec.name for spec in specs if spec.required and spec.name not in mapped]


def understand(book: Book, units: Sequence[match.Unit], wishes: Wishes, known: Known) -> Layout:
    """The layout of the book's sheet. Raises BadFile when there is no table."""
    numbered = list(itertools.islice(book.read(), HEAD))
    rows = [row for _number, row in numbered]
    words = {match.normalise_header(alias) for unit in units for spec in unit.specs for alias in spec.aliases}
    header = choose_header(numbered, rows, book, wishes, words, known)
    last_row = numbered[header.last][0]
    body = numbered[header.last + 1 :]
    titles = list(header.titles)
    samples = samples_of(body, len(titles))
    columns = list(zip(titles, samples, strict=True))
    kind = wishes.kind or match.guess_kind(columns, units)
    shape = wishes.layout
    if not shape and kind in ("", "matrix"):
        shape = matrix_shape(columns, body, units, known)
        kind = kind or ("matrix" if shape in ("wide", "lists") else "")
    specs = next((unit.specs for unit in units if unit.kind == kind), ())
    memory = wishes.memories.get(kind, {}).get(match.fingerprint(titles), {})
    matches: dict[int, match.Match] = {}
    if shape == "wide":
        matches = {0: match.Match("main", 100, "auto")}
    elif kind:
        matches = match.map_columns(columns, specs, memory=memory, hits=key_hits(columns, kind, known), key="sku")
        if shape == "lists":
            matches = {0: match.Match("main", 100, "auto")}
    apply_wishes(matches, titles, specs, wishes)
    attributes = {
        i: match.attribute_of(title) for i, title in enumerate(titles) if i not in matches and match.attribute_of(title)
    }
    for index, chosen in list(matches.items()):
        if chosen.field.startswith("attr:"):
            attributes[index] = chosen.field[5:] or titles[index]
            del matches[index]
    fields = {found.field for found in matches.values()}
    return Layout(
        kind=kind,
        layout=shape or "long",
        first=numbered[header.first][0],
        last=last_row,
        titles=titles,
        samples=[column[:5] for column in samples],
        matches=matches,
        attributes=attributes if kind == "catalog" else {},
        remembered=bool(memory) or bool(wishes.mapping) or bool(wishes.by_index),
        grouped=kind == "catalog" and "category" not in fields and len(fields) > 2 and has_groups(body),
        dialect={**dialect_of(columns, matches, specs), **wishes.dialect},
        head=[(number, [text_of(value)[:80] for value in row[:40]]) for number, row in numbered[: header.last + 12]],
    )


def choose_header(
    numbered: Sequence[tuple[int, Sequence[Any]]],
    rows: Sequence[Sequence[Any]],
    book: Book,
    wishes: Wishes,
    words: set[str],
    known: Known,
) -> table.Header:
    if not any(table.shown(value) for row in rows for value in row):
        raise BadFile("file.empty")
    if wishes.header_row is not None:
        at = next((i for i, (number, _row) in enumerate(numbered) if number == wishes.header_row), None)
        if at is None or not any(table.shown(value) for value in rows[at]):
            raise BadFile("file.no_table")
        return table.header_at(rows, book.merged, at)

    def knows(title: str) -> bool:
        said = match.normalise_header(title)
        return (
            said in words
            or any(match.likeness(said, word) >= match.AUTO for word in words if word[:1] == said[:1])
            or (bool(match.attribute_of(title)))
        )

    header = table.find_header(rows, book.merged, knows)
    if header and any(knows(title) for title in header.titles if title):
        return header
    across = first_row_of_keys(rows, known)
    if across is not None:
        return table.header_at(rows, [], across)
    if header is None:
        raise BadFile("file.no_table")
    return header


def first_row_of_keys(rows: Sequence[Sequence[Any]], known: Known) -> int | None:
    """The first row most of whose cells are SKUs or categories: the companions of a wide matrix."""
    for index, row in enumerate(rows[: table.LOOK]):
        cells = [text_of(value) for value in row[1:] if table.shown(value)]
        if len(cells) >= 1 and len(known(cells)) * 2 >= len(set(cells)):
            return index
    return None


def samples_of(body: Sequence[tuple[int, Sequence[Any]]], width: int) -> list[list[str]]:
    """Up to SAMPLES shown values per column, from rows that are more than a group title."""
    samples: list[list[str]] = [[] for _ in range(width)]
    for _number, row in body:
        if sum(1 for value in row if table.shown(value)) < min(2, width):
            continue
        for index, value in enumerate(row[:width]):
            if len(samples[index]) < SAMPLES and table.shown(value):
                samples[index].append(text_of(value)[:200])
    return samples


def key_hits(columns: Sequence[tuple[str, Sequence[str]]], kind: str, known: Known) -> dict[int, float]:
    """Share of each code-like column's values that are known SKUs."""
    if kind == "matrix":
        return {}
    hits = {}
    for index, (_title, values) in enumerate(columns):
        looks = match.looks_of(values)
        if looks.count >= 3 and looks.words <= 2 and looks.unique > 0.5:
            hits[index] = len(known(values)) / len(set(values))
    return hits


def matrix_shape(
    columns: Sequence[tuple[str, Sequence[str]]],
    body: Sequence[tuple[int, Sequence[Any]]],
    units: Sequence[match.Unit],
    known: Known,
) -> str:
    """long when the headers name both sides; wide when headers and first column are known; lists when cells are."""
    unit = next((unit for unit in units if unit.kind == "matrix"), None)
    if unit is None or len(columns) < 2:
        return ""
    named = {found.field for found in match.map_columns(columns, unit.specs).values() if found.score >= match.AUTO}
    if {"main", "companion"} <= named:
        return "long"
    titles = [title for title, _samples in columns]
    first = [row[0] for _number, row in body[:100] if row]
    if wide.looks_wide(titles, first, known([text_of(t) for t in titles] + [text_of(v) for v in first])):
        return "wide"
    cells = [part for _number, row in body[:50] for value in row[1:] for part in wide.parts_of(value)]
    numbered_titles = all(re.fullmatch(r"\d{1,3}|.*\d{1,2}", title) for title in titles[1:] if title)
    if cells and numbered_titles and len(known(cells)) * 2 >= len(set(cells)):
        return "lists"
    return ""


def apply_wishes(
    matches: dict[int, match.Match], titles: Sequence[str], specs: Sequence[ColumnSpec], wishes: Wishes
) -> None:
    """Decisions of the person go over what was found. Raises BadFile for a header or field that is not there."""
    chosen = dict(wishes.by_index)
    by_title = {match.normalise_header(title): index for index, title in reversed(list(enumerate(titles)))}
    exact = {title: index for index, title in reversed(list(enumerate(titles)))}
    for header, name in wishes.mapping.items():
        index = exact.get(header, by_title.get(match.normalise_header(header)))
        if index is None:
            raise BadFile("header.unknown", header=header)
        chosen[index] = name
    fields = {spec.name for spec in specs}
    for index, name in chosen.items():
        if name and name not in fields and not name.startswith("attr:"):
            raise BadFile("columns.unknown", field=name)
        matches.pop(index, None)
        if not name or index >= len(titles):
            continue
        for other in [i for i, found in matches.items() if found.field == name]:
            del matches[other]
        matches[index] = match.Match(name, 100.0, "hand")


def has_groups(body: Sequence[tuple[int, Sequence[Any]]]) -> bool:
    """Whether lone titles stand between the rows, followed by rows."""
    widths = [sum(1 for value in row if table.shown(value)) for _number, row in body[:100]]
    return any(width == 1 and following > 2 for width, following in itertools.pairwise(widths))


COMMA_TAIL, POINT_TAIL = re.compile(r"\d,\d{1,2}(?!\d)"), re.compile(r"\d\.\d{1,2}(?!\d)")
DAY_FIRST, MONTH_FIRST = (
    re.compile(r"^(1[3-9]|2\d|3[01])[./-]\d{1,2}[./-]"),
    re.compile(r"^\d{1,2}[./-](1[3-9]|2\d|3[01])[./-]"),
)


def dialect_of(
    columns: Sequence[tuple[str, Sequence[str]]], matches: Mapping[int, match.Match], specs: Sequence[ColumnSpec]
) -> dict[str, str]:
    """The decimal mark and the order of day and month this file uses."""
    kinds = {spec.name: spec.parser for spec in specs}
    numbers = [v for i, m in matches.items() if kinds.get(m.field) in ("money", "quantity") for v in columns[i][1]]
    dates = [v for i, m in matches.items() if kinds.get(m.field) in ("date", "moment") for v in columns[i][1]]
    commas = sum(1 for value in numbers if COMMA_TAIL.search(value))
    points = sum(1 for value in numbers if POINT_TAIL.search(value))
    american = sum(1 for value in dates if MONTH_FIRST.match(value)) > sum(
        1 for value in dates if DAY_FIRST.match(value)
    )
    found = {"order": "mdy" if american else "dmy"}
    if commas != points:
        found["decimal"] = "," if commas > points else "."
    return found
