from django.conf import settings
from django.db import models


class Source(models.TextChoices):
    HAND = "hand"
    IMPORT = "import"
    SUGGESTION = "suggestion"
    BUNDLE = "bundle"
    API = "api"
    SYSTEM = "system"


class AuditEvent(models.Model):
    """Who changed what, when, from what to what and why. Append-only (trigger in migration 0002)."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=64)  # "pair.approved"
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)  # null: the system itself
    source = models.CharField(max_length=12, choices=Source, default=Source.HAND.value)
    subject_type = models.CharField(max_length=64)  # "matrix.pair"
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=300, blank=True)
    batch = models.CharField(max_length=64, blank=True)  # groups the events of one import, paste or bulk action
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_of_subject"),
            models.Index(fields=["batch"], name="audit_of_batch", condition=~models.Q(batch="")),
            models.Index(fields=["-at", "-id"], name="audit_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"
