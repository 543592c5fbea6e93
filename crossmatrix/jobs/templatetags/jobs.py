"""A work order in words; lets any page include its progress with nothing but the order."""

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.ui.text import sentence

register = template.Library()

TITLES = {
    "crossmatrix.jobs.tasks.sweep": N_("Look for lost work"),
    "crossmatrix.imports.tasks.read": N_("Read the file"),
    "crossmatrix.imports.tasks.apply": N_("Apply the import"),
    "crossmatrix.imports.tasks.undo": N_("Undo an import"),
    "crossmatrix.imports.tasks.clean_up": N_("Clear away plans of old imports"),
    "crossmatrix.matrix.tasks.recheck_ratios": N_("Check price ratios again"),
    "crossmatrix.insights.tasks.refresh_stats": N_("Count evidence"),
    "crossmatrix.insights.tasks.flag_weak_pairs": N_("Look for weak pairs"),
    "crossmatrix.insights.tasks.flag_fixed_causes": N_("Check prices, stock and windows of pairs"),
    "crossmatrix.insights.tasks.count_dashboards": N_("Count the dashboards"),
    "crossmatrix.bundles.tasks.advance_due": N_("Start and end bundles that are due"),
    "crossmatrix.publishing.tasks.take_look": N_("Work out the next release"),
    "crossmatrix.publishing.tasks.cut_release": N_("Cut a release"),
    "crossmatrix.publishing.tasks.roll_back": N_("Bring a release back"),
    "crossmatrix.publishing.tasks.deliver": N_("Deliver a release"),
}


def title(run: JobRun) -> str:
    """What the work is, in words; work nobody named here goes by the name of its task."""
    name = TITLES.get(run.task)
    return gettext(name) if name else run.task.rpartition(".")[2].replace("_", " ").capitalize()


def problem(run: JobRun) -> str:
    """Why it failed or waits for another try, for people."""
    if run.state == JobState.FAILED and run.error_code != "poison":
        return _refused(run)
    if run.state == JobState.FAILED:
        return gettext("It broke %(n)s times in a row and is not tried again. Nothing was half written.") % {
            "n": run.max_attempts
        }
    if run.state == JobState.QUEUED and run.error:
        return gettext("It broke and is tried again in a moment.")
    return ""


def _refused(run: JobRun) -> str:
    """The refusal it ended with, in the reader's language; work that kept no sentence tells the one it recorded."""
    kept = run.result.get("refusal")
    if kept:
        return sentence(Refusal(kept["sentence"], **kept["values"]))
    return gettext(run.error) if run.error else ""


def seconds(run: JobRun) -> float | None:
    """How long it worked, so far or in all."""
    if run.started_at is None:
        return None
    return ((run.finished_at or timezone.now()) - run.started_at).total_seconds()


def finished(run: JobRun) -> bool:
    return run.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@register.simple_tag
def job_details(run: JobRun) -> dict[str, Any]:
    """What the fragments about one order show."""
    share = min(1.0, run.progress / run.total) if run.total else None
    return {
        "title": title(run),
        "share": 1.0 if run.state == JobState.DONE else share,
        "finished": finished(run),
        "problem": problem(run),
        "seconds": seconds(run),
    }
