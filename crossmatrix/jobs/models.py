from django.conf import settings
from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRun(models.Model):
    """One order of work. A worker owns it while its token matches and its lease has not lapsed."""

    task = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)  # of task and arguments: the same work is not owed twice at a time
    queue = models.CharField(max_length=20, default="default")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED.value)
    progress = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)  # 0: not known yet
    message = models.CharField(max_length=200, blank=True)  # what is being done, for the person who waits
    checkpoint = models.JSONField(default=dict)  # where a successor goes on
    result = models.JSONField(default=dict)
    token = models.UUIDField(null=True)  # fencing token of the present owner
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)  # claims since the last checkpoint
    max_attempts = models.IntegerField(default=5)
    next_at = models.DateTimeField()  # not before
    rung_at = models.DateTimeField(null=True)  # when the doorbell was last rung
    error_code = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest"], condition=Q(state__in=["queued", "running"]), name="jobs_same_work_owed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_at"], name="jobs_due", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["-created_at", "-id"], name="jobs_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"


class Tick(models.Model):
    """A due time of a schedule that was served: two beats order the work once."""

    name = models.CharField(max_length=120)
    slot = models.DateTimeField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="jobs_one_tick_per_slot")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot:%Y-%m-%d %H:%M}"
