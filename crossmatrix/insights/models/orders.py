"""Order files, what each batch of them brought, and the days they cover."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


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
