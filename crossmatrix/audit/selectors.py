"""Reading history."""

from django.db import models
from django.db.models import QuerySet

from crossmatrix.audit.models import AuditEvent


def history_of(subject: models.Model) -> QuerySet[AuditEvent]:
    """Events of one thing, newest first."""
    return (
        AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
        .select_related("actor")
        .order_by("-at", "-pk")
    )


def events_of_batch(batch: str) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(batch=batch).select_related("actor").order_by("-pk")


def newest_event() -> int:
    """Number of the newest event; 0 before the first. A later one tells that something was written since."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
