"""Figures of months and of customers, by category."""

from django.db import models
from django.db.models import F, Q

from crossmatrix.catalog.models import Category


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
