from django.conf import settings as project
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crossmatrix.catalog.models import Category
from crossmatrix.matrix.models import Pair, PairRevision


class ReleaseState(models.TextChoices):
    BUILDING = "building"
    SEALED = "sealed"


class Channel(models.Model):
    """One storefront: which links it gets, in which format, how many of them are shown."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=20)  # name of a module in formats/
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+"
    )  # null: every main product
    settings = models.JSONField(default=dict, blank=True)  # of the format; typed by its declaration
    cap = models.IntegerField(default=4)  # companions of one main product in one placement
    placements = ArrayField(
        models.CharField(max_length=20), default=list, blank=True
    )  # empty: the channel knows no places
    active = models.BooleanField(default=True)
    current = models.ForeignKey("Release", models.PROTECT, null=True, related_name="+")  # what the shop shows now
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cap__gte=1), name="publishing_cap_of_one_or_more"),
            models.CheckConstraint(condition=~Q(code=""), name="publishing_channel_code_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """Immutable numbered snapshot of what a channel's shop gets. Sealed rows and their items never change (triggers)."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="releases")
    number = models.IntegerField()
    state = models.CharField(max_length=8, choices=ReleaseState, default=ReleaseState.BUILDING.value)
    sha256 = models.CharField(max_length=64)  # of the canonical content: links and bundles, not the number
    format = models.CharField(max_length=20)  # format and settings as they were
    settings = models.JSONField(default=dict, blank=True)
    links = models.IntegerField()
    added = models.IntegerField()
    changed = models.IntegerField()
    removed = models.IntegerField()
    left_out = models.JSONField(default=dict)  # code of the reason: how many links
    bundles = models.JSONField(default=list, blank=True)  # frozen payloads
    cleared = models.JSONField(default=list, blank=True)  # main SKUs that had links in an earlier release
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")  # what the counts compare with
    rolled_back_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+"
    )  # whose content this repeats
    note = models.CharField(max_length=500, blank=True)
    cut_by = models.ForeignKey(project.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cut_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "number"], name="publishing_number_once_per_channel")]
        indexes = [models.Index(fields=["-cut_at", "-id"], name="publishing_latest_releases")]

    def __str__(self) -> str:
        return f"{self.channel_id} r{self.number}"


class ReleaseItem(models.Model):
    """One link of a release, frozen: `payload` is what the shop gets, `context` what people saw beside it."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="items")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="+")
    revision = models.ForeignKey(PairRevision, models.PROTECT, related_name="+")
    main_sku = models.CharField(max_length=64)
    companion_sku = models.CharField(max_length=64)
    rank = models.IntegerField()
    payload = models.JSONField()
    context = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "main_sku", "companion_sku"], name="publishing_link_once_per_release"
            ),
            models.UniqueConstraint(fields=["release", "main_sku", "rank"], name="publishing_rank_once_per_main"),
        ]
        indexes = [models.Index(fields=["pair", "release"], name="publishing_items_of_pair")]

    def __str__(self) -> str:
        return f"{self.main_sku} → {self.companion_sku}"


class Delivery(models.Model):
    """The files of one release for one channel, as they lie on the disk."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=10, choices=[("ready", "ready"), ("failed", "failed")], default="ready")
    files = models.JSONField(default=list)  # [{"name", "bytes", "sha256"}]
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "channel"], name="publishing_delivered_once")]

    def __str__(self) -> str:
        return f"{self.release_id} → {self.channel_id}"
