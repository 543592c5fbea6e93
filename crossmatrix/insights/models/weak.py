"""Weak flags, the policies that raise them, and what shops report as seen."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from crossmatrix.catalog.models import Category, Product
from crossmatrix.insights.models.shared import choices
from crossmatrix.insights.rules.policy import Decider
from crossmatrix.insights.rules.words import Cause, Decision, Severity
from crossmatrix.matrix.models import Pair


class WeakFlag(models.Model):
    """A pair with a cause to look at it. Its evidence is frozen when raised; one is open per pair and cause.

    Open while `closed_at` is empty. Closed by a decision, or by the next look when the cause is gone
    (`decision` empty). Kept until a date: open, but out of the way until then.
    """

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="weak_flags")
    cause = models.CharField(max_length=20, choices=choices(Cause))
    severity = models.CharField(max_length=8, choices=choices(Severity))
    evidence = models.JSONField()
    replacements = models.JSONField(default=list)  # at most three, best first
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # the last look that still found the cause
    closed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=12, choices=choices(Decision), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    keep_until = models.DateField(null=True)
    replaced_with = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    latest = models.JSONField(default=dict)  # the evidence of the last look, beside the frozen one
    decide_by = models.DateField(null=True)  # overdue when open after it
    decider = models.CharField(max_length=8, choices=choices(Decider), default=Decider.MANAGER.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "cause"], condition=Q(closed_at__isnull=True), name="insights_one_open_flag"
            ),
            models.CheckConstraint(
                condition=Q(decision="") | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False)),
                name="insights_decision_is_signed",
            ),
            models.CheckConstraint(condition=~Q(decision="keep") | ~Q(note=""), name="insights_kept_for_a_reason"),
        ]
        indexes = [
            models.Index(
                fields=["severity", "raised_at"], name="insights_open_flags", condition=Q(closed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.pair_id} {self.cause}"


class WeakPolicy(models.Model):
    """When a pair of a category subtree (null: everywhere) is weak. The nearest category's policy holds; see rules.policy."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True)
    min_orders = models.IntegerField()  # of the main; below it the answer is "not enough data"
    share_of_usual = models.FloatField(default=0.5)  # rarely taken: attach rate below this part of the category's
    false_share = models.FloatField(default=0.1)  # expected share of fine pairs in the review list
    decline = models.FloatField(default=0.3)
    returns_times = models.FloatField(default=2.0)
    least_margin = models.FloatField(default=0.0)
    promo_share = models.FloatField(default=0.8)
    unseen_days = models.IntegerField(default=30)
    urgent_days = models.IntegerField(default=3)
    check_days = models.IntegerField(default=14)
    note_days = models.IntegerField(default=30)
    least_gain = models.FloatField(default=0.0, db_default=0.0)  # rarely taken by money instead; 0: by share_of_usual
    decider = models.CharField(max_length=8, choices=choices(Decider), default=Decider.MANAGER.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category"], nulls_distinct=False, name="insights_one_weak_policy"),
            models.CheckConstraint(
                condition=Q(
                    min_orders__gte=1, share_of_usual__gt=0, share_of_usual__lte=1, false_share__gt=0, false_share__lt=1
                ),
                name="insights_weak_policy_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(
                    decline__gt=0,
                    decline__lt=1,
                    returns_times__gte=1,
                    least_margin__gte=-1,
                    least_margin__lt=1,
                    promo_share__gt=0,
                    promo_share__lt=1,
                    unseen_days__gte=1,
                    urgent_days__gte=0,
                    check_days__gte=0,
                    note_days__gte=0,
                ),
                name="insights_weak_policy_limits",
            ),
            models.CheckConstraint(condition=Q(least_gain__gte=0), name="insights_weak_policy_gain"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.share_of_usual} of usual from {self.min_orders} orders"


class Exposure(models.Model):
    """How often a pair was seen and taken on a day at one place, as shops report it: the better denominator than orders.

    Views without the companion in stock are kept and never counted: nobody could have taken it.
    """

    main = models.ForeignKey(Product, models.CASCADE, related_name="+")
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+")
    day = models.DateField()
    channel = models.CharField(max_length=60, blank=True, default="", db_default="")  # as the shop calls it
    placement = models.CharField(max_length=20, blank=True, default="", db_default="")  # matrix.rules.Placement or none
    variant = models.CharField(max_length=60, blank=True, default="", db_default="")  # of an experiment
    in_stock = models.BooleanField(default=True, db_default=True)  # of the companion
    shown = models.IntegerField()  # sessions in which the offer was visible
    clicked = models.IntegerField(default=0, db_default=0)
    added = models.IntegerField(default=0, db_default=0)  # put into the cart
    bought = models.IntegerField(default=0, db_default=0)  # of those sessions
    returned = models.IntegerField(default=0, db_default=0)  # of the bought
    version = models.IntegerField(default=0, db_default=0)  # moves with every write, so that an undo sees later ones

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["main", "companion", "day", "channel", "placement", "variant"],
                name="insights_exposure_once_a_place",
            ),
            models.CheckConstraint(
                condition=Q(
                    shown__gte=0, clicked__gte=0, added__gte=0, returned__gte=0, bought__gte=F("returned"),
                    bought__lte=F("shown"),
                ),
                name="insights_bought_of_shown",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["day"], name="insights_exposures_of_day")]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.day} {self.shown}"
