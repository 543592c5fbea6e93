import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crossmatrix.bundles.rules import (
    IN_HANDS,
    OPEN,
    RUNNING,
    BundleState,
    Decision,
    DeclineReason,
    ItemRole,
    Stage,
)
from crossmatrix.catalog.models import Product, Supplier


def choices(enum: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]  # every StrEnum iterates


def states(members: frozenset[BundleState]) -> list[str]:
    return sorted(member.value for member in members)


class Bundle(models.Model):
    """A supplier's proposal through all its revisions. `public_id` is what addresses show; `current` the newest revision."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="bundles")
    name = models.CharField(max_length=200, blank=True)  # of the current revision
    current = models.ForeignKey("BundleRevision", models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # what the composite foreign keys of migration 0002 point at
            models.UniqueConstraint(fields=["id", "supplier"], name="bundles_bundle_of_supplier"),
        ]
        indexes = [models.Index(fields=["supplier", "-created_at", "-id"], name="bundles_latest_of_supplier")]

    def __str__(self) -> str:
        return self.name or str(self.public_id)


class BundleRevision(models.Model):
    """The content of a bundle at one moment. From `submitted_at` on the database refuses any change of the content."""

    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="revisions")
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="+")
    number = models.IntegerField()
    state = models.CharField(max_length=14, choices=choices(BundleState), default=BundleState.DRAFT.value)
    version = models.IntegerField(default=1)  # grows with every edit; an edit names the version it saw
    # content
    name = models.CharField(max_length=200, blank=True)
    bundle_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="RUB")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    funding_share = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)  # supplier's, 0..1
    stock = models.IntegerField(null=True, blank=True)  # sets available
    exclusive = models.BooleanField(default=False)
    placements = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # empty: every placement
    message = models.TextField(blank=True)  # the supplier's words to the shop
    digest = models.CharField(max_length=64, blank=True)  # of the content and the items, frozen at submit
    # what the checks said when it was submitted
    findings = models.JSONField(default=list)
    regular_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    finance_reasons = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    # where it stands
    due_at = models.DateTimeField(null=True)  # of the present step
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    moved_at = models.DateTimeField()  # when the present state began

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "number"], name="bundles_revision_number_once"),
            models.UniqueConstraint(fields=["id", "supplier"], name="bundles_revision_of_supplier"),
            models.UniqueConstraint(
                fields=["bundle"], condition=Q(state__in=states(IN_HANDS)), name="bundles_one_active_review"
            ),
            models.UniqueConstraint(
                fields=["bundle"], condition=Q(state__in=states(OPEN)), name="bundles_one_open_draft"
            ),
            models.UniqueConstraint(
                fields=["bundle"], condition=Q(state__in=states(RUNNING)), name="bundles_one_running"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "needs_changes", "withdrawn", "expired"])
                | (Q(submitted_at__isnull=False) & Q(submitted_by__isnull=False) & ~Q(digest="")),
                name="bundles_past_submit_is_frozen",
            ),
            models.CheckConstraint(
                condition=Q(funding_share__isnull=True) | Q(funding_share__gte=0, funding_share__lte=1),
                name="bundles_funding_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(valid_from__lte=F("valid_to")),
                name="bundles_window_not_reversed",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at", "id"], name="bundles_due"),
            models.Index(fields=["supplier", "state"], name="bundles_states_of_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.bundle_id} r{self.number} {self.state}"


class BundleItem(models.Model):
    """One product of a revision. `unit_price` is the shop's price at submission."""

    revision = models.ForeignKey(BundleRevision, models.CASCADE, related_name="items")
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="bundle_items")
    quantity = models.IntegerField(default=1)
    role = models.CharField(max_length=10, choices=choices(ItemRole), default=ItemRole.COMPANION.value)
    position = models.IntegerField(default=0)
    unit_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "product"], name="bundles_product_once"),
            models.UniqueConstraint(fields=["revision"], condition=Q(role="main"), name="bundles_one_main"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="bundles_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} × {self.quantity}"


class Review(models.Model):
    """A decision on one revision at one stage. Refused by the database for contributors and the supplier's people."""

    revision = models.ForeignKey(BundleRevision, models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=8, choices=choices(Stage))
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10, choices=choices(Decision))
    reason = models.CharField(max_length=16, choices=choices(DeclineReason), blank=True)
    comment = models.TextField(blank=True)  # the supplier reads it
    note = models.TextField(blank=True)  # the shop's people only
    digest = models.CharField(max_length=64)  # of the content it was given on
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "stage"], name="bundles_one_review_per_stage"),
            models.UniqueConstraint(fields=["revision", "reviewer"], name="bundles_stages_by_different_people"),
            models.CheckConstraint(condition=Q(decision="approved") | ~Q(comment=""), name="bundles_refusal_says_why"),
            models.CheckConstraint(
                condition=~Q(decision="declined") | ~Q(reason=""), name="bundles_decline_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.stage} {self.decision}"


class Contributor(models.Model):
    """Somebody who wrote on a bundle and therefore never decides on it."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="contributors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bundle", "user"], name="bundles_contributor_once")]

    def __str__(self) -> str:
        return f"{self.bundle_id} {self.user_id}"
