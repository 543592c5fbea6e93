"""Tables that only pretend to be Excel: HTML and Excel-2003 XML saved under .xls by web shops and 1C."""

import html.parser
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from crossmatrix.imports.rules.problems import BadFile

WIDEST = 1000


class TableText(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.text = []
            span = dict(attrs).get("colspan") or "1"
            self.span = min(int(span), 100) if span.isdigit() else 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.text is not None and self.rows:
            self.rows[-1] += ["".join(self.text).strip(), *[""] * (self.span - 1)]
            self.text = None

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)


def html_rows(text: str) -> list[list[str]]:
    table = TableText()
    table.feed(text)
    return table.rows


def xml_rows(data: bytes) -> list[list[Any]]:
    """Rows of SpreadsheetML 2003."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise BadFile("file.dtd")
    builder = XmlTable()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes no keywords
    except expat.ExpatError as broken:
        raise BadFile("file.damaged", detail=str(broken)) from None
    return builder.rows


class XmlTable:
    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.row: list[Any] = []
        self.text: list[str] | None = None
        self.type = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag, found = local(name), {local(key): value for key, value in attributes.items()}
        if tag == "Row":
            self.row = []
        elif tag == "Cell":
            index = int(found["Index"]) - 1 if found.get("Index", "").isdigit() else len(self.row)
            if index > WIDEST:
                raise BadFile("file.too_wide", column=str(index + 1), limit=WIDEST)
            self.row += [""] * (index - len(self.row))
        elif tag == "Data":
            self.text, self.type = [], found.get("Type", "")

    def end(self, name: str) -> None:
        tag = local(name)
        if tag == "Data" and self.text is not None:
            text = "".join(self.text)
            self.row.append(number_of(text) if self.type == "Number" else text)
            self.text = None
        elif tag == "Row":
            self.rows.append(self.row)

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)


def number_of(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def local(name: str) -> str:
    return name.rpartition(":")[2]


def numbered(rows: list[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    return enumerate(rows, start=1)
