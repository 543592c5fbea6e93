"""The address of a view of the grid: read, written, and told as chips."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.formats import localize
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from crossmatrix.accounts.models import User
from crossmatrix.catalog.models import Category
from crossmatrix.matrix.models import Matrix
from crossmatrix.matrix.rules.names import STATE_NAMES
from crossmatrix.matrix.selectors import narrow
from crossmatrix.matrix.selectors.axes import Level, Scope
from crossmatrix.matrix.selectors.narrow import RowFilter
from crossmatrix.ui.lists import Chip

MOST_PRICE = Decimal(10) ** 10


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers of "3,17"; anything else is left out."""
    return tuple(int(part) for part in text.split(",") if part.strip().isdecimal() and len(part) < 19)


def one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else ""


def price(text: str) -> Decimal | None:
    """A price as people type it: "1 290,50". None when it is none."""
    try:
        value = Decimal("".join(text.split()).replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value < MOST_PRICE else None


def scope_of(query: QueryDict, matrix: Matrix) -> Scope:
    """What the address asks for; what is unknown or outside the matrix is as if it were not named."""
    rows = next(iter(numbers(query.get("rows", ""))), None)
    if rows is not None and not Category.objects.filter(pk=rows, path__startswith=matrix.mains.path).exists():
        rows = None
    state, ratio = query.get("state", ""), query.get("ratio", "")
    if state in ("warn", "block"):  # links from before prices had a filter of their own
        state, ratio = "", state
    only = RowFilter(
        state=one_of(state, narrow.STATES),
        query=query.get("q", "").strip()[:200],
        owner=next(iter(numbers(query.get("owner", ""))), None),
        ratio=one_of(ratio, narrow.RATIOS),
        price_from=price(query.get("from", "")),
        price_to=price(query.get("to", "")),
        coverage=one_of(query.get("coverage", ""), narrow.COVERAGES),
        mark=one_of(query.get("mark", ""), narrow.MARKS),
        hidden=numbers(query.get("norows", "")),
        sort=one_of(query.get("sort", ""), narrow.ROW_SORTS),
    )
    return Scope(
        level=Level.SKU if query.get("level") == Level.SKU else Level.TYPE,
        rows=rows,
        columns=numbers(query.get("cols", "")),
        only=only,
        closed=numbers(query.get("closed", "")),
        hidden=numbers(query.get("nocols", "")),
        order=numbers(query.get("order", "")),
        column_sort=one_of(query.get("colsort", ""), narrow.COLUMN_SORTS),
        linked=query.get("linked") == "1",
    )


def address_of(scope: Scope, **changes: Any) -> str:
    """The query that leads to the view, with some parts changed."""
    query, only = QueryDict(mutable=True), scope.only
    parts = {
        "level": scope.level.value, "rows": scope.rows, "cols": scope.columns, "state": only.state, "q": only.query,
        "owner": only.owner, "ratio": only.ratio, "from": only.price_from, "to": only.price_to, "coverage": only.coverage,
        "mark": only.mark, "sort": only.sort, "colsort": scope.column_sort, "linked": "1" if scope.linked else "", "order": scope.order, "nocols": scope.hidden,
        "norows": only.hidden, "closed": scope.closed, **changes,
    }  # fmt: skip
    for name, value in parts.items():
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if value not in ("", None, ()):
            query[name] = text
    return query.urlencode(safe=",")


def names_of(choice: str) -> dict[str, str]:
    """Value → its words, for a filter with known values."""
    return {
        "state": {state: gettext(STATE_NAMES[state]) for state in ("draft", "in_review", "approved")}
        | {"not_suitable": _("Not suitable"), "empty": _("No companions yet")},
        "ratio": {
            "ok": _("within the limit"), "warn": _("above the limit"), "block": _("blocks publishing"),
            "unknown": _("price not known"),
        },
        "coverage": {"none": _("nothing approved"), "part": _("less than wanted"), "full": _("complete")},
        "mark": {"suggestion": _("has a suggestion"), "weak": _("has a weak pair")},
        "sort": {
            "price": _("cheapest first"), "-price": _("dearest first"), "coverage": _("least covered first"),
            "-coverage": _("most covered first"),
        },
        "colsort": {"price": _("cheapest first"), "-price": _("dearest first"), "-links": _("most linked first")},
    }[choice]  # fmt: skip


def chips_of(scope: Scope, *, person: User, owners: dict[int, str]) -> list[Chip]:
    """The filters that are on, each with the address without it."""
    only = scope.only
    ends = ["" if end is None else localize(end) for end in (only.price_from, only.price_to)]
    owner = _("me") if only.owner == person.pk else owners.get(only.owner or 0, "—")
    on: list[tuple[object, str, str, tuple[str, ...]]] = [
        (only.owner, _("Owner"), owner, ("owner",)),
        (only.state, _("State"), names_of("state").get(only.state, ""), ("state",)),
        (only.ratio, _("Price ratio"), names_of("ratio").get(only.ratio, ""), ("ratio",)),
        (any(ends), _("Price"), " – ".join(ends), ("from", "to")),
        (only.coverage, _("Coverage"), names_of("coverage").get(only.coverage, ""), ("coverage",)),
        (only.mark, _("Evidence"), names_of("mark").get(only.mark, ""), ("mark",)),
        (only.query, _("Product"), only.query, ("q",)),
        (only.hidden, _("Rows hidden"), str(len(only.hidden)), ("norows",)),
        (scope.columns, _("Companion categories"), str(len(scope.columns)), ("cols",)),
        (scope.linked, _("Columns"), _("with links only"), ("linked",)),
        (scope.hidden, _("Columns hidden"), str(len(scope.hidden)), ("nocols",)),
        (scope.order, _("Columns"), _("in my order"), ("order",)),
    ]
    return [
        Chip(label, value, address_of(scope, **dict.fromkeys(parts, ""))) for is_on, label, value, parts in on if is_on
    ]
