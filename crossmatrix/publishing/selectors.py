"""Reading channels, releases, and the links that might go out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext

from crossmatrix.bundles import selectors as bundles
from crossmatrix.catalog.models import Product, ProductStatus
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import PairState, RatioStatus, Verdict, blocked_by_type
from crossmatrix.matrix.selectors.providers import Storefront
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types
from crossmatrix.publishing.models import Channel, Delivery, Release, ReleaseItem, ReleaseState
from crossmatrix.publishing.rules import Candidate, Link, Live, Problem, link_of
from crossmatrix.ui.statements import ready_rows

AT_ONCE = 5000  # rows of one fetch from the server


class UnknownChannel(Refusal):
    code = "channel.unknown"
    sentence = N_("There is no channel “%(channel)s”.")


class UnknownRelease(Refusal):
    code = "release.unknown"
    sentence = N_("The channel has no release %(number)s.")


def channels() -> QuerySet[Channel]:
    """Every channel, by name."""
    return Channel.objects.select_related("category", "current", "current__cut_by").order_by("-active", "name", "pk")


def storefronts_of(main: Product) -> list[Storefront]:
    """The channels in use that get the main's links; the strictest first: what it shows, every shop shows."""
    path = main.category.path if main.category else ""
    return [
        Storefront(one.code, one.name, one.cap, tuple(one.placements))
        for one in channels().filter(active=True).order_by("cap", "name", "pk")
        if one.category is None or path.startswith(one.category.path)
    ]


def channel_by_code(code: str) -> Channel:
    """Raises UnknownChannel."""
    try:
        return Channel.objects.select_related("category", "current").get(code=code)
    except Channel.DoesNotExist:
        raise UnknownChannel(channel=code) from None


def releases_of(channel: Channel) -> QuerySet[Release]:
    """Sealed releases of the channel, newest first."""
    return (
        Release.objects.filter(channel=channel, state=ReleaseState.SEALED)
        .select_related("cut_by", "rolled_back_from", "previous")
        .prefetch_related(Prefetch("deliveries", Delivery.objects.order_by("pk")))
        .order_by("-number")
    )


def release_by_number(channel: Channel, number: int) -> Release:
    """Raises UnknownRelease."""
    found = releases_of(channel).filter(number=number).first()
    if found is None:
        raise UnknownRelease(number=number)
    return found


def items_of(release: Release) -> QuerySet[ReleaseItem]:
    return ReleaseItem.objects.filter(release=release).order_by("main_sku", "rank", "pk")


def links_of(release: Release | None) -> list[Link]:
    """The frozen links of a release; none of no release."""
    if release is None:
        return []
    rows = items_of(release).values_list("payload", "context", "pair_id", "revision_id")
    return [
        link_of(payload, pair_id=pair, revision_id=revision, context=context)
        for payload, context, pair, revision in rows.iterator(chunk_size=AT_ONCE)
    ]


def live_of(channel: Channel) -> Live | None:
    """What the channel shows now."""
    current = channel.current
    return Live(current.number, current.sha256, shape(current), current.links) if current else None


def shape(source: Channel | Release) -> dict[str, Any]:
    """Format and settings: what decides the form of the files beside the content."""
    return {"format": source.format, "settings": dict(source.settings)}


def published_pair_ids(pair_ids: Collection[int]) -> set[int]:
    """Those of the pairs that a live release of some channel holds."""
    # asked for every window of the grid: putting the words together took longer
    held = ready_rows(
        "SELECT DISTINCT pair_id FROM publishing_releaseitem WHERE pair_id = ANY(%s) "
        "AND release_id IN (SELECT current_id FROM publishing_channel)",
        [list(pair_ids)],
    )
    return {pair for (pair,) in held}


def published_revision_ids(pair_ids: Collection[int]) -> set[int]:
    """Revisions of the pairs that a live release of some channel holds: what the shops show now."""
    live = ReleaseItem.objects.filter(pair_id__in=pair_ids, release__in=Channel.objects.values("current"))
    return set(live.values_list("revision_id", flat=True))


def bundles_at(at: datetime) -> list[dict[str, Any]]:
    """Approved bundles whose time it is, as frozen payloads."""
    return [dict(bundle) for bundle in bundles.released_bundles(at)]


def candidates(channel: Channel) -> Iterator[Candidate]:
    """Every link of the channel's main products that is approved, on its way, or marked not suitable.

    In no order: sorting 200,000 wide rows in the database costs more than all the rest; the rule sorts within a main.
    """
    judge, unsuitable = Judge(), unsuitable_types()
    products = {row[0]: Side(*row) for row in Product.objects.values_list(*SIDE).iterator(chunk_size=AT_ONCE)}

    @cache
    def by_type(main_path: str, companion_path: str) -> str | None:  # categories are few, links are many
        return blocked_by_type(main_path=main_path, companion_path=companion_path, unsuitable=unsuitable)

    for row in _pairs_of(channel).values_list(*FIELDS).iterator(chunk_size=AT_ONCE):
        yield _candidate(Row(*row), products=products, judge=judge, by_type=by_type)


def _pairs_of(channel: Channel) -> QuerySet[Pair]:
    on_its_way = Q(current__state__in=[PairState.DRAFT, PairState.IN_REVIEW])
    pairs = Pair.objects.filter(
        Q(approved__isnull=False) | on_its_way | Q(verdict=Verdict.NOT_SUITABLE, current__isnull=False)
    )
    if channel.category_id is not None:
        assert channel.category is not None  # noqa: S101 - narrows the type
        pairs = pairs.filter(main__category__path__startswith=channel.category.path)
    return pairs


class Side(NamedTuple):
    """A product as one side of a link. Read once: a join would send it again with each of its links."""

    id: int
    sku: str
    name: str
    price: Decimal | None
    currency: str
    status: str
    stock: int | None
    path: str | None


SIDE = ("id", "sku", "name", "price", "currency", "status", "stock", "category__path")


class Row(NamedTuple):
    """A pair with its approved revision; without one all from `number` on are None."""

    id: int
    main: int
    companion: int
    approved: int | None
    verdict: str
    verdict_reason: str
    number: int
    reason: str
    kind: str
    offer_text: str
    rank: int
    placements: list[str]
    valid_from: date | None
    valid_to: date | None
    override_reason: str
    approved_at: datetime | None
    approver: str | None


FIELDS = (
    "id", "main_id", "companion_id", "approved_id", "verdict", "verdict_reason", "approved__number", "approved__reason",
    "approved__kind", "approved__offer_text", "approved__rank", "approved__placements", "approved__valid_from",
    "approved__valid_to", "approved__override_reason", "approved__decided_at", "approved__decided_by__name",
)  # fmt: skip


def _candidate(
    row: Row, *, products: Mapping[int, Side], judge: Judge, by_type: Callable[[str, str], str | None]
) -> Candidate:
    main, companion = products[row.main], products[row.companion]
    path = main.path or ""
    unsuitable_here = row.verdict_reason or "—" if row.verdict == Verdict.NOT_SUITABLE else None
    blocked = by_type(path, companion.path or "")
    if row.approved is None:
        return Candidate(
            pair=row.id, revision=None, number=0, main_sku=main.sku, companion_sku=companion.sku,
            approved=False, not_suitable=unsuitable_here, type_not_suitable=blocked,
        )  # fmt: skip
    same_currency = main.currency == companion.currency
    judged = judge.verdict(
        category_path=path, kind=row.kind, main_price=main.price,
        companion_price=companion.price if same_currency else None, companion_path=companion.path or "",
    )  # fmt: skip
    return Candidate(
        pair=row.id, revision=row.approved, number=row.number, main_sku=main.sku, companion_sku=companion.sku,
        kind=row.kind, reason=row.reason, offer_text=row.offer_text, rank=row.rank,
        placements=tuple(row.placements), valid_from=row.valid_from, valid_to=row.valid_to,
        not_suitable=unsuitable_here, type_not_suitable=blocked,
        main_sold=main.status == ProductStatus.ACTIVE, companion_sold=companion.status == ProductStatus.ACTIVE,
        companion_stock=companion.stock, ratio_status=judged.status.value, ratio=judged.ratio,
        ratio_limit=judge.limits(path, row.kind, companion.path or "").block if judged.status is RatioStatus.BLOCK else None,
        overridden=bool(row.override_reason), context=Beside(main, companion, judged.ratio, row.approver, row.approved_at),
    )  # fmt: skip


class Beside(Mapping[str, Any]):
    """What a person reads beside the link, JSON types only; money and ratio as decimal text. Worked out when it is
    read: most candidates stay out, and nobody reads theirs."""

    __slots__ = ("facts",)

    def __init__(self, *facts: Any) -> None:
        self.facts = facts

    def all(self) -> dict[str, Any]:
        main, companion, ratio, approver, approved_at = self.facts
        return {
            "main_name": main.name,
            "companion_name": companion.name,
            "main_price": _text(main.price),
            "companion_price": _text(companion.price),
            "currency": main.currency,
            "ratio": _text(ratio),
            "approved_by": approver or "",
            "approved_at": _minute(approved_at),
        }

    def __getitem__(self, name: str) -> Any:
        return self.all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.all(),)


@lru_cache(maxsize=4096)  # bulk approvals share their moment
def _minute(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def forbidden_now(links: Collection[Link]) -> dict[int, tuple[str, str]]:
    """Pair id → (code, why not) of links that have been marked not suitable since they were released."""
    unsuitable = unsuitable_types()
    rows = Pair.objects.filter(pk__in=[link.pair_id for link in links]).values_list(
        "pk", "verdict", "verdict_reason", "main__category__path", "companion__category__path"
    )
    found: dict[int, tuple[str, str]] = {}
    for pair, verdict, reason, main_path, companion_path in rows.iterator(chunk_size=AT_ONCE):
        by_type = blocked_by_type(main_path=main_path or "", companion_path=companion_path or "", unsuitable=unsuitable)
        if verdict == Verdict.NOT_SUITABLE:
            found[pair] = ("not_suitable", reason or "—")
        elif by_type is not None:
            found[pair] = ("type_not_suitable", by_type)
    return found


def message(problem: Problem) -> str:
    """The problem's sentence in the reader's language, filled with its values."""
    text = gettext(problem.sentence)
    return text % {name: _shown(value) for name, value in problem.values.items()} if problem.values else text


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return formats.number_format(value, 2, use_l10n=True)
    if hasattr(value, "isoformat"):
        return formats.date_format(value, "j E Y")
    return str(value)
