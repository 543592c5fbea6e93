"""Workbooks handed out: the user's own file with a problem column, and an empty template of each kind."""

import io
import tempfile
from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext as _

from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.reader.guard import ChildLimits, run_child
from crossmatrix.imports.resources import unit_of
from crossmatrix.imports.rules.problems import BadFile
from crossmatrix.imports.rules.states import Kind, Severity
from crossmatrix.imports.services.batches import bad_spreadsheet, sentence_of, stored_file

PROBLEMS_WRITTEN = 100_000


def error_workbook(*, batch: ImportBatch) -> bytes:
    """The file as it was uploaded, with a column that names each row's problems. Made by a child process."""
    rows: dict[int, dict[str, object]] = {}
    titles = {column["field"]: column["index"] for column in batch.layout.get("columns", []) if column["field"]}
    for problem in batch.problems.order_by("row", "severity", "pk")[:PROBLEMS_WRITTEN].iterator():
        text = _(sentence_of(problem.code))
        text = text % problem.params if problem.params and "%(" in text else text
        if problem.params.get("suggestion"):
            text += " " + _("Did you mean “%(suggestion)s”?") % problem.params
        said = rows.setdefault(problem.row or 0, {"texts": [], "cells": [], "error": False})
        said["texts"].append(f"{problem.header}: {text}" if problem.header else text)  # type: ignore[attr-defined]
        said["error"] = said["error"] or problem.severity == Severity.ERROR
        if problem.field in titles:
            said["cells"].append(titles[problem.field])  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory(prefix="crossmatrix-") as folder:
        target = Path(folder) / "report.xlsx"
        try:
            run_child(
                {
                    "command": "annotate", "path": str(stored_file(batch)), "sheet": batch.sheet, "target": str(target),
                    "header_row": batch.header_row or 1, "left": batch.layout.get("left", 0), "kind": batch.layout.get("file_kind", ""),
                    "rows": {str(row): said for row, said in rows.items() if row}, "title": _("Problems"), "sheet_name": _("To correct"),
                },
                limits=ChildLimits(file_mb=500),
            )  # fmt: skip
        except BadFile as bad:
            raise bad_spreadsheet(bad.code, bad.params) from bad
        return target.read_bytes()


def template_workbook(*, kind: Kind) -> bytes:
    """An empty workbook of the kind: headers we recognise, an example row, notes on what is required and what words mean."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#ECEEF6", "bottom": 1})
        text = book.add_format({"num_format": "@"})
        sheet, notes = book.add_worksheet(_("Data")), book.add_worksheet(_("How to fill in"))
        sheet.freeze_panes(1, 1)
        notes.set_column(0, 0, 28)
        notes.set_column(1, 1, 90)
        specs = unit_of(kind).specs
        for column, spec in enumerate(specs):
            title = _(spec.title) + (" *" if spec.required else "")
            sheet.set_column(column, column, spec.width, text if spec.parser in ("code", "barcode") else None)
            sheet.write_string(0, column, title, head)
            sheet.write_string(1, column, spec.example)
            words = spec.params.get("words")
            if words:
                sheet.data_validation(
                    1,
                    column,
                    1_048_575,
                    column,
                    {"validate": "list", "source": shown_words(words), "error_type": "warning"},
                )
            notes.write_string(column + 4, 0, title)
            notes.write_string(column + 4, 1, " · ".join(spec.aliases[:8]))
        for line, note in enumerate(
            (
                _("Columns with * are required. Others may be left out: a column that is absent changes nothing."),
                _("An empty cell changes nothing. Write “clear” into a cell to empty a value."),
                _("Rows that are absent change nothing unless you choose otherwise before applying."),
            )
        ):
            notes.write_string(line, 0, note)
        sheet.autofilter(0, 0, 0, len(specs) - 1)
    return out.getvalue()


def shown_words(words: dict[str, str]) -> list[str]:
    """One Russian or English word per meaning, for the drop-down (255 characters at most)."""
    first: dict[str, str] = {}
    for word, meaning in words.items():
        if word != meaning and meaning not in first and len(word) > 1:
            first[meaning] = word
    return list(first.values())
