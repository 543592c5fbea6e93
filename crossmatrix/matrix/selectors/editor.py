"""The product view: a main's companions as they are planned, and what shoppers would see of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of
from crossmatrix.catalog.models import Product
from crossmatrix.matrix.models import OpBatch, Pair, PairRevision
from crossmatrix.matrix.rules import PairState, Verdict
from crossmatrix.matrix.rules.companions import Hidden, Resolved
from crossmatrix.matrix.selectors import providers
from crossmatrix.matrix.selectors.comments import open_cells
from crossmatrix.matrix.selectors.companions import (
    approved_of,
    content_of,
    is_open,
    pairs_of,
    place_of,
    resolved_for,
    state_of,
)

LOOK_BACK = 200  # sends; nobody presses Ctrl+Z more often in a row


@dataclass(frozen=True)
class Line:
    """One companion in the planned order."""

    pair: Pair
    revision: PairRevision
    companion: Product
    state: str  # a state of ui.status
    place: int
    attach_rate: float | None
    lift: float | None
    hidden: Hidden | None  # why it would not be shown today, were everything approved
    shown: bool  # before the cut
    live: int | None  # its place in the shops now, by what is approved
    talk: bool = False  # a discussion of it is open

    @property
    def comes(self) -> bool:
        """Whether approving the plan brings it into the shops."""
        return self.shown and self.live is None

    @property
    def leaves(self) -> bool:
        """Whether approving the plan takes it out of sight."""
        return self.live is not None and not self.shown

    @property
    def note(self) -> bool:
        """Whether its line has more to say than the companion itself."""
        return bool(self.hidden) or self.revision.state == PairState.IN_REVIEW or self.comes or self.leaves

    @property
    def margin(self) -> float | None:
        """Money one sale of the companion leaves; None without price or cost."""
        price, cost = self.companion.price, self.companion.cost
        return float(price - cost) if price is not None and cost is not None else None


@dataclass(frozen=True)
class Plan:
    """A main's companions in the order of their newest content."""

    lines: list[Line] = field(default_factory=list)
    cut: int = 0  # the line after which the reserve begins; 0: nothing is shown
    refused: list[Pair] = field(default_factory=list)
    cap: int = 4
    placement: str | None = None

    @property
    def shown(self) -> int:
        return sum(line.shown for line in self.lines)

    @property
    def free(self) -> int:
        """Places before the cut that nothing fills."""
        return max(0, self.cap - self.shown)

    @property
    def drafts(self) -> list[Line]:
        return [line for line in self.lines if line.revision.state == PairState.DRAFT]

    @property
    def reviews(self) -> int:
        return sum(line.revision.state == PairState.IN_REVIEW for line in self.lines)

    @property
    def unlike_shops(self) -> bool:
        """Whether approving everything would change what shoppers see."""
        planned = [line.pair.pk for line in self.lines if line.shown]
        live = sorted((line for line in self.lines if line.live), key=lambda line: line.live or 0)
        return planned != [line.pair.pk for line in live]


def plan_of(main: Product, *, today: date, placement: str | None = None, cap: int | None = None) -> Plan:
    """Every open pair of the main as planned, in a fixed number of queries."""
    pairs = pairs_of(main)
    cap = settings.PLACEMENT_CAP if cap is None else cap
    refused = [pair for pair in pairs if pair.verdict == Verdict.NOT_SUITABLE]
    live = [pair for pair in pairs if pair.verdict != Verdict.NOT_SUITABLE and is_open(pair)]
    links = sorted(((pair, content_of(pair)) for pair in live), key=lambda link: place_of(*link))
    planned = resolved_for(main, links, today=today, placement=placement, cap=cap)
    now = resolved_for(main, approved_of(live), today=today, placement=placement, cap=cap)
    evidence = providers.evidence_of([main.pk], [pair.companion_id for pair in live])
    published = providers.published_among([pair.pk for pair in live])
    talks = open_cells([main.pk], [pair.companion_id for pair in live])
    places = {pk: place for place, pk in enumerate(now.shown, start=1)}
    lines = []
    for place, (pair, revision) in enumerate(links, start=1):
        rate, lift = evidence.get((main.pk, pair.companion_id), (None, None))
        lines.append(
            Line(
                pair, revision, pair.companion, state_of(pair, revision, published), place, rate, lift,
                planned.hidden.get(pair.pk), pair.pk in planned.shown, places.get(pair.pk),
                (main.pk, pair.companion_id) in talks,
            )
        )  # fmt: skip
    cut = max((line.place for line in lines if line.shown), default=0)
    return Plan(lines, cut, refused, cap, placement)


@dataclass(frozen=True)
class Offered:
    """What the shop shows of a main at one placement."""

    lines: list[tuple[Product, PairRevision]]
    reserve: list[tuple[Product, PairRevision]]
    hidden: list[tuple[Product, PairRevision, Hidden]]

    @property
    def left(self) -> int:
        """How many are not shown."""
        return len(self.reserve) + len(self.hidden)


def offered(main: Product, *, placement: str, today: date, planned: bool = False, cap: int | None = None) -> Offered:
    """The companions shoppers see at the placement on the day: of the approved content, or of the newest."""
    live = [pair for pair in pairs_of(main) if pair.verdict != Verdict.NOT_SUITABLE and is_open(pair)]
    links = [(pair, content_of(pair)) for pair in live] if planned else approved_of(live)
    found: Resolved = resolved_for(main, links, today=today, placement=placement, cap=cap)
    by_pk = {pair.pk: (pair.companion, revision) for pair, revision in links}
    return Offered(
        [by_pk[pk] for pk in found.shown],
        [by_pk[pk] for pk in found.reserve],
        [(*by_pk[pk], why) for pk, why in found.hidden.items()],
    )


def may_rank(user: User, main: Product) -> bool:
    """Whether the person may edit pairs of this main."""
    if not user.has_perm(Permission.PAIR_EDIT):
        return False
    path = main.category.path if main.category else ""
    return any(path.startswith(prefix) for prefix in category_paths_of(user, Permission.PAIR_EDIT))


# -- undo ---------------------------------------------------------------------------------------------------------
def key_prefix(main: int) -> str:
    """How the keys of sends of the product view begin."""
    return f"product-{main}-"


def sends_of(main: int, user: User) -> list[OpBatch]:
    """The person's latest sends about the main that changed anything, newest first; an undo belongs to what it took back."""
    recent = OpBatch.objects.filter(actor=user, matrix=None).order_by("-pk")[:LOOK_BACK]
    return own_sends(reversed(recent), key_prefix(main))


def own_sends(sends: Iterable[OpBatch], prefix: str) -> list[OpBatch]:
    """Of sends in the order they were made: those with the prefix and the undoings of those, newest first."""
    mine: dict[int, OpBatch] = {}
    for send in sends:
        changed = send.answer.get("changed", 0) or send.answer.get("reversed", 0)
        if changed and (send.key.startswith(prefix) or parent_of(send) in mine):
            mine[send.pk] = send
    return list(mine.values())[::-1]


def parent_of(send: OpBatch) -> int | None:
    """Id of the send that this one took back."""
    return int(send.key.split("-")[1]) if send.key.startswith("undo-") else None


def takes_back(send: OpBatch, by_id: dict[int, OpBatch]) -> bool:
    """Whether the send is an undo; the undo of an undo is not one."""
    parent = by_id.get(parent_of(send) or 0)
    return parent is not None and not takes_back(parent, by_id)


def last_write(sends: list[OpBatch]) -> OpBatch | None:
    """What Ctrl+Z takes back."""
    by_id = {send.pk: send for send in sends}
    return next((send for send in sends if send.undone_at is None and not takes_back(send, by_id)), None)


def last_undo(sends: list[OpBatch]) -> OpBatch | None:
    """What Ctrl+Y brings again, if nothing was written since."""
    by_id = {send.pk: send for send in sends}
    for send in sends:
        if send.undone_at is None:
            return send if takes_back(send, by_id) else None
    return None
