"""What every writer of pairs needs: the facts of the products, whose they are, the locks, the snapshot for history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.audit.models import Source
from crossmatrix.audit.selectors import history_of
from crossmatrix.catalog.models import Product
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.rules import LinkContent, Verdict

SUBJECT = "matrix.pair"  # of the audit events
CHUNK = 5000  # links per round of statements: bounds memory and the size of one statement
TRUSTED = frozenset({Source.BUNDLE.value, Source.SYSTEM.value})  # their scope was decided where the work was approved

Key = tuple[int, int]  # (main id, companion id)


class OutOfScope(Refusal):
    """The actor's roles do not reach the main product's category."""

    code = "pair.out_of_scope"
    sentence = N_("You may not do this for “%(main)s”: it is outside your categories.")


class NotSuitable(Refusal):
    """A verdict "not suitable" stands, at SKU or type level."""

    code = "pair.not_suitable"
    sentence = N_("The pair is marked as not suitable: %(reason)s Withdraw the mark first.")


class UnknownProduct(Refusal):
    code = "sku.unknown"
    sentence = N_("There is no product “%(sku)s”.")


class StalePair(Refusal):
    """Somebody wrote first. `current` is the present cell: version, content, state, who and when."""

    code = "stale"
    sentence = N_("%(who)s changed this pair meanwhile. Nothing was written; look at the present state.")

    def __init__(self, *, current: Mapping[str, Any], who: str) -> None:
        self.current = dict(current)
        super().__init__(who=who)


def not_suitable(reason: str) -> NotSuitable:
    """The refusal with its reason as a sentence."""
    text = reason.strip()
    return NotSuitable(reason=(text if text.endswith((".", "!", "?")) else f"{text}.") if text else "—")


@dataclass(frozen=True)
class Facts:
    """What judging a link needs to know about a product."""

    id: int
    sku: str
    price: Decimal | None
    path: str  # of its category; "" without one


def facts_of(ids: Collection[int]) -> dict[int, Facts]:
    rows = Product.objects.filter(pk__in=ids).values_list("pk", "sku", "price", "category__path")
    return {pk: Facts(pk, sku, price, path or "") for pk, sku, price, path in rows}


class Scope:
    """Where the actor may do a thing. Nobody (the system) and trusted sources may everywhere."""

    def __init__(self, actor: User | None, permission: Permission, source: str = Source.HAND.value) -> None:
        everywhere = actor is None or source in TRUSTED
        self.paths = [""] if everywhere or actor is None else category_paths_of(actor, permission)

    def allows(self, path: str) -> bool:
        return any(path.startswith(prefix) for prefix in self.paths)

    def check(self, path: str, name: str) -> None:
        if not self.allows(path):
            raise OutOfScope(main=name)


def pair_ids(keys: Sequence[Key]) -> dict[Key, int]:
    """Ids of the pairs that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.main_id, p.companion_id, p.id FROM matrix_pair p "
            "JOIN unnest(%s::bigint[], %s::bigint[]) AS k(main_id, companion_id) USING (main_id, companion_id)",
            [[key[0] for key in keys], [key[1] for key in keys]],
        )
        return {(main, companion): pk for main, companion, pk in cursor.fetchall()}


def lock_pairs(ids: Iterable[int]) -> dict[int, Pair]:
    """The pairs, locked until the transaction ends. Every writer locks in (main, companion) order: no deadlocks.

    The revisions are read by `revisions_of` afterwards, never joined here: a join would show the revision
    of before the wait for the lock."""
    locked = (
        Pair.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(ids))
        .order_by("main_id", "companion_id")
    )
    return {pair.pk: pair for pair in locked}


def revisions_of(ids: Iterable[int | None]) -> dict[int, PairRevision]:
    return PairRevision.objects.in_bulk([pk for pk in ids if pk is not None])


def content_of(revision: PairRevision) -> LinkContent:
    return LinkContent(
        reason=revision.reason,
        kind=revision.kind,
        rank=revision.rank,
        offer_text=revision.offer_text,
        placements=tuple(revision.placements),
        valid_from=revision.valid_from,
        valid_to=revision.valid_to,
        override_reason=revision.override_reason,
    )


def snapshot(pair: Pair | None, revision: PairRevision | None) -> dict[str, Any]:
    """The pair as history keeps it: enough to show what changed and to undo it."""
    answer: dict[str, Any] = {
        "version": pair.version if pair else 0,
        "verdict": pair.verdict if pair else Verdict.UNDECIDED.value,
        "verdict_reason": pair.verdict_reason if pair else "",
        "revision": revision.pk if revision else None,
        "state": revision.state if revision else None,
    }
    return answer | (content_of(revision).as_dict() if revision else {})


KEEP = ("version", "revision", "state")


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides reduced to what differs, but always with version, revision and state (undo reads them)."""
    names = [name for name in {**before, **after} if name in KEEP or before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def present(pair: Pair, revision: PairRevision | None) -> dict[str, Any]:
    """The cell as a client gets it, JSON-ready."""
    cell = snapshot(pair, revision)
    cell["rev"] = pair.version
    cell["ratio"] = float(revision.ratio) if revision and revision.ratio is not None else None
    cell["ratio_status"] = revision.ratio_status if revision else None
    cell["updated_at"] = pair.updated_at.isoformat()
    return cell


def last_writer(pair: Pair) -> str:
    """Name of the person behind the newest event of the pair; "" for the system."""
    event = history_of(pair).first()
    return str(event.actor) if event and event.actor else ""
