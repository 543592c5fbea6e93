"""What orders bring by category and month, as far as the person's categories reach."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.catalog.models import Category, Product, ProductStatus
from crossmatrix.insights.models import CategoryCohort, CategoryMonth, DashboardMonth
from crossmatrix.insights.rules.boards import Counts, total

SPANS = (3, 6, 12)  # months a person may choose
COHORTS = 12
FIELDS = ("orders", "orders_with", "amount", "amount_with", "amount_companions")


@dataclass(frozen=True)
class Point:
    """A month and the same one a year before."""

    month: date
    now: Counts
    before: Counts


@dataclass(frozen=True)
class Coverage:
    """Products on sale that could be mains, and those with a companion on offer."""

    products: int
    covered: int

    @property
    def share(self) -> float | None:
        return self.covered / self.products if self.products else None


@dataclass(frozen=True)
class Row:
    """A category below the one shown."""

    category: Category
    now: Counts
    before: Counts
    coverage: Coverage


@dataclass(frozen=True)
class Cohort:
    """Customers of one first month; shares of orders with a companion by months since, None without orders enough."""

    month: date
    customers: int
    shares: list[float | None]


@dataclass(frozen=True)
class Board:
    category: Category | None
    first: date  # first day of the first month
    last: date  # newest order
    points: list[Point]
    now: Counts
    before: Counts
    coverage: Coverage
    rows: list[Row]
    cohorts: list[Cohort]

    @property
    def year_before(self) -> bool:
        """Whether any month has its year before."""
        return any(point.before.orders for point in self.points)


def categories_for(user: User) -> QuerySet[Category]:
    """Categories with counted orders that the person may look into."""
    paths = category_paths_of(user, Permission.EVIDENCE_VIEW)
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(path__startswith=path)
    return Category.objects.filter(inside, pk__in=CategoryMonth.objects.values("category")).order_by("full_name", "pk")


def sees_everything(user: User) -> bool:
    return category_paths_of(user, Permission.EVIDENCE_VIEW) == [""]


def board(category: Category | None, months: int) -> Board | None:
    """The dashboard of a category subtree (None: all) over its last months; None before anything was counted."""
    counted = list(DashboardMonth.objects.order_by("-month").values_list("month", "last_date")[: months + 12])
    if not counted:
        return None
    newest, last = counted[0]
    shown = [_months_back(newest, n) for n in reversed(range(months))]
    found = _by_month(category)
    shown = [month for month in shown if month in found or month >= min(one for one, _ in counted)]
    points = [Point(month, found.get(month, Counts()), found.get(_months_back(month, 12), Counts())) for month in shown]
    return Board(
        category=category, first=shown[0], last=last, points=points, now=total(point.now for point in points),
        before=total(point.before for point in points), coverage=coverage(category),
        rows=_rows(category, shown), cohorts=_cohorts(category),
    )  # fmt: skip


def _months_back(month: date, many: int) -> date:
    number = month.year * 12 + month.month - 1 - many
    return date(number // 12, number % 12 + 1, 1)


def _by_month(category: Category | None) -> dict[date, Counts]:
    rows = CategoryMonth.objects.filter(category=category).values_list("month__month", *FIELDS)
    return {row[0]: Counts(*row[1:]) for row in rows}


def coverage(category: Category | None) -> Coverage:
    """Of the products on sale in the subtree, how many have a companion on offer."""
    return next(iter(_coverage([category]).values()))


def _coverage(categories: list[Category | None]) -> dict[int | None, Coverage]:
    answer = {}
    for category in categories:
        inside = Product.objects.filter(
            status=ProductStatus.ACTIVE, category__path__startswith=category.path if category else ""
        )
        counted = inside.aggregate(
            products=Count("pk", distinct=True),
            covered=Count("pk", filter=Q(companion_pairs__approved__isnull=False), distinct=True),
        )
        answer[category.pk if category else None] = Coverage(counted["products"], counted["covered"])
    return answer


def _rows(category: Category | None, shown: list[date]) -> list[Row]:
    """Categories right below, those with the most orders first."""
    children = {child.pk: child for child in Category.objects.filter(parent=category)}
    now: dict[int, list[Counts]] = defaultdict(list)
    before: dict[int, list[Counts]] = defaultdict(list)
    former = {_months_back(month, 12) for month in shown}
    rows = CategoryMonth.objects.filter(category__in=children, month__month__in={*shown, *former}).values_list(
        "category_id", "month__month", *FIELDS
    )
    for pk, month, *counts in rows:
        (now if month in shown else before)[pk].append(Counts(*counts))
    best = sorted(now, key=lambda pk: (-total(now[pk]).orders, pk))
    covered = _coverage_of_children([children[pk] for pk in best])
    return [Row(children[pk], total(now[pk]), total(before[pk]), covered[pk]) for pk in best]


def _coverage_of_children(children: list[Category]) -> dict[int, Coverage]:
    """Coverage of sibling subtrees in one statement over their products."""
    answer = {child.pk: [0, 0] for child in children}
    inside = Q(pk__in=[])
    for child in children:
        inside |= Q(category__path__startswith=child.path)
    rows = (
        Product.objects.filter(inside, status=ProductStatus.ACTIVE)
        .values("category__path")
        .annotate(
            products=Count("pk", distinct=True),
            covered=Count("pk", filter=Q(companion_pairs__approved__isnull=False), distinct=True),
        )
        .values_list("category__path", "products", "covered")
    )
    for path, products, covered in rows:
        for child in children:
            if path.startswith(child.path):
                answer[child.pk][0] += products
                answer[child.pk][1] += covered
    return {pk: Coverage(*counts) for pk, counts in answer.items()}


def _cohorts(category: Category | None) -> list[Cohort]:
    """The last cohorts, oldest first."""
    rows: dict[date, dict[int, Counts]] = defaultdict(dict)
    sizes: dict[date, int] = {}
    for row in CategoryCohort.objects.filter(category=category, age__lt=COHORTS).order_by("cohort", "age"):
        rows[row.cohort][row.age] = Counts(row.orders, row.orders_with)
        if row.age == 0:
            sizes[row.cohort] = row.customers
    kept = sorted(rows)[-COHORTS:]
    wide = max((max(rows[month]) for month in kept), default=-1) + 1
    return [
        Cohort(month, sizes.get(month, 0), [rows[month].get(age, Counts()).attach_rate for age in range(wide)])
        for month in kept
    ]
