"""`manage.py import catalog|matrix|orders|events FILE …`, `import undo BATCH`, `import report BATCH --out FILE.xlsx`."""  # noqa: N999 - the command is called import

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from crossmatrix.accounts.selectors import person
from crossmatrix.imports import selectors, services
from crossmatrix.imports.models import ImportBatch, MappingProfile
from crossmatrix.imports.services.apply import start_apply, start_undo
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.ui.cli import Options, Problems, VerbCommand, verb

PROBLEMS_SHOWN = 1000
CHUNK = 1 << 20


class FileMissing(Refusal):
    code = "file.missing"
    sentence = N_("There is no file “%(path)s”.")


class BadMapping(Refusal):
    code = "map.syntax"
    sentence = N_("A mapping is written “Header=field”, not “%(text)s”.")


class UnknownProfile(Refusal):
    code = "profile.unknown"
    sentence = N_("There is no mapping profile “%(name)s”.")


def file_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file")
    parser.add_argument("--sheet", default="", help="name of the sheet; default: the fullest visible one")
    parser.add_argument(
        "--profile", default="", help="name of a remembered mapping, or the name to remember this one by"
    )
    parser.add_argument(
        "--map", action="append", default=[], metavar="HEADER=FIELD", help="set a column by hand; repeatable"
    )
    parser.add_argument(
        "--absent", choices=["keep", "retire"], default="keep", help="what becomes of things the file does not name"
    )
    parser.add_argument("--apply", action="store_true", help="write what is planned")
    parser.add_argument("--partial", action="store_true", help="apply the good rows although others have errors")
    parser.add_argument("--actor", default="", metavar="EMAIL")


class Command(VerbCommand):
    help = "Spreadsheets in: plan, apply, undo, report."

    @verb("catalog", help="Products, prices, stock.")
    def catalog(self, options: Options) -> Any:
        return self.take("catalog", options)

    @verb("matrix", help="Links of main products and companions, long or wide.")
    def matrix(self, options: Options) -> Any:
        return self.take("matrix", options)

    @verb("orders", help="Order lines.")
    def orders(self, options: Options) -> Any:
        return self.take("orders", options)

    @verb("events", help="Shop events.")
    def events(self, options: Options) -> Any:
        return self.take("events", options)

    for kind in (catalog, matrix, orders, events):
        kind.arguments(file_arguments)

    def take(self, kind: str, options: Options) -> dict[str, Any]:
        services.ensure_available(kind)
        path = Path(options["file"])
        if not path.is_file():
            raise FileMissing(path=str(path))
        actor = person(options["actor"]) if options["actor"] else None
        mapping = self.mapping_of(kind, options)
        with path.open("rb") as handle:
            batch = services.receive_file(
                chunks=iter(lambda: handle.read(CHUNK), b""), name=path.name, kind=kind, actor=actor, at=timezone.now(),
                options={"sheet": options["sheet"], "mapping": mapping, "absent": options["absent"]},
            )  # fmt: skip
        services.read_batch(batch=batch, at=timezone.now(), progress=Bar(self), go_on="always")
        if batch.state == "columns":
            missing = batch.layout["missing"]
            titles = {spec.name: gettext(spec.title) for spec in services.unit_of_kind(kind).specs}
            raise services.bad_spreadsheet(
                "columns.missing", {"fields": ", ".join(f"“{titles.get(name, name)}”" for name in missing)}
            )
        answer = self.told(batch)
        if options["apply"]:
            if answer["error"] and not options["partial"]:
                raise Problems(answer)
            start_apply(batch=batch, actor=actor, partial=True)
            services.apply_batch(batch=batch, at=timezone.now(), progress=Bar(self))
            answer = self.told(batch)
        elif answer["error"] and not options["partial"]:
            raise Problems(answer)
        return answer

    def mapping_of(self, kind: str, options: Options) -> dict[str, str]:
        mapping: dict[str, str] = {}
        if options["profile"]:
            profile = MappingProfile.objects.filter(kind=kind, name=options["profile"]).first()
            if profile is None:
                raise UnknownProfile(name=options["profile"])
            mapping = {header: name for header, name in profile.mapping.items() if name}
        for text in options["map"]:
            header, equals, name = text.rpartition("=")
            if not equals or not header:
                raise BadMapping(text=text)
            mapping[header] = name
        return mapping

    def told(self, batch: ImportBatch) -> dict[str, Any]:
        """The JSON of CLI.md."""
        counts = batch.counts
        problems = selectors.problems_of(batch)
        return {
            "batch": batch.pk,
            "kind": batch.kind,
            "sha256": batch.sha256,
            "sheet": batch.sheet,
            "header_row": batch.header_row,
            "mapping": {c["title"]: c["field"] for c in batch.layout["columns"] if c["field"]},
            "layout": batch.layout["layout"],
            "state": batch.state,
            **{name: counts[name] for name in ("rows", "new", "changed", "same", "error", "warning", "repeated", "absent")},
            "applied": batch.state == "applied",
            "outcome": {name: value for name, value in batch.outcome.items() if name != "undo"},
            "remarks": [{**r, "message": selectors.said(r["code"], r["params"])} for r in batch.remarks],
            "problems": [
                {
                    "sheet": batch.sheet, "row": p.row, "column": p.header, "field": p.field, "value": p.value, "code": p.code,
                    "severity": p.severity, "message": selectors.in_full(p.code, p.params), **({"suggestion": p.params["suggestion"]} if "suggestion" in p.params else {}),
                }
                for p in problems[:PROBLEMS_SHOWN]
            ],
            "problems_total": problems.count(),
        }  # fmt: skip

    @verb("undo", help="Put everything back as it was before a batch.")
    def undo(self, options: Options) -> Any:
        batch = selectors.batch_numbered(options["batch"])
        start_undo(batch=batch, actor=person(options["actor"]) if options["actor"] else None)
        services.undo_batch(batch=batch, at=timezone.now())
        undone = batch.outcome["undo"]
        return {"batch": batch.pk, **{name: undone[name] for name in ("reversed", "kept", "failed", "details")}}

    @undo.arguments
    def undo_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - a declaration, not a method
        parser.add_argument("batch", type=int)
        parser.add_argument("--actor", default="", metavar="EMAIL")

    @verb("report", help="The uploaded workbook with a problem column.")
    def report(self, options: Options) -> Any:
        batch = selectors.batch_numbered(options["batch"])
        Path(options["out"]).write_bytes(services.error_workbook(batch=batch))
        return {"batch": batch.pk, "out": options["out"], "problems": selectors.problems_of(batch).count()}

    @report.arguments
    def report_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - a declaration, not a method
        parser.add_argument("batch", type=int)
        parser.add_argument("--out", required=True)


class Bar:
    """Progress on standard error when it is a terminal."""

    def __init__(self, command: Command) -> None:
        self.command, self.message = command, ""

    def checkpoint(self, *, progress: int | None = None, total: int | None = None, message: str | None = None) -> None:
        self.message = gettext(message) if message else self.message
        if progress is not None:
            self.command.progress(progress, total or 0, self.message)

    def confirm(self) -> None: ...
