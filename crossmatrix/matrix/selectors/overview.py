"""How full the slots of a person's categories are, and which links have a price ratio that blocks them."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of, within
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import PairState, RatioStatus, Verdict
from crossmatrix.matrix.selectors import tally

KEPT, KEEP = "slot-standings", 12 * 3600  # seconds; the clock renews it when something was written

COVER = """
WITH slot AS (
    SELECT s.id, s.wanted, mc.path AS above, cc.path AS below, mc.name AS main, cc.name AS companion
    FROM matrix_slot s JOIN catalog_category mc ON mc.id = s.main_category_id
    JOIN catalog_category cc ON cc.id = s.companion_category_id
    WHERE s.verdict = 'suitable' AND s.wanted > 0
), above AS (
    SELECT slot.id AS slot, k.id AS category FROM slot JOIN catalog_category k ON starts_with(k.path, slot.above)
), below AS (
    SELECT slot.id AS slot, k.id AS category FROM slot JOIN catalog_category k ON starts_with(k.path, slot.below)
), mains AS (
    SELECT a.slot, count(*) AS products
    FROM above a JOIN catalog_product p ON p.category_id = a.category AND p.status = 'active' GROUP BY a.slot
), pairs_of_slot AS MATERIALIZED (
    SELECT a.slot, a.category AS main, b.category AS companion FROM above a JOIN below b ON b.slot = a.slot
), linked AS MATERIALIZED (  -- first the pairs by category, then the slots: the other way each pair meets each slot
    SELECT p.main_id, m.category_id AS main, c.category_id AS companion, count(*) AS companions
    FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id AND m.status = 'active'
    JOIN catalog_product c ON c.id = p.companion_id
    WHERE p.approved_id IS NOT NULL AND p.verdict = 'suitable' GROUP BY 1, 2, 3
), have AS (
    SELECT s.slot, l.main_id, sum(l.companions) AS companions
    FROM linked l JOIN pairs_of_slot s ON s.main = l.main AND s.companion = l.companion GROUP BY 1, 2
), filled AS (
    SELECT h.slot, sum(least(h.companions, slot.wanted)) AS there FROM have h JOIN slot ON slot.id = h.slot GROUP BY h.slot
)
SELECT slot.id, slot.main, slot.companion, slot.above, coalesce(f.there, 0)::int, (m.products * slot.wanted)::int
FROM slot JOIN mains m ON m.slot = slot.id LEFT JOIN filled f ON f.slot = slot.id
ORDER BY m.products * slot.wanted - coalesce(f.there, 0) DESC, slot.id
"""


@dataclass(frozen=True)
class SlotStanding:
    """Approved companions of all active mains of a slot, of how many wanted."""

    slot: int
    main: str
    companion: str
    path: str  # of the main category
    have: int
    wanted: int

    @property
    def share(self) -> float:
        return self.have / self.wanted


def slot_standings(user: User) -> list[SlotStanding] | None:
    """Every suitable slot of the person's categories that has products, those that lack most first.

    A large shop's are counted by the clock; None until it has done so."""
    found: list[SlotStanding] | None = cache.get(KEPT) if tally.is_kept(tally.PAIRS) else count_standings()
    if found is None:
        return None
    paths = tuple(category_paths_of(user, Permission.PAIR_EDIT))
    return [one for one in found if one.path.startswith(paths)]


def count_standings() -> list[SlotStanding]:
    """Of every slot of the shop: takes half a second for 200,000 pairs."""
    with connection.cursor() as cursor:
        cursor.execute(COVER)
        return [SlotStanding(*row) for row in cursor.fetchall()]


def keep_standings(*, counted_anew: bool) -> None:
    """What the clock does for a large shop after the tally; a small one is counted when it is asked."""
    if not tally.is_kept(tally.PAIRS):
        cache.delete(KEPT)
    elif counted_anew or not cache.has_key(KEPT):
        cache.set(KEPT, count_standings(), KEEP)


def blocked_links(user: User) -> QuerySet[PairRevision]:
    """Links in work or approved whose price ratio blocks them and that nobody has overridden, newest first."""
    states = [PairState.DRAFT.value, PairState.IN_REVIEW.value, PairState.APPROVED.value]
    return (
        PairRevision.objects.filter(within(user, "pair__main__category__path", Permission.PAIR_EDIT))
        .filter(ratio_status=RatioStatus.BLOCK, state__in=states, override_reason="")
        .exclude(pair__verdict=Verdict.NOT_SUITABLE)
        .select_related("pair__main", "pair__companion")
        .order_by("-pk")
    )
