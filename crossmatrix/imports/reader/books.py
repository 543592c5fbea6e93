"""One face for every kind of file: sheets, merged ranges, rows with the row numbers the person sees in Excel."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossmatrix.imports.reader import markup, preflight, text
from crossmatrix.imports.rules.problems import BadFile

NumberedRows = Iterator[tuple[int, Sequence[Any]]]


@dataclass
class Sheet:
    name: str
    visible: bool
    rows: int
    columns: int


@dataclass
class Book:
    """An opened file with one sheet chosen. `merged` counts from 0 inside `read()`; `left` columns are empty before it."""

    kind: str
    sheet: str
    sheets: list[Sheet]
    read: Callable[[], NumberedRows]
    rows: int
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    left: int = 0
    dialect: dict[str, Any] = field(default_factory=dict)
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error_cells: set[tuple[int, int]] = field(default_factory=set)  # (row number, column from 0) of formula errors


def open_book(path: Path, sheet: str = "") -> Book:
    """Open the named or else the fullest visible sheet. Raises BadFile."""
    facts = preflight.check(path)
    if facts.kind in ("xlsx", "xlsb", "ods", "ole", "biff"):
        return open_workbook(path, sheet, facts)
    if facts.kind == "xml2003":
        return loose("xml2003", markup.xml_rows(path.read_bytes()))
    if facts.kind == "html":
        return loose("html", markup.html_rows(text.decode(path.read_bytes())[0]))
    return open_text(path)


def open_workbook(path: Path, wanted: str, facts: preflight.Facts) -> Book:
    import python_calamine as calamine  # noqa: PLC0415 - native code: loaded only where it may abort

    try:
        book = calamine.CalamineWorkbook.from_filelike(path.open("rb"))  # from_path would trust the extension
        found = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
        loaded = {meta.name: book.get_sheet_by_name(meta.name) for meta in found if wanted in ("", meta.name)}
    except calamine.PasswordError:
        raise BadFile("file.encrypted") from None
    except Exception as broken:
        if "password" in str(broken).lower():
            raise BadFile("file.encrypted") from None
        raise BadFile("file.damaged", detail=str(broken)[:200]) from None
    names = [meta.name for meta in found]
    shown = {meta.name for meta in found if meta.visible == calamine.SheetVisibleEnum.Visible}
    if wanted and wanted not in loaded:
        raise BadFile("sheet.unknown", sheet=wanted, sheets=", ".join(names))
    full = [name for name in names if name in loaded and loaded[name].height and (name in shown or name == wanted)]
    if not full:
        raise BadFile("file.empty")
    chosen = max(full, key=lambda name: loaded[name].height * loaded[name].width)
    sheet = loaded[chosen]
    top, left = sheet.start or (0, 0)
    opened = Book(
        kind=facts.kind,
        sheet=chosen,
        sheets=[
            Sheet(
                name,
                name in shown,
                loaded[name].height if name in loaded else 0,
                loaded[name].width if name in loaded else 0,
            )
            for name in names
        ],
        read=lambda: enumerate(sheet.iter_rows(), start=top + 1),
        rows=sheet.height,
        merged=[((a - top, b - left), (c - top, d - left)) for (a, b), (c, d) in sheet.merged_cell_ranges or []],
        left=left,
        warnings=list(facts.warnings),
        error_cells=error_positions(facts.errors.get(facts.parts.get(chosen, ""), []), left),
    )
    hidden = [name for name in names if name not in shown]
    if hidden:
        opened.warnings.append(("guard.hidden_sheets", {"sheets": ", ".join(hidden)}))
    others = [name for name in full if name != chosen]
    if others and not wanted:
        opened.warnings.append(("guard.other_sheets", {"sheets": ", ".join(others)}))
    return opened


def error_positions(references: list[str], left: int) -> set[tuple[int, int]]:
    found = set()
    for reference in references:
        letters = reference.rstrip("0123456789")
        found.add((int(reference[len(letters) :]), preflight.column_number(letters.encode()) - 1 - left))
    return found


def loose(kind: str, rows: list[list[Any]]) -> Book:
    filled = [row for row in rows if any(row)]
    if not filled:
        raise BadFile("file.empty")
    widest = max(map(len, rows))
    return Book(
        kind, "", [Sheet("", visible=True, rows=len(rows), columns=widest)], lambda: markup.numbered(rows), len(rows)
    )


def open_text(path: Path) -> Book:
    content, dialect, warnings = text.open_text(path.read_bytes())
    if not content.strip():
        raise BadFile("file.empty")
    lines = content.count("\n") + 1
    return Book(
        "csv",
        "",
        [Sheet("", visible=True, rows=lines, columns=0)],
        lambda: text.rows_of(content, dialect),
        lines,
        dialect=dialect,
        warnings=warnings,
    )
