"""The rows of a list as markup, written in one go.

A template per cell costs more than all the reading of a list page: fifty rows of nine cells are 450 templates. Columns
of the kit write their cell from the record by one function; other columns of django-tables2 render as they always do.
"""

from collections.abc import Callable
from functools import lru_cache
from html import escape
from typing import Any

import django_tables2 as tables
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.formats import localize
from django.utils.safestring import SafeString

Write = Callable[[Any], str]  # record → its cell; text that is not safe is escaped
MARK = 9_007_199_254_740_991  # stands for the number in an address; no row has it


class WrittenColumn(tables.Column):
    """A cell that a function writes from its record: WrittenColumn(lambda pair: pair.main.name)."""

    def __init__(self, write: Write, **kwargs: Any) -> None:
        super().__init__(**{"empty_values": (), **kwargs})
        self.write = write

    def render(self, record: Any) -> str:
        return self.write(record)


def markup(pattern: str, *values: Any) -> SafeString:
    """format_html for the cells of long lists: five times faster, because it knows text and safe text only, nothing lazy."""
    return SafeString(pattern.format(*[one if isinstance(one, SafeString) else escape(str(one)) for one in values]))


def opens(page: str, pk: int) -> str:
    """Address of a page of one thing. The route is found once, not for each row of a list."""
    before, after = _around(page, get_urlconf(), get_script_prefix())
    return f"{before}{pk}{after}"


@lru_cache(maxsize=256)
def _around(page: str, _urlconf: str | None, _prefix: str) -> tuple[str, str]:
    before, _mark, after = reverse(page, args=[MARK]).partition(str(MARK))
    return before, after


def body(table: tables.Table) -> SafeString:
    """The <tr>s of the table's page."""
    columns = [(bound, _opening(bound), getattr(bound.column, "write", None)) for bound in table.columns]
    parts: list[str] = []
    for row in table.paginated_rows:
        parts.append(f"<tr {row.attrs.as_html()}>" if table.row_attrs else "<tr>")
        record = row.record
        for bound, opening, write in columns:
            cell = row.get_cell(bound.name) if write is None else write(record)
            text = cell if isinstance(cell, str) else str(localize(cell))
            parts += (opening, text if isinstance(text, SafeString) else escape(text), "</td>")
        parts.append("</tr>\n")
    return SafeString("".join(parts))


def _opening(bound: Any) -> str:
    attrs = bound.attrs["td"].as_html()
    return f"<td {attrs}>" if attrs else "<td>"
