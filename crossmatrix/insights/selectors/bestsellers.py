"""Products many people buy and nothing is offered with."""

from django.db.models import Exists, OuterRef, QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import ProductStatus
from crossmatrix.insights.models import ProductStat
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import Verdict

LOOKED_AT = 200  # the most bought products of the person's categories


def bestsellers(user: User) -> QuerySet[ProductStat]:
    """The most bought active products of the person's categories in the window of the current refresh."""
    return (
        ProductStat.objects.filter(refresh__current=True, product__status=ProductStatus.ACTIVE)
        .filter(within(user, "product__category__path", Permission.PAIR_EDIT))
        .select_related("product", "refresh")
        .order_by("-orders", "product_id")
    )


def uncovered_bestsellers(user: User) -> list[ProductStat]:
    """Those of the 200 most bought that have no approved companion, the most bought first."""
    covered = Pair.objects.filter(main=OuterRef("product"), approved__isnull=False, verdict=Verdict.SUITABLE)
    rows = bestsellers(user).annotate(covered=Exists(covered))[:LOOKED_AT]
    return [row for row in rows if not row.covered]
