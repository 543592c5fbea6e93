from argparse import ArgumentParser
from typing import Any

from crossmatrix.jobs import selectors, services
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.ui.cli import Options, Problems, VerbCommand, verb


class UnknownJob(Refusal):
    code = "job.unknown"
    sentence = N_("There is no job number %(number)s.")


def as_json(run: JobRun) -> dict[str, Any]:
    return {
        "id": run.pk, "task": run.task, "arguments": run.arguments, "state": run.state, "progress": run.progress,
        "total": run.total, "message": run.message, "attempts": run.attempts, "error_code": run.error_code,
        "error": run.error, "created_at": run.created_at, "finished_at": run.finished_at,
    }  # fmt: skip


class Command(VerbCommand):
    help = "Work orders: what is owed, running, done."

    @verb("list", help="The newest orders.")
    def list_runs(self, options: Options) -> list[dict[str, Any]]:
        return [as_json(run) for run in selectors.runs()[: options["limit"]]]

    @list_runs.arguments
    def list_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declares arguments, is no method
        parser.add_argument("--limit", type=int, default=50)

    @verb("sweep", help="Ring again for lost bells and dead workers.")
    def sweep(self, options: Options) -> dict[str, int]:
        return {"rung": services.sweep()}

    @verb("health", help="Whether due work gets done; exit code 3 if not.")
    def health(self, options: Options) -> dict[str, Any]:
        report = selectors.health()
        if not report["ok"]:
            raise Problems(report)
        return report

    @verb("cancel", help="Stop an order at its next checkpoint.")
    def cancel(self, options: Options) -> dict[str, Any]:
        run = JobRun.objects.filter(pk=options["id"]).first()
        if run is None:
            raise UnknownJob(number=options["id"])
        services.cancel(run=run)
        run.refresh_from_db()
        return as_json(run)

    @cancel.arguments
    def cancel_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declares arguments, is no method
        parser.add_argument("id", type=int)
