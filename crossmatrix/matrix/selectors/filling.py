"""What a slot lacks, and concrete pairs that would fill it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.db.models import Q

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.matrix.rules import PairState, RatioStatus, RatioVerdict, Verdict, blocked_by_type
from crossmatrix.matrix.rules.condition import (
    Condition,
    Goods,
    clauses_of,
    fitting,
    held,
    judge_fit,
    names_of,
    normal,
    parse,
    told,
)
from crossmatrix.matrix.rules.filling import FillSource, Option, choose
from crossmatrix.matrix.selectors import providers
from crossmatrix.matrix.selectors.compatibility import as_goods, goods_below, readable
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types

MAINS_AT_ONCE = 100  # mains with gaps on one page of proposals
FEW = 500  # products whose attributes stand for those of their category
LOOKED_AT = 20_000  # products of one side a count while typing looks at; more are said to be "the first …"
CLOSED = (PairState.RETIRED.value, PairState.DISCARDED.value)


@dataclass(frozen=True)
class Lacking:
    """An attribute that products of one side do not have."""

    side: str
    name: str
    count: int  # products without it
    everywhere: bool  # no product of the side has it
    perhaps: str = ""  # a name that some have and that is written alike


@dataclass(frozen=True)
class Matched:
    """How many products of both sides a condition brings together."""

    mains: int
    mains_matched: int
    companions: int
    companions_matched: int
    lacking: list[Lacking]
    texts: list[str]  # read as a text, and the name of an attribute of the companions
    cut: bool  # only the first LOOKED_AT were looked at


def match(text: str, main_path: str, companion_path: str) -> Matched:
    """Count what the condition matches between two subtrees. Raises BadCondition."""
    condition = parse(text)
    mains, companions = goods_below(main_path, LOOKED_AT + 1), goods_below(companion_path, LOOKED_AT + 1)
    cut = len(mains) > LOOKED_AT or len(companions) > LOOKED_AT
    mains, companions = mains[:LOOKED_AT], companions[:LOOKED_AT]
    found = fitting(condition, mains, companions)
    lacking = [
        lacking_of(side, name, missing, rows)
        for side, rows in (("main", mains), ("companion", companions))
        for name in names_of(condition, side)
        if (missing := sum(one.get(name) is None for one in rows))
    ]
    known = {name for one in companions[:FEW] for name in one.values}
    literals = [one.right for one in clauses_of(condition) if isinstance(one.right, str)]
    texts = [text for text in literals if normal(text) in known]
    matched = {pk for hits in found.values() for pk in hits}
    return Matched(len(mains), len(found), len(companions), len(matched), lacking, texts, cut)


def lacking_of(side: str, name: str, missing: int, rows: Sequence[Goods]) -> Lacking:
    """What to say of a name that some do not have; of one that nobody has, which was probably meant."""
    if missing < len(rows):
        return Lacking(side, name, missing, everywhere=False)
    known = sorted({other for one in rows[:FEW] for other in one.values})
    return Lacking(side, name, missing, everywhere=True, perhaps=next(iter(get_close_matches(name, known, 1)), ""))


def attribute_names(path: str, limit: int = 8) -> list[str]:
    """The attributes most products of a subtree have, the commonest first."""
    counts: dict[str, int] = {}
    for one in Product.objects.filter(category__path__startswith=path).order_by("sku").values_list("attributes")[:FEW]:
        for name in one[0] or {}:
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))[:limit]


@dataclass(frozen=True)
class Proposal:
    main: Product
    companion: Product
    source: FillSource
    values: list[str]  # what the condition compared: "connector: USB-C = USB-C"
    attach_rate: float | None
    ratio: RatioVerdict

    @property
    def key(self) -> str:
        return f"{self.main.pk}:{self.companion.pk}"


@dataclass(frozen=True)
class Filling:
    """`short` of `mains` products lack companions; `rows` propose for the first of them; `unhelped` found nothing."""

    mains: int
    short: int
    rows: list[Proposal]
    unhelped: int
    more: bool


def filling_of(slot: Slot, user: User) -> Filling:
    """Concrete pairs for the slot's gaps, in a fixed number of queries. Existing pairs of any state are left alone."""
    mains = (
        Product.objects.filter(within(user, "category__path", Permission.PAIR_EDIT))
        .filter(category__path__startswith=slot.main_category.path, status=ProductStatus.ACTIVE)
        .order_by("sku")
    )
    ids = list(mains.values_list("pk", flat=True))
    shelf = list(
        Product.objects.filter(category__path__startswith=slot.companion_category.path, status=ProductStatus.ACTIVE)
        .filter(Q(stock__isnull=True) | Q(stock__gt=0))
        .select_related("category")
        .defer("search")
        .order_by("sku")
    )
    have, taken = _pairs(slot)
    short = [pk for pk in ids if have.get(pk, 0) < slot.wanted]
    part = list(mains.filter(pk__in=short[:MAINS_AT_ONCE]).select_related("category").defer("search"))
    helper = _Helper(slot, part, shelf)
    rows = [row for main in part for row in helper.rows(main, slot.wanted - have.get(main.pk, 0), taken)]
    helped = {row.main.pk for row in rows}
    return Filling(len(ids), len(short), rows, len(part) - len(helped), len(short) > len(part))


def _pairs(slot: Slot) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """Main → companions in work or approved below the slot; and every pair that exists in any way."""
    have: dict[int, int] = {}
    taken = set()
    rows = Pair.objects.filter(
        main__category__path__startswith=slot.main_category.path,
        companion__category__path__startswith=slot.companion_category.path,
    ).values_list("main_id", "companion_id", "verdict", "current__state", "approved_id")
    for main, companion, verdict, state, approved in rows:
        if verdict == Verdict.NOT_SUITABLE or state is not None:
            taken.add((main, companion))
        if verdict != Verdict.NOT_SUITABLE and (approved or (state and state not in CLOSED)):
            have[main] = have.get(main, 0) + 1
    return have, taken


class _Helper:
    """What choosing for one main after the other needs, read once."""

    def __init__(self, slot: Slot, mains: Sequence[Product], shelf: Sequence[Product]) -> None:
        self.slot, self.shelf = slot, {one.pk: one for one in shelf}
        self.condition: Condition = readable(slot.condition)
        self.judge, self.unsuitable = Judge(), unsuitable_types()
        self.goods = {one.pk: _goods(one) for one in (*mains, *shelf)}
        self.evidence: dict[int, dict[int, float]] = {}
        found = providers.evidence_of([one.pk for one in mains], [one.pk for one in shelf])
        for (main, companion), (rate, _lift) in found.items():
            self.evidence.setdefault(main, {})[companion] = rate
        sides = [[self.goods[one.pk] for one in side] for side in (mains, shelf)]
        self.fitting = fitting(self.condition, *sides) if self.condition else {}

    def rows(self, main: Product, gap: int, taken: set[tuple[int, int]]) -> list[Proposal]:
        by_id: dict[int, tuple[Product, RatioVerdict]] = {}
        options = []
        fit, rates = set(self.fitting.get(main.pk, ())), self.evidence.get(main.pk, {})
        for pk in fit | rates.keys():
            one = self.shelf[pk]
            fits = True if pk in fit else self.unknown(main, one)
            if pk == main.pk or (main.pk, pk) in taken or fits is False:
                continue
            if self.blocked(main, one):
                continue
            ratio = self.judge.verdict(
                category_path=main.category_path,
                companion_path=one.category_path,
                kind=self.slot.kind,
                main_price=main.price,
                companion_price=one.price if one.currency == main.currency else None,
            )
            by_id[pk] = one, ratio
            options.append(Option(pk, one.sku, fits, rates.get(pk), RatioStatus(ratio.status), one.price))
        return [
            Proposal(main, by_id[option.companion][0], source, self.told(main, option), option.attach_rate, ratio)
            for option, source in choose(options, gap)
            for ratio in (by_id[option.companion][1],)
        ]

    def unknown(self, main: Product, companion: Product) -> bool | None:
        """None for a companion of which the condition cannot tell; False when it speaks against it."""
        if not self.condition:
            return None
        return judge_fit(self.condition, self.goods[main.pk], self.goods[companion.pk]).fits

    def blocked(self, main: Product, companion: Product) -> bool:
        paths: Mapping[str, str] = {"main_path": main.category_path, "companion_path": companion.category_path}
        return blocked_by_type(**paths, unsuitable=self.unsuitable) is not None

    def told(self, main: Product, option: Option) -> list[str]:
        sides = self.goods[main.pk], self.goods[option.companion]
        return [told(clause, *sides) for clause in (held(self.condition, *sides) if option.fits else ())]


def _goods(product: Product) -> Goods:
    return as_goods(product.pk, product.attributes, product.brand, product.sku, product.price, product.name)
