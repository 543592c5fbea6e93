"""Candidates for mains whose own orders name none: what orders with products of their type show (EVIDENCE 5.3)."""

from collections import defaultdict
from collections.abc import Sequence

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models import Refresh
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.candidates import Found, Permitted
from crossmatrix.insights.selectors.listed import listed_rows

KEPT = 40  # best of a type: what stands against some of them is asked later


def cold_candidates(mains: Sequence[Product], refresh: Refresh | None) -> dict[int, list[Found]]:
    """Allowed companions of the type by main, strongest excess first; `told` holds the type's counts and its excess."""
    if refresh is None or not mains:
        return {}
    rows = [
        row for row in listed_rows(mains, refresh)
        if row.source == SuggestionSource.TYPE and row.of_type is not None and row.of_type.excess > 0
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.main.pk, -(row.of_type.excess if row.of_type else 0.0), row.companion.pk))
    permitted = Permitted([main.pk for main in mains], and_later=False)
    answer: dict[int, list[Found]] = defaultdict(list)
    for row in rows:
        found = permitted.judged(row.stat, row.main, row.companion)
        if found is None or row.of_type is None or len(answer[row.main.pk]) >= KEPT:
            continue
        told = row.of_type.as_dict() | {"type_excess": row.of_type.excess}
        answer[row.main.pk].append(
            Found(found.stat, found.main, found.companion, found.ratio, SuggestionSource.TYPE, told)
        )
    return dict(answer)
