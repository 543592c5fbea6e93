"""The person's own workbook, handed back with a column of problems."""

import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.reader.guard import ChildLimits, run_child
from crossmatrix.imports.rules.problems import BadFile
from crossmatrix.imports.rules.states import Severity
from crossmatrix.imports.selectors import in_full
from crossmatrix.imports.services.batches import bad_spreadsheet, stored_file

PROBLEMS_WRITTEN = 100_000


def error_workbook(*, batch: ImportBatch) -> bytes:
    """The file as it was uploaded, with a column that names each row's problems. Made by a child process."""
    rows: dict[int, dict[str, object]] = {}
    titles = {column["field"]: column["index"] for column in batch.layout.get("columns", []) if column["field"]}
    for problem in batch.problems.order_by("row", "severity", "pk")[:PROBLEMS_WRITTEN].iterator():
        text = in_full(problem.code, problem.params)
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
