"""The list of work orders, and their names for people."""

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from crossmatrix.jobs.models import JobRun, JobState
from crossmatrix.jobs.templatetags.jobs import finished, job_details, seconds, title
from crossmatrix.ui import numbers, status
from crossmatrix.ui.lists import NumberColumn
from crossmatrix.ui.templatetags import ui


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
        number = gettext("No. %(n)s") % {"n": record.pk}
        return format_html('<span class="m">{}</span> <span class="xs t3 num">{}</span>', title(record), number)

    def render_state(self, value: str, record: JobRun) -> SafeString:
        return ui.status(record.state)

    def render_progress(self, record: JobRun) -> str:
        return render_to_string("jobs/_meter.html", {"job": record, "details": job_details(record)})

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
