"""The list of work orders, and their names for people."""

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.lib.errors import N_
from crossmatrix.ui import numbers, status
from crossmatrix.ui.lists import NumberColumn
from crossmatrix.ui.templatetags import ui

TITLES = {
    "crossmatrix.jobs.tasks.sweep": N_("Look for lost work"),
    "crossmatrix.imports.tasks.read": N_("Read the file"),
    "crossmatrix.imports.tasks.apply": N_("Apply the import"),
    "crossmatrix.imports.tasks.undo": N_("Undo the import"),
    "crossmatrix.matrix.tasks.recheck_ratios": N_("Check price ratios again"),
    "crossmatrix.insights.tasks.refresh_stats": N_("Count evidence"),
    "crossmatrix.insights.tasks.flag_weak_pairs": N_("Look for weak pairs"),
    "crossmatrix.bundles.tasks.advance_due": N_("Start and end bundles that are due"),
    "crossmatrix.publishing.tasks.cut_release": N_("Cut a release"),
    "crossmatrix.publishing.tasks.deliver": N_("Deliver a release"),
}


def title(run: JobRun) -> str:
    """What the work is, in words; work nobody named here goes by the name of its task."""
    name = TITLES.get(run.task)
    return gettext(name) if name else run.task.rpartition(".")[2].replace("_", " ").capitalize()


def problem(run: JobRun) -> str:
    """Why it failed or waits for another try, for people."""
    if run.state == JobState.FAILED and run.error_code != "poison":
        return gettext(run.error) if run.error else ""
    if run.state == JobState.FAILED:
        return gettext("It broke %(n)s times in a row and is not tried again. Nothing was half written.") % {
            "n": run.max_attempts
        }
    if run.state == JobState.QUEUED and run.error:
        return gettext("It broke and is tried again in a moment.")
    return ""


def seconds(run: JobRun) -> float | None:
    """How long it worked, so far or in all."""
    if run.started_at is None:
        return None
    return ((run.finished_at or timezone.now()) - run.started_at).total_seconds()


def finished(run: JobRun) -> bool:
    return run.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class JobTable(tables.Table):
    task = tables.Column(verbose_name=gettext_lazy("Work"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    progress = tables.Column(verbose_name=gettext_lazy("Progress"), orderable=False)
    actor = tables.Column(verbose_name=gettext_lazy("Ordered by"), order_by="actor__name", empty_values=())
    created_at = tables.Column(verbose_name=gettext_lazy("When"))
    lasted = NumberColumn(verbose_name=gettext_lazy("Lasted"), orderable=False, empty_values=())
    cancel = tables.Column(
        verbose_name=gettext_lazy("Actions"),
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "n"}, "th": {"class": "n"}},
    )

    def render_task(self, record: JobRun) -> SafeString:
        return format_html('<span class="m">{}</span> <span class="xs t3 num">№ {}</span>', title(record), record.pk)

    def render_state(self, value: str, record: JobRun) -> SafeString:
        return ui.status(record.state)

    def render_progress(self, record: JobRun) -> str:
        return render_to_string("jobs/_meter.html", {"job": record, "details": job_page(record)})

    def render_actor(self, record: JobRun) -> SafeString:
        return format_html('<span class="row g6">{}{}</span>', ui.avatar(record.actor, "s"), ui.person(record.actor))

    def render_created_at(self, value: Any) -> SafeString | str:
        return ui.ago(value)

    def render_lasted(self, record: JobRun) -> str:
        return numbers.duration(seconds(record))

    def render_cancel(self, record: JobRun) -> str:
        return render_to_string(
            "jobs/_cancel.html", {"job": record, "finished": finished(record)}, request=self.request
        )


class JobFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=lambda: [(state.value, status.label(state.value)) for state in JobState]
    )
    mine = django_filters.BooleanFilter(label=gettext_lazy("Mine"), method="only_mine", widget=forms.CheckboxInput)

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = ()

    def only_mine(self, found: QuerySet[JobRun], name: str, value: Any) -> QuerySet[JobRun]:
        return found.filter(actor_id=self.request.user.pk) if value else found


def job_page(run: JobRun) -> dict[str, Any]:
    """What the fragments about one order show."""
    share = min(1.0, run.progress / run.total) if run.total else None
    return {
        "title": title(run),
        "share": 1.0 if run.state == JobState.DONE else share,
        "finished": finished(run),
        "problem": problem(run),
        "seconds": seconds(run),
    }
