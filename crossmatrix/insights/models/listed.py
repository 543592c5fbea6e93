"""The best companions of mains and of types, by a refresh."""

from django.db import models
from django.db.models import F, Q

from crossmatrix.catalog.models import Category, Product
from crossmatrix.insights.models.evidence import Refresh
from crossmatrix.insights.models.shared import BARE


class ListedPair(models.Model):
    """One of the best companions of a main by its orders and its type's, for some position of the dial: see rules.listing.

    Kept for mains bought often enough; others take the lists of their type. No foreign keys in the database: see PairStat.
    """

    refresh = models.ForeignKey(Refresh, models.CASCADE, related_name="listed", **BARE)
    main = models.ForeignKey(Product, models.CASCADE, related_name="+", **BARE)
    companion = models.ForeignKey(Product, models.CASCADE, related_name="+", **BARE)
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
