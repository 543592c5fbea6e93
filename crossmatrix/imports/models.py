from django.conf import settings
from django.db import models
from django.db.models import Q

from crossmatrix.imports.rules.problems import PROBLEMS
from crossmatrix.imports.rules.states import BatchState, Kind, Severity


class ImportBatch(models.Model):
    """One upload and everything decided about it. Its rows live in the tables `stage_table` and `plan_table`."""

    kind = models.CharField(
        max_length=12, blank=True, choices=[(k.value, k.value) for k in Kind]
    )  # empty: not known yet
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in BatchState], default=BatchState.RECEIVED.value
    )
    name = models.CharField(max_length=255)  # of the file, as the person knows it
    path = models.CharField(
        max_length=100
    )  # below MEDIA_ROOT; random, so that nothing of the upload names a file of ours
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    sheet = models.CharField(max_length=200, blank=True)
    header_row = models.IntegerField(null=True)  # as Excel counts; of the last header line
    layout = models.JSONField(default=dict)  # what the reader understood: sheets, columns with samples, shape, warnings
    options = models.JSONField(default=dict)  # what people decided: sheet, header, mapping, policies, fixes, partial
    counts = models.JSONField(default=dict)
    remarks = models.JSONField(default=list)  # guard rails: code, severity, params
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)  # of the apply or the undo
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="imports_latest"),
            models.Index(fields=["sha256"], name="imports_same_file"),
        ]

    def __str__(self) -> str:
        return f"№{self.pk} {self.name}"

    @property
    def tag(self) -> str:
        """How audit events and other areas name this batch."""
        return f"import:{self.pk}"

    @property
    def stage_table(self) -> str:
        return f"imports_stage_{self.pk}"

    @property
    def plan_table(self) -> str:
        return f"imports_plan_{self.pk}"


class ImportProblem(models.Model):
    """A cell or row of the file that cannot be taken, or is taken with a warning."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="problems")
    row = models.IntegerField(null=True)  # as Excel counts; null: the whole file
    header = models.CharField(max_length=200, blank=True, db_default="")
    field = models.CharField(max_length=40, blank=True, db_default="")
    value = models.CharField(max_length=300, blank=True, db_default="")
    code = models.CharField(max_length=40, choices=[(code, code) for code in PROBLEMS])
    severity = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Severity])
    params = models.JSONField(default=dict)
    planned = models.BooleanField(default=False, db_default=False)  # found by the plan, so found anew by the next plan

    class Meta:
        indexes = [models.Index(fields=["batch", "row", "id"], name="imports_problems_of_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.row} {self.code}"


class ImportJournal(models.Model):
    """What stood in a row before the batch wrote it; undo puts it back while `version` is still what the batch left."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="journal")
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    action = models.CharField(max_length=1, choices=[("i", "inserted"), ("u", "updated")])
    version = models.IntegerField(null=True)  # left by the batch
    before = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "table", "row_id"], name="imports_journal_once_per_row")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.table}:{self.row_id} {self.action}"


class MappingProfile(models.Model):
    """The mapping a person confirmed for a set of headers; the next file with the same headers skips the question."""

    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in Kind])
    fingerprint = models.TextField()  # normalised header set
    digest = models.CharField(max_length=64)  # of kind and fingerprint
    name = models.CharField(max_length=120, blank=True)
    mapping = models.JSONField()  # normalised header → field, "" leaves the column out
    options = models.JSONField(default=dict)  # policies that went with it
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="imports_one_profile_per_headers"),
            models.UniqueConstraint(fields=["name"], condition=~Q(name=""), name="imports_profile_names_differ"),
        ]

    def __str__(self) -> str:
        return self.name or self.digest[:8]
