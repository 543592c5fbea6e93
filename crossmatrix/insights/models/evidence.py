"""One counting of a window of orders, and what it says about products and pairs."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models.shared import BARE, choices
from crossmatrix.insights.rules.words import RefreshState


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

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="products", **BARE)  # see PairStat
    product = models.ForeignKey(Product, models.CASCADE, related_name="+", **BARE)
    orders = models.IntegerField()
    weekly = ArrayField(models.IntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refresh", "product"], name="insights_product_counted_once")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.orders}"


class PairStat(models.Model):
    """Counts of a directed pair in a refresh. Shares, intervals and scores come from `selectors.numbers_of` alone.

    There are no foreign keys in the database: two million rows are copied in at once, and a key check for each costs
    more than the counting. Products and refreshes are never deleted. All is asked for by refresh first, so an index of
    a product alone would only be written.
    """

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="stats", **BARE)
    main = models.ForeignKey(Product, models.CASCADE, related_name="+", **BARE)
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+", **BARE)
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
        indexes = [models.Index(fields=["refresh", "companion"], name="insights_stats_to_companion")]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.orders_both}/{self.orders_main}"


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
