"""Reading channels, releases, and the links that might go out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext

from crossmatrix.bundles import selectors as bundles
from crossmatrix.catalog.models import ProductStatus
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair
from crossmatrix.matrix.rules import PairState, RatioStatus, Verdict, blocked_by_type
from crossmatrix.matrix.selectors.ratios import Judge
from crossmatrix.matrix.selectors.slots import unsuitable_types
from crossmatrix.publishing.models import Channel, Delivery, Release, ReleaseItem, ReleaseState
from crossmatrix.publishing.rules import Candidate, Link, Live, Problem, link_of

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
    return set(
        ReleaseItem.objects.filter(pair_id__in=pair_ids, release__in=Channel.objects.values("current")).values_list(
            "pair_id", flat=True
        )
    )


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

    @cache
    def by_type(main_path: str, companion_path: str) -> str | None:  # categories are few, links are many
        return blocked_by_type(main_path=main_path, companion_path=companion_path, unsuitable=unsuitable)

    for row in _pairs_of(channel).values_list(*FIELDS).iterator(chunk_size=AT_ONCE):
        yield _candidate(dict(zip(FIELDS, row, strict=True)), judge=judge, by_type=by_type)


def _pairs_of(channel: Channel) -> QuerySet[Pair]:
    on_its_way = Q(current__state__in=[PairState.DRAFT, PairState.IN_REVIEW])
    pairs = Pair.objects.filter(
        Q(approved__isnull=False) | on_its_way | Q(verdict=Verdict.NOT_SUITABLE, current__isnull=False)
    )
    if channel.category_id is not None:
        assert channel.category is not None  # noqa: S101 - narrows the type
        pairs = pairs.filter(main__category__path__startswith=channel.category.path)
    return pairs.annotate(
        main_sku=F("main__sku"), main_name=F("main__name"), main_price=F("main__price"), main_currency=F("main__currency"),
        main_status=F("main__status"), main_path=F("main__category__path"),
        companion_sku=F("companion__sku"), companion_name=F("companion__name"), companion_price=F("companion__price"),
        companion_currency=F("companion__currency"), companion_status=F("companion__status"),
        companion_path=F("companion__category__path"), stock=F("companion__stock"),
        number=F("approved__number"), reason=F("approved__reason"), kind=F("approved__kind"),
        offer_text=F("approved__offer_text"), rank=F("approved__rank"), placements=F("approved__placements"),
        valid_from=F("approved__valid_from"), valid_to=F("approved__valid_to"),
        override_reason=F("approved__override_reason"), approved_at=F("approved__decided_at"),
        approver=F("approved__decided_by__name"),
    )  # fmt: skip


FIELDS = (
    "id", "approved_id", "verdict", "verdict_reason", "main_sku", "main_name", "main_price", "main_currency", "main_status",
    "main_path", "companion_sku", "companion_name", "companion_price", "companion_currency", "companion_status",
    "companion_path", "stock", "number", "reason", "kind", "offer_text", "rank", "placements", "valid_from", "valid_to",
    "override_reason", "approved_at", "approver",
)  # fmt: skip


def _candidate(row: Mapping[str, Any], *, judge: Judge, by_type: Callable[[str, str], str | None]) -> Candidate:
    unsuitable_here = row["verdict_reason"] or "—" if row["verdict"] == Verdict.NOT_SUITABLE else None
    blocked = by_type(row["main_path"] or "", row["companion_path"] or "")
    if row["approved_id"] is None:
        return Candidate(
            pair=row["id"], revision=None, number=0, main_sku=row["main_sku"], companion_sku=row["companion_sku"],
            approved=False, not_suitable=unsuitable_here, type_not_suitable=blocked,
        )  # fmt: skip
    kind = row["kind"]
    path = row["main_path"] or ""
    same_currency = row["main_currency"] == row["companion_currency"]
    judged = judge.verdict(
        category_path=path, kind=kind, main_price=row["main_price"],
        companion_price=row["companion_price"] if same_currency else None,
    )  # fmt: skip
    return Candidate(
        pair=row["id"], revision=row["approved_id"], number=row["number"],
        main_sku=row["main_sku"], companion_sku=row["companion_sku"],
        kind=kind, reason=row["reason"], offer_text=row["offer_text"], rank=row["rank"],
        placements=tuple(row["placements"]), valid_from=row["valid_from"], valid_to=row["valid_to"],
        not_suitable=unsuitable_here, type_not_suitable=blocked,
        main_sold=row["main_status"] == ProductStatus.ACTIVE, companion_sold=row["companion_status"] == ProductStatus.ACTIVE,
        companion_stock=row["stock"], ratio_status=judged.status.value, ratio=judged.ratio,
        ratio_limit=judge.limits(path, kind).block if judged.status is RatioStatus.BLOCK else None,
        overridden=bool(row["override_reason"]), context=_context(row, judged.ratio),
    )  # fmt: skip


def _context(row: Mapping[str, Any], ratio: Decimal | None) -> dict[str, Any]:
    """What a person reads beside the link, JSON types only; money and ratio as decimal text."""
    return {
        "main_name": row["main_name"],
        "companion_name": row["companion_name"],
        "main_price": _text(row["main_price"]),
        "companion_price": _text(row["companion_price"]),
        "currency": row["main_currency"],
        "ratio": _text(ratio),
        "approved_by": row["approver"] or "",
        "approved_at": _minute(row["approved_at"]),
    }


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
