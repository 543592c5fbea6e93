from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q


class ProductKind(models.TextChoices):
    GOOD = "good"
    SERVICE = "service"
    SUBSCRIPTION = "subscription"


class ProductStatus(models.TextChoices):
    ACTIVE = "active"
    DISCONTINUED = "discontinued"
    HIDDEN = "hidden"


class Category(models.Model):
    """A node of the tree. `path` holds the ids from the root ("/3/17/"), `full_name` the names ("Игры / Диски")."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=200)
    full_name = models.CharField(max_length=1000, unique=True)
    path = models.CharField(
        max_length=200, db_index=True, db_collation="C"
    )  # prefix = subtree; C collation makes LIKE 'x%' an index scan
    position = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.full_name


class Supplier(models.Model):
    """A company that supplies products and may propose bundles."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """One sellable thing. `version` grows with every change and guards against writing over somebody's edit."""

    sku = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=500)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True, blank=True, related_name="products")
    kind = models.CharField(max_length=12, choices=ProductKind, default=ProductKind.GOOD.value)
    brand = models.CharField(max_length=120, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="RUB")
    stock = models.IntegerField(null=True, blank=True)  # null: not counted (services)
    status = models.CharField(max_length=12, choices=ProductStatus, default=ProductStatus.ACTIVE.value)
    attributes = models.JSONField(default=dict, blank=True)
    image = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=500, blank=True)
    barcode = models.CharField(max_length=32, blank=True)
    version = models.IntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    search = models.GeneratedField(
        # russian covers word forms (it passes Latin words to the english stemmer), simple keeps SKUs and brands whole
        expression=SearchVector("name", config="russian")
        + SearchVector("name", config="simple")
        + SearchVector("sku", "brand", "barcode", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="catalog_price_not_negative"
            ),
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_sku_not_empty"),
        ]
        indexes = [
            GinIndex(fields=["search"], name="catalog_product_search"),
            models.Index(OpClass("sku", name="text_pattern_ops"), name="catalog_sku_prefix"),
            models.Index(fields=["category", "sku"], name="catalog_in_category"),
            models.Index(fields=["supplier", "sku"], name="catalog_of_supplier"),
            models.Index(fields=["name", "id"], name="catalog_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    @property
    def category_path(self) -> str:
        """Path of its category; "" without one."""
        return self.category.path if self.category else ""


class PriceChange(models.Model):
    """A price or cost that changed: from what, to what, when, by which import."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="price_changes")
    at = models.DateTimeField()
    price_before = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_after = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    cost_before = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    cost_after = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    batch = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["product", "-at"], name="catalog_prices_of_product")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.price_before} → {self.price_after}"
