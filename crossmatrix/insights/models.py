from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crossmatrix.catalog.models import Category, Product
from crossmatrix.insights.rules.policy import Decider
from crossmatrix.insights.rules.words import Cause, Decision, RefreshState, Severity, SuggestionSource, SuggestionState
from crossmatrix.matrix.models import Pair


def choices(enum: Any) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class OrderFile(models.Model):
    """A Parquet file of order lines: one batch's lines of one month. A file without a row here is not read."""

    path = models.CharField(max_length=300, unique=True)  # below ORDERS_ROOT
    month = models.DateField()  # its first day
    rows = models.IntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    days = ArrayField(models.DateField(), default=list)  # days it has lines of, and days of orders it adds a line to
    sha256 = models.CharField(max_length=64)
    batch = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["batch"], name="insights_files_of_batch"),
            models.Index(fields=["month"], name="insights_files_of_month"),
        ]

    def __str__(self) -> str:
        return self.path


class OrderIntake(models.Model):
    """What one batch of order lines brought, for the page that says how far the data can be trusted."""

    batch = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    added = models.IntegerField()
    same = models.IntegerField()  # lines stored already, or twice in the batch: left alone
    late = models.IntegerField()  # added to days that had been counted
    first_date = models.DateField(null=True)  # of the added lines; null: none
    last_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(added__gte=F("late"), late__gte=0, same__gte=0), name="insights_late_lines_were_added"
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="insights_latest_intakes"),
            models.Index(fields=["batch"], name="insights_intakes_of_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.batch}: {self.added}"


class OrderDay(models.Model):
    """Orders of one day as last read; what an unusual day is measured against."""

    day = models.DateField(primary_key=True)
    orders = models.IntegerField()  # wholesale ones left out
    lines = models.IntegerField()  # distinct (order, product) in them
    wholesale_orders = models.IntegerField(default=0)
    return_lines = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.orders}"


class Refresh(models.Model):
    """One counting of a window of orders. The one marked current is what every reader sees."""

    from_date = models.DateField()
    to_date = models.DateField()
    state = models.CharField(max_length=8, choices=choices(RefreshState), default=RefreshState.RUNNING.value)
    current = models.BooleanField(default=False)
    engine = models.CharField(max_length=12)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # null: the clock
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    orders = models.IntegerField(default=0)  # counted: with something bought, not wholesale
    lines = models.IntegerField(default=0)  # distinct (order, product) in them
    pairs = models.IntegerField(default=0)  # directed pairs stored
    generated = models.BigIntegerField(default=0)  # unordered pairs the count went through: the measure of work
    min_both = models.IntegerField(
        default=0
    )  # pairs bought together less often are kept only if they are in the matrix
    return_lines = models.IntegerField(default=0)  # left out
    wholesale_orders = models.IntegerField(default=0)  # left out: more products than one shopper buys
    unknown_skus = models.IntegerField(default=0)  # bought, but not in the catalog
    unknown_lines = models.IntegerField(default=0)
    days_read = models.IntegerField(default=0)  # days whose orders had changed and were read anew
    days_moved = models.IntegerField(null=True)  # days added to or taken from a former count; null: all was counted
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="insights_one_current_refresh"),
            models.CheckConstraint(
                condition=Q(current=False) | Q(state="ready"), name="insights_only_ready_is_current"
            ),
            models.CheckConstraint(condition=Q(from_date__lte=F("to_date")), name="insights_window_has_days"),
        ]
        indexes = [models.Index(fields=["-started_at", "-id"], name="insights_latest_refreshes")]

    def __str__(self) -> str:
        return f"{self.from_date}..{self.to_date} {self.state}"


class UnknownSku(models.Model):
    """A SKU that was bought in the window and is not in the catalog; the most bought ones are kept."""

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="unknown")
    sku = models.CharField(max_length=200)
    orders = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refresh", "sku"], name="insights_unknown_sku_once")]

    def __str__(self) -> str:
        return self.sku


class ProductStat(models.Model):
    """How often a product was bought in the window, in all and by week (ISO weeks from the first day on)."""

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)  # see PairStat
    orders = models.IntegerField()
    weekly = ArrayField(models.IntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refresh", "product"], name="insights_product_counted_once")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.orders}"


class PairStat(models.Model):
    """Counts of a directed pair in a refresh. Shares, intervals and scores come from `selectors.numbers_of` alone.

    The products carry no foreign key in the database: two million rows are copied in at once, and a key check for
    each costs more than the counting. Products are never deleted.
    """

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="stats")
    main = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    orders_main = models.IntegerField()
    orders_companion = models.IntegerField()
    orders_both = models.IntegerField()
    orders_all = models.IntegerField()
    expected = models.FloatField()  # orders with both, were products bought independently in orders of this size
    score = models.FloatField()  # shrunk excess per main order: what suggestions are ranked by
    p_value = models.FloatField()  # Poisson tail of orders_both over expected
    q_value = models.FloatField()  # Benjamini–Hochberg over every pair that could have been found
    customers_both = models.IntegerField(null=True)  # the next three: for significant pairs and pairs of the matrix
    revenue = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # of the companion in orders with both
    weekly = ArrayField(models.IntegerField(), null=True)  # orders with both by week

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "main", "companion"], name="insights_pair_counted_once"),
            models.CheckConstraint(
                condition=Q(orders_both__lte=F("orders_main")) & Q(orders_both__lte=F("orders_companion")),
                name="insights_both_within_each",
            ),
        ]
        indexes = [
            models.Index(fields=["refresh", "main", "-score"], name="insights_best_of_main"),
            models.Index(fields=["refresh", "companion"], name="insights_stats_to_companion"),
        ]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.orders_both}/{self.orders_main}"


class ListedPair(models.Model):
    """One of the best companions of a main by its orders and its type's, for some position of the dial: see rules.listing.

    Kept for mains bought often enough; others take the lists of their type. No foreign key in the database: see PairStat.
    """

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="listed")
    main = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    orders_main = models.IntegerField()
    orders_companion = models.IntegerField()
    orders_both = models.IntegerField()  # 0: the type names it, nobody bought the two together yet
    expected = models.FloatField()  # as in PairStat
    excess = models.FloatField()  # share of main orders beyond chance, drawn towards the type's

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "main", "companion"], name="insights_pair_listed_once"),
            models.CheckConstraint(
                condition=Q(orders_both__lte=F("orders_main")) & Q(orders_both__lte=F("orders_companion")),
                name="insights_listed_both_within_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.excess:+.4f}"


class ListedForType(models.Model):
    """One of the best companions of a category's products taken together: what a product new to it starts with."""

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="listed_types")
    category = models.ForeignKey(Category, models.CASCADE, related_name="+", db_constraint=False)
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    orders_main = models.IntegerField()  # orders with products of the category, each product counted by itself
    orders_companion = models.IntegerField()
    orders_both = models.IntegerField()
    expected = models.FloatField()
    excess = models.FloatField()  # half the category's own, half that of the category above

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "category", "companion"], name="insights_listed_for_type_once"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} → {self.companion_id} {self.excess:+.4f}"


class Suggestion(models.Model):
    """What a person decided on a suggested pair, with the evidence of that moment."""

    main = models.ForeignKey(Product, models.PROTECT, related_name="+")
    companion = models.ForeignKey(Product, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=choices(SuggestionState))
    source = models.CharField(max_length=12, choices=choices(SuggestionSource))
    score = models.FloatField()
    evidence = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    later_until = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["main", "companion"], name="insights_one_decision_per_suggestion"),
            models.CheckConstraint(condition=~Q(main=F("companion")), name="insights_no_suggestion_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.state}"


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
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.share_of_usual} of usual from {self.min_orders} orders"


class OfferStat(models.Model):
    """What the orders of a refresh say about a pair on offer beyond its counts: discounts, returns, money.

    All counts are of orders with both; an order whose companion line says nothing about a discount is not `known`.
    """

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="offers")
    main = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)  # see PairStat
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    orders = models.IntegerField()
    known = models.IntegerField()
    discounted = models.IntegerField()  # the companion's line had a discount
    returned = models.IntegerField()  # the companion came back
    quantity = models.FloatField()  # of the companion
    amount = models.BigIntegerField()  # paid for it, in minor units

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "main", "companion"], name="insights_offer_counted_once"),
            models.CheckConstraint(
                condition=Q(discounted__lte=F("known"), known__lte=F("orders"), returned__lte=F("orders")),
                name="insights_offer_parts_within_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.orders}"


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


class DashboardMonth(models.Model):
    """A month that was counted for the dashboards, and from what: counted again only when that changed."""

    month = models.DateField(unique=True)  # its first day
    basis = models.CharField(max_length=64)  # digest of its order files, the pairs and the tree
    last_date = models.DateField()  # newest order in it
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class CategoryMonth(models.Model):
    """Orders of a month with a main of a category subtree; those with one of its companions beside them. Minor units."""

    month = models.ForeignKey(DashboardMonth, models.CASCADE, related_name="categories")
    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")  # null: every category
    orders = models.IntegerField()
    orders_with = models.IntegerField()
    amount = models.BigIntegerField()  # of the whole orders
    amount_with = models.BigIntegerField()
    amount_companions = models.BigIntegerField()  # of the companions beside their mains

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "category"], nulls_distinct=False, name="insights_category_month_once"
            ),
            models.CheckConstraint(condition=Q(orders_with__lte=F("orders")), name="insights_month_with_within_orders"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.month_id} {self.orders}"


class CategoryCohort(models.Model):
    """Customers by the month of their first order with a main of the category: how later months went."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")  # null: every category
    cohort = models.DateField()  # first day of the month of the first order
    age = models.IntegerField()  # months since
    customers = models.IntegerField()  # who ordered in that month
    orders = models.IntegerField()
    orders_with = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["category", "cohort", "age"], nulls_distinct=False, name="insights_cohort_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.cohort} +{self.age}"
