"""Suggestions for mains: what speaks for a companion, without what may not or cannot be offered."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.utils import timezone

from crossmatrix.catalog.models import Product
from crossmatrix.insights.rules.deficit import LEAST_EXPECTED, poisson_lower
from crossmatrix.insights.rules.scoring import USUAL_KEPT, Dial
from crossmatrix.insights.rules.suggesting import SUBSTITUTES, Reliability, gap_of, reliability
from crossmatrix.insights.rules.words import SuggestionSource
from crossmatrix.insights.selectors.candidates import Found, Permitted, worth
from crossmatrix.insights.selectors.evidence import current_refresh, numbers_of
from crossmatrix.insights.selectors.floors import feedback_rows
from crossmatrix.insights.selectors.listed import Row, listed_rows
from crossmatrix.insights.selectors.sentences import why_suggested
from crossmatrix.insights.selectors.sources import (
    PER_GAP,
    Standing,
    alike_rows,
    shown_rows,
    slot_rows,
    standings,
)
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.selectors.compatibility import Compatibility

SHOWN = 5
FIRST = (
    SuggestionSource.MINED,
    SuggestionSource.SHOWN,
    SuggestionSource.FEEDBACK,
    SuggestionSource.SIMILAR,
    SuggestionSource.TYPE,
    SuggestionSource.SLOT,
)  # what is named first of several sources


class UnknownMain(Refusal):
    code = "sku.unknown"
    sentence = N_("There is no product “%(sku)s”.")


class UnknownDial(Refusal):
    code = "suggest.dial"
    sentence = N_("There is no position “%(name)s”; there are safe, balanced and distinctive.")


def product_of(sku: str) -> Product:
    """The product with its category. Raises UnknownMain."""
    found = Product.objects.select_related("category").filter(sku=sku).first()
    if found is None:
        raise UnknownMain(sku=sku)
    return found


def dial_named(name: str) -> Dial:
    """Raises UnknownDial."""
    if name not in list(Dial):
        raise UnknownDial(name=name)
    return Dial(name)


def suggest(*, main: Product, k: int = SHOWN, dial: Dial = Dial.BALANCED, proven: bool = False) -> list[dict[str, Any]]:
    """Best first; never a pair marked not suitable or in the matrix already, the main itself, or what is out of stock.

    `proven`: only what is significant. Otherwise each row says how far it can be relied on.
    """
    found = suggestions([main], dial=dial)[main.pk]
    rows = [told(one) for one in found if not proven or one.told["significant"]]
    return rows[: max(0, k)]


def told(found: Found) -> dict[str, Any]:
    """A suggestion as the commands print it and the screens show it."""
    evidence = found.as_dict()
    return evidence | {"why": why_suggested(evidence)}


def suggestions(
    mains: Sequence[Product], *, dial: Dial = Dial.BALANCED, and_later: bool = True
) -> dict[int, list[Found]]:
    """Every allowed companion of these mains by main, best first; a fixed number of statements."""
    if not mains:
        return {}
    refresh, standing = current_refresh(), standings(mains)
    rows = listed_rows(mains, refresh) if refresh else []
    rows += slot_rows(mains, standing, refresh) + alike_rows(mains, refresh)
    today = timezone.localdate()
    rows += shown_rows(mains, refresh, today) + feedback_rows(mains, refresh, today)
    merged = _without_substitutes(_merged(rows))
    kept = [row for row in merged if dial == Dial.SAFE or row.excess > 0 or row.source not in ORDERS]
    permitted = Permitted([main.pk for main in mains], and_later=and_later)
    found = [(row, one) for row in kept if (one := permitted.judged(row.stat, row.main, row.companion)) is not None]
    paths = {product.pk: product.category_path for row, _ in found for product in (row.main, row.companion)}
    refused = Compatibility().contradictions([row.key for row, _ in found], paths)
    answer: dict[int, list[tuple[tuple[Any, ...], Found]]] = defaultdict(list)
    for row, one in found:
        if row.key not in refused:
            answer[row.main.pk].append(_placed(row, one, standing[row.main.pk], dial))
    return {main.pk: _ordered(answer[main.pk]) for main in mains}


ORDERS = frozenset({SuggestionSource.MINED, SuggestionSource.TYPE})


def _merged(rows: Iterable[Row]) -> list[Row]:
    """One row per pair: the strongest source in front, everything the others tell kept."""
    by_key: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        if row.main.pk != row.companion.pk:
            by_key[row.key].append(row)
    merged = []
    for same in by_key.values():
        same.sort(key=lambda row: FIRST.index(row.source))
        counted = next((row for row in same if row.source in ORDERS), same[0])
        notes: dict[str, Any] = {}
        for row in reversed(same):
            notes |= row.told
        notes["sources"] = [row.source.value for row in same]
        merged.append(
            replace(
                same[0], stat=counted.stat, usual=counted.usual, of_type=counted.of_type, told=notes,
                excess=max(row.excess for row in same),
            )
        )  # fmt: skip
    return merged


def _without_substitutes(rows: Sequence[Row]) -> list[Row]:
    """Rows without products bought instead of the main: significantly seldom together."""
    both = np.array([row.stat.orders_both for row in rows], dtype=np.float64)
    expected = np.array([row.stat.expected for row in rows], dtype=np.float64)
    instead = (expected >= LEAST_EXPECTED) & (poisson_lower(both, np.maximum(expected, 1e-9)) <= SUBSTITUTES)
    return [row for row, out in zip(rows, instead.tolist(), strict=True) if not out]


def _placed(row: Row, one: Found, standing: Standing, dial: Dial) -> tuple[tuple[Any, ...], Found]:
    """The candidate with what it tells, and the key it is ordered by."""
    gap = gap_of(row.companion.category_path, standing.gaps)
    value = row.excess + USUAL_KEPT[dial] * row.usual
    notes = {
        "score": value, "dial": dial.value, "excess": row.excess, "usual": row.usual, "significant": worth(row.stat),
        "reliability": _reliability(row).value, "fills": gap.reason if gap and gap.missing else None,
        "slot": gap.slot if gap else None, "slot_full": bool(gap and not gap.missing), "room": standing.room,
        **(row.of_type.as_dict() if row.of_type else {}), **row.told,
    }  # fmt: skip
    order = (bool(gap and not gap.missing), -value, -row.stat.orders_companion, row.companion.pk)
    return order, replace(one, source=row.source, told=notes)


def _reliability(row: Row) -> Reliability:
    """Of the pair's own orders; where its type speaks for it, of the type's."""
    if row.source == SuggestionSource.TYPE and row.of_type is not None:
        shares = row.of_type.as_dict()
        usual = row.of_type.expected / max(1, row.of_type.orders)
        return reliability(significant=False, orders=row.of_type.orders, low=shares["type_low"], usual=usual)
    if row.source == SuggestionSource.SHOWN:
        return reliability(significant=False, orders=row.told["shown"], low=row.told["shown_low"], usual=row.usual)
    if row.source == SuggestionSource.FEEDBACK:
        offered, low = row.told["floor_offered"], row.told["floor_low"]
        return reliability(significant=False, orders=offered, low=low, usual=row.usual)
    low = numbers_of(row.stat).low
    return reliability(significant=worth(row.stat), orders=row.stat.orders_main, low=low, usual=row.usual)


def _ordered(rows: Sequence[tuple[tuple[Any, ...], Found]]) -> list[Found]:
    """Best first; of what only a slot names, a few per slot."""
    answer: list[Found] = []
    named: dict[int, int] = defaultdict(int)
    for _, one in sorted(rows, key=lambda row: row[0]):
        if one.told["sources"] == [SuggestionSource.SLOT.value]:
            named[one.told["slot"]] += 1
            if named[one.told["slot"]] > PER_GAP or one.told["slot_full"]:
                continue
        answer.append(one)
    return answer
