"""Lists of a refresh as candidates: of the main itself, or of its type where the main was bought too seldom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import ListedForType, ListedPair, PairStat, Refresh
from crossmatrix.insights.rules.association import poisson_tail, wilson
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.candidates import on_sale
from crossmatrix.insights.selectors.evidence import stats
from crossmatrix.matrix.rules import ancestors


@dataclass(frozen=True)
class OfType:
    """What orders with products of the main's type show of a companion, each product's orders counted by themselves."""

    name: str
    both: int
    orders: int
    expected: float
    excess: float

    @property
    def rate(self) -> float:
        return self.both / self.orders if self.orders else 0.0

    def as_dict(self) -> dict[str, Any]:
        band = wilson(self.both, self.orders)
        return {
            "type": self.name, "type_both": self.both, "type_orders": self.orders, "type_rate": self.rate,
            "type_low": band.low if band else None, "type_high": band.high if band else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A companion that something speaks for. `excess` and `usual` are shares of main orders: see rules.scoring."""

    main: Product
    companion: Product
    source: SuggestionSource
    excess: float
    usual: float
    stat: PairStat
    of_type: OfType | None = None
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, int]:
        return self.main.pk, self.companion.pk


def listed_rows(mains: Sequence[Product], refresh: Refresh) -> list[Row]:
    """The lists of these mains, in five statements however many they are."""
    by_id = {main.pk: main for main in mains}
    types = type_rows(mains, refresh)
    found = (
        ListedPair.objects.filter(refresh=refresh, main__in=by_id, companion__in=on_sale(Product.objects.all()))
        .select_related("companion__category")
        .order_by("main_id", "companion_id")
    )
    rows = []
    for one in found:
        main = by_id[one.main_id]
        of_type = types.get(main.pk, {}).get(one.companion_id)
        rows.append(
            Row(
                main, one.companion, SuggestionSource.MINED if one.orders_both else SuggestionSource.TYPE, one.excess,
                one.expected / max(1, one.orders_main), _stat(one, refresh), of_type[1] if of_type else None,
            )
        )  # fmt: skip
    have = {row.main.pk for row in rows}
    rows += [
        Row(
            main, one.companion, SuggestionSource.TYPE, of_type.excess, one.expected / max(1, one.orders_main),
            unseen(main.pk, companion, refresh, one.orders_companion), of_type,
        )
        for main in mains
        if main.pk not in have
        for companion, (one, of_type) in types[main.pk].items()
    ]  # fmt: skip
    return _with_stats(rows)


def type_rows(mains: Sequence[Product], refresh: Refresh) -> dict[int, dict[int, tuple[ListedForType, OfType]]]:
    """Main → companion → what its type's orders say; the type is the nearest category above it that has a list."""
    chains = {main.pk: ancestors(main.category.path)[::-1] if main.category else [] for main in mains}
    found = (
        ListedForType.objects.filter(refresh=refresh, category__in={pk for chain in chains.values() for pk in chain})
        .filter(companion__in=on_sale(Product.objects.all()))
        .select_related("companion__category", "category")
        .order_by("category_id", "companion_id")
    )
    lists: dict[int, dict[int, tuple[ListedForType, OfType]]] = defaultdict(dict)
    for one in found:
        of_type = OfType(one.category.name, one.orders_both, one.orders_main, one.expected, one.excess)
        lists[one.category_id][one.companion_id] = one, of_type
    return {main: next((lists[pk] for pk in chain if pk in lists), {}) for main, chain in chains.items()}


def unseen(main: int, companion: int, refresh: Refresh | None, orders_companion: int = 0) -> PairStat:
    """In the place of counts that were not kept: of a pair that nothing is claimed about."""
    return PairStat(
        refresh=refresh or Refresh(), main_id=main, companion_id=companion, orders_main=0, orders_both=0,
        orders_companion=orders_companion, orders_all=refresh.orders if refresh else 0, expected=0.0, score=0.0,
        p_value=1.0, q_value=1.0,
    )  # fmt: skip


def _stat(one: ListedPair, refresh: Refresh) -> PairStat:
    """A pair too rare for the table of pairs: its counts, and no claim that it is significant."""
    stat = unseen(one.main_id, one.companion_id, refresh, one.orders_companion)
    stat.orders_main, stat.orders_both, stat.expected = one.orders_main, one.orders_both, one.expected
    stat.p_value = float(poisson_tail([one.orders_both], [one.expected])[0])
    return stat


def _with_stats(rows: Iterable[Row]) -> list[Row]:
    """Numbers come from the table of pairs where it has the pair: the same as in the grid and everywhere."""
    rows = list(rows)
    found = stats().filter(
        main__in={row.main.pk for row in rows}, companion__in={row.companion.pk for row in rows}
    ).select_related("refresh")  # fmt: skip
    known = {(stat.main_id, stat.companion_id): stat for stat in found}
    return [replace(row, stat=known[row.key]) if row.key in known else row for row in rows]
