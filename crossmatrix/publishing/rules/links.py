"""A link as it might go out, as a shop gets it, and all links of one release as its writers get them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Key = tuple[str, str]  # main and companion SKU


@dataclass(frozen=True)
class Candidate:
    """A link that might go out, with all that the decision needs. `stock` None: not counted (services)."""

    pair: int
    revision: int | None
    number: int
    main_sku: str
    companion_sku: str
    approved: bool = True
    kind: str = "accessory"
    reason: str = ""
    offer_text: str = ""
    rank: int = 100
    placements: tuple[str, ...] = ()  # empty: every placement
    valid_from: date | None = None
    valid_to: date | None = None
    not_suitable: str | None = None  # why not, at SKU level
    type_not_suitable: str | None = None  # why not, at type level
    main_sold: bool = True
    companion_sold: bool = True
    companion_stock: int | None = None
    ratio_status: str = "ok"
    ratio: Decimal | None = None
    ratio_limit: Decimal | None = None
    overridden: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)  # names and prices for people; not part of the content


@dataclass(frozen=True)
class Link:
    """A link as a shop gets it: `rank` counts from 1 within its main product; `placements` sorted, empty: everywhere.

    Two links are equal when the shop gets the same; ids and `context` do not count.
    """

    main_sku: str
    companion_sku: str
    rank: int
    kind: str
    reason: str
    offer_text: str
    placements: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    revision: int
    pair_id: int = field(default=0, compare=False)
    revision_id: int = field(default=0, compare=False)
    context: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def payload(self) -> dict[str, Any]:
        """The frozen content, JSON types only."""
        return {
            "main_sku": self.main_sku,
            "companion_sku": self.companion_sku,
            "rank": self.rank,
            "kind": self.kind,
            "reason": self.reason,
            "offer_text": self.offer_text,
            "placements": list(self.placements),
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "revision": self.revision,
        }


def link_of(
    payload: Mapping[str, Any], *, pair_id: int = 0, revision_id: int = 0, context: Mapping[str, Any] | None = None
) -> Link:
    """The link of a frozen payload."""
    return Link(
        main_sku=payload["main_sku"], companion_sku=payload["companion_sku"], rank=payload["rank"], kind=payload["kind"],
        reason=payload["reason"], offer_text=payload["offer_text"], placements=tuple(payload["placements"]),
        valid_from=date.fromisoformat(payload["valid_from"]) if payload["valid_from"] else None,
        valid_to=date.fromisoformat(payload["valid_to"]) if payload["valid_to"] else None,
        revision=payload["revision"], pair_id=pair_id, revision_id=revision_id, context=context or {},
    )  # fmt: skip


@dataclass(frozen=True)
class Document:
    """Everything a writer may put into the files of one release."""

    channel: str
    name: str
    number: int
    cut_at: datetime
    sha256: str
    links: tuple[Link, ...]
    bundles: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[Key, ...] = ()  # links of the release before that are gone
    cleared: tuple[str, ...] = ()  # mains that earlier releases of the channel had links for and this one has not
