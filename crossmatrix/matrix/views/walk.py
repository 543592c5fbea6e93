"""Next and previous product of the list a person came from; the list is named by its address, so it survives a reload."""

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from crossmatrix.accounts.models import User
from crossmatrix.catalog.filters import ProductFilter
from crossmatrix.catalog.models import Product
from crossmatrix.catalog.selectors import capped_count, neighbours, products_for
from crossmatrix.catalog.tables import ordered
from crossmatrix.matrix.filters import PairFilter
from crossmatrix.matrix.selectors import axes
from crossmatrix.matrix.selectors.matrices import matrices_for
from crossmatrix.matrix.selectors.pairs import pairs_for
from crossmatrix.matrix.tables import PairTable
from crossmatrix.matrix.views.scope import scope_of

WALK_MAX = 5000  # places of a list a person steps through


@dataclass(frozen=True)
class Walk:
    """Where a product stands in its list."""

    previous: int | None
    next: int | None
    place: int
    of: int
    back: str  # address of the list
    name: str  # of the list, in the reader's language
    query: str  # what links to neighbours carry: "?list=…" or ""


def walk(user: User, main: Product, came_from: str) -> Walk:
    """The neighbours in the list of that address; without one, or when it does not hold the product, in its category."""
    match, query = read_address(came_from)
    ids = ids_of(user, match, query) if match else []
    if match is None or main.pk not in ids:
        return category_walk(main)
    at = ids.index(main.pk)
    carried = QueryDict(mutable=True)
    carried["list"] = came_from
    return Walk(
        previous=ids[at - 1] if at else None,
        next=ids[at + 1] if at + 1 < len(ids) else None,
        place=at + 1,
        of=len(ids),
        back=came_from,
        name=NAMES[match.view_name](),
        query=f"?{carried.urlencode(safe='/')}",
    )


def list_before(request: HttpRequest) -> str:
    """Address of the list whose link led here, "" when it was no list of ours."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return address if read_address(address)[0] else ""


NAMES = {
    "matrix:pairs": lambda: _("Pairs"),
    "catalog:products": lambda: _("Products"),
    "matrix:grid": lambda: _("Matrix"),
}


def read_address(address: str) -> tuple[ResolverMatch | None, QueryDict]:
    """The page behind an address of ours that is a list of products; None for anything else."""
    parts = urlsplit(address)
    nothing = QueryDict()
    if not address.startswith("/") or not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return None, nothing
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None, nothing
    return (match, QueryDict(parts.query)) if match.view_name in NAMES else (None, nothing)


def ids_of(user: User, match: ResolverMatch, query: QueryDict) -> list[int]:
    """Products of the list in its order, each once."""
    if match.view_name == "matrix:pairs":
        return of_pairs(user, query)
    if match.view_name == "catalog:products":
        return of_products(user, query)
    return of_grid(user, match.kwargs["pk"], query)


def of_pairs(user: User, query: QueryDict) -> list[int]:
    filters = PairFilter(query, queryset=pairs_for(user).order_by("-updated_at", "-pk"))
    table = PairTable(filters.qs)
    table.order_by = query.getlist("sort")
    mains = table.data.data.select_related(None).values_list("main_id", flat=True)[:WALK_MAX]
    return list(dict.fromkeys(mains))


def of_products(user: User, query: QueryDict) -> list[int]:
    narrowed = ProductFilter(query, queryset=products_for(user))
    if not narrowed.form.is_valid():
        return []
    rows = ordered(
        narrowed.qs, sort=query.get("sort", ""), text=query.get("q", ""), found=capped_count(narrowed.qs)
    ).select_related(None)
    return list(rows.values_list("pk", flat=True)[:WALK_MAX])


def of_grid(user: User, pk: int, query: QueryDict) -> list[int]:
    matrix = matrices_for(user).filter(pk=pk).first()
    if matrix is None:
        return []
    layout = axes.build_layout(matrix=matrix, scope=scope_of(query, matrix), user=user)
    if layout.level is not axes.Level.SKU:
        return []
    rows = axes.entries(layout, "rows", 0, layout.rows) or ()
    return list(islice((row for row in rows if row > 0), WALK_MAX))


def category_walk(main: Product) -> Walk:
    near = neighbours(main)
    back = reverse("catalog:products")
    if main.category_id:
        back = f"{back}?category={main.category_id}"
    return Walk(near.previous, near.next, near.place, near.of, back, _("Products"), "")
