"""How full the slots of a person's categories are, and which links have a price ratio that blocks them."""

from dataclasses import dataclass
from time import perf_counter

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import category_paths_of, within
from crossmatrix.lib.digests import content_digest
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import PairState, RatioStatus, Verdict

SLOW, KEEP = 0.1, 300  # seconds: counting that takes longer is kept so long

COVER = """
WITH slot AS (
    SELECT s.id, s.wanted, mc.path AS above, cc.path AS below, mc.name AS main, cc.name AS companion
    FROM matrix_slot s JOIN catalog_category mc ON mc.id = s.main_category_id
    JOIN catalog_category cc ON cc.id = s.companion_category_id
    WHERE s.verdict = 'suitable' AND s.wanted > 0
      AND EXISTS (SELECT 1 FROM unnest(%s::text[]) AS mine(path) WHERE starts_with(mc.path, mine.path))
), above AS (
    SELECT slot.id AS slot, k.id AS category FROM slot JOIN catalog_category k ON starts_with(k.path, slot.above)
), below AS (
    SELECT slot.id AS slot, k.id AS category FROM slot JOIN catalog_category k ON starts_with(k.path, slot.below)
), mains AS (
    SELECT a.slot, count(*) AS products
    FROM above a JOIN catalog_product p ON p.category_id = a.category AND p.status = 'active' GROUP BY a.slot
), have AS (
    SELECT a.slot, p.main_id, count(*) AS companions
    FROM matrix_pair p JOIN catalog_product m ON m.id = p.main_id AND m.status = 'active'
    JOIN catalog_product c ON c.id = p.companion_id
    JOIN above a ON a.category = m.category_id JOIN below b ON b.category = c.category_id AND b.slot = a.slot
    WHERE p.approved_id IS NOT NULL AND p.verdict = 'suitable' GROUP BY a.slot, p.main_id
), filled AS (
    SELECT h.slot, sum(least(h.companions, slot.wanted)) AS there FROM have h JOIN slot ON slot.id = h.slot GROUP BY h.slot
)
SELECT slot.id, slot.main, slot.companion, coalesce(f.there, 0)::int, (m.products * slot.wanted)::int
FROM slot JOIN mains m ON m.slot = slot.id LEFT JOIN filled f ON f.slot = slot.id
ORDER BY m.products * slot.wanted - coalesce(f.there, 0) DESC, slot.id
"""


@dataclass(frozen=True)
class SlotStanding:
    """Approved companions of all active mains of a slot, of how many wanted."""

    slot: int
    main: str
    companion: str
    have: int
    wanted: int

    @property
    def share(self) -> float:
        return self.have / self.wanted


def slot_standings(user: User) -> list[SlotStanding]:
    """Every suitable slot of the person's categories that has products, those that lack most first.

    Where counting is slow the answer is up to five minutes old."""
    paths = category_paths_of(user, Permission.PAIR_EDIT)
    key = "slot-standings:" + content_digest({"paths": paths})[:32]
    kept: list[SlotStanding] | None = cache.get(key)
    if kept is not None:
        return kept
    begun = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(COVER, [paths])
        found = [SlotStanding(*row) for row in cursor.fetchall()]
    if perf_counter() - begun > SLOW:
        cache.set(key, found, KEEP)
    return found


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
