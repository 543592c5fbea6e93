"""Ratio policies, and keeping the stored verdicts true to today's prices and policies."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.audit.services import Entry, record, record_many
from crossmatrix.catalog.models import Category
from crossmatrix.jobs import services as jobs
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import RatioPolicy
from crossmatrix.matrix.rules import RATIO_DIGITS, ReasonKind
from crossmatrix.matrix.selectors.ratios import default_limits
from crossmatrix.matrix.services import shared

RECHECK = "crossmatrix.matrix.tasks.recheck_ratios"
RATIO_MAX = Decimal("99.9999")  # as the column


class BadPolicy(Refusal):
    code = "policy.invalid"
    sentence = N_("The warning limit comes before the blocking limit, and both are between 0 and 9,999 percent.")


class PolicyTaken(Refusal):
    code = "policy.taken"
    sentence = N_("There is already a policy for this category and kind of reason.")


def _contents(policy: RatioPolicy) -> dict[str, object]:
    return {
        "category": policy.category_id,
        "companion_category": policy.companion_category_id,
        "kind": policy.kind,
        "warn_above": str(policy.warn_above),
        "block_above": str(policy.block_above),
    }


@transaction.atomic
def set_policy(
    *,
    category: Category | None,
    kind: str,
    warn_above: Decimal,
    block_above: Decimal,
    actor: User | None,
    at: datetime,
    policy: RatioPolicy | None = None,
    companion_category: Category | None = None,
) -> RatioPolicy:
    """Write the limits for mains of a subtree, companions of another (None: all) and a kind of reason ("": all), or
    rewrite `policy`.

    Orders a recheck of the stored verdicts. Raises BadPolicy, PolicyTaken."""
    warn, block = warn_above.quantize(RATIO_DIGITS), block_above.quantize(RATIO_DIGITS)
    if not 0 <= warn <= block <= RATIO_MAX or (kind and kind not in set(ReasonKind)):
        raise BadPolicy
    if policy is None:
        policy = RatioPolicy.objects.filter(category=category, companion_category=companion_category, kind=kind).first()
    before = _contents(policy) if policy else None
    policy = policy or RatioPolicy()
    policy.category, policy.companion_category, policy.kind = category, companion_category, kind
    policy.warn_above, policy.block_above = warn, block
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError:
        raise PolicyTaken from None
    record(kind="policy.set", subject=policy, at=at, actor=actor, before=before, after=_contents(policy))
    jobs.order(RECHECK, at=at, actor=actor)
    return policy


@transaction.atomic
def remove_policy(*, policy: RatioPolicy, actor: User | None, at: datetime) -> None:
    """Take the policy away: wider ones or the default count again. Orders a recheck."""
    record(kind="policy.removed", subject=policy, at=at, actor=actor, before=_contents(policy))
    policy.delete()
    jobs.order(RECHECK, at=at, actor=actor)


# Verdicts of revisions that still count, judged again; only the rows whose prices or status differ come out.
# The policy: nearest category of the main, then of the companion, then the one that names the kind (as limits_for).
STALE = """
WITH judged AS (
    SELECT r.id, r.pair_id, p.main_id, p.companion_id, m.price AS main_price, c.price AS companion_price,
           CASE WHEN m.price > 0 THEN round(c.price / m.price, 4) END AS ratio,
           coalesce(policy.warn_above, %(warn)s) AS warn, coalesce(policy.block_above, %(block)s) AS block
    FROM matrix_pairrevision r
    JOIN matrix_pair p ON p.id = r.pair_id
    JOIN catalog_product m ON m.id = p.main_id
    JOIN catalog_product c ON c.id = p.companion_id
    LEFT JOIN catalog_category k ON k.id = m.category_id
    LEFT JOIN catalog_category q ON q.id = c.category_id
    LEFT JOIN LATERAL (
        SELECT y.warn_above, y.block_above
        FROM matrix_ratiopolicy y LEFT JOIN catalog_category z ON z.id = y.category_id
        LEFT JOIN catalog_category w ON w.id = y.companion_category_id
        WHERE starts_with(coalesce(k.path, ''), coalesce(z.path, ''))
          AND starts_with(coalesce(q.path, ''), coalesce(w.path, '')) AND y.kind IN ('', r.kind)
        ORDER BY length(coalesce(z.path, '')) DESC, length(coalesce(w.path, '')) DESC, y.kind <> '' DESC LIMIT 1
    ) policy ON true
    WHERE r.state IN ('draft', 'in_review', 'approved')
), verdicts AS (
    SELECT *, CASE WHEN ratio IS NULL THEN 'unknown' WHEN ratio > block THEN 'block'
                   WHEN ratio > warn THEN 'warn' ELSE 'ok' END AS status
    FROM judged
)
SELECT v.id, v.pair_id, v.main_price, v.companion_price, v.ratio, v.status
FROM verdicts v JOIN matrix_pairrevision r ON r.id = v.id
WHERE r.ratio_status <> v.status OR r.judged_main_price IS DISTINCT FROM v.main_price
   OR r.judged_companion_price IS DISTINCT FROM v.companion_price
ORDER BY v.main_id, v.companion_id, v.id
"""

APPLY = """
WITH fresh AS (
    SELECT * FROM unnest(%(id)s::bigint[], %(main)s::numeric[], %(companion)s::numeric[], %(ratio)s::numeric[], %(status)s::varchar[])
           AS x(id, main_price, companion_price, ratio, status)
), was AS (
    SELECT r.id, r.pair_id, r.ratio_status, r.ratio, m.sku AS main, c.sku AS companion
    FROM matrix_pairrevision r JOIN matrix_pair p ON p.id = r.pair_id
    JOIN catalog_product m ON m.id = p.main_id JOIN catalog_product c ON c.id = p.companion_id
    WHERE r.id = ANY(%(id)s::bigint[])
)
UPDATE matrix_pairrevision r
SET ratio = f.ratio, ratio_status = f.status, judged_main_price = f.main_price, judged_companion_price = f.companion_price
FROM fresh f JOIN was w USING (id)
WHERE r.id = f.id AND r.state IN ('draft', 'in_review', 'approved')
RETURNING w.pair_id, w.main || ' → ' || w.companion, w.ratio_status, w.ratio, f.status, f.ratio
"""


def stale_ratios() -> list[tuple[int, int, Decimal | None, Decimal | None, Decimal | None, str]]:
    """(revision, pair, main price, companion price, ratio, status) where the stored verdict is not today's."""
    limits = default_limits()
    with connection.cursor() as cursor:
        cursor.execute(STALE, {"warn": limits.warn, "block": limits.block})
        return list(cursor.fetchall())


def recheck_ratios(*, at: datetime) -> int:
    """Judge again where prices or policies changed since; returns how many verdicts were rewritten.

    Values are compared, never times: a price stamped before the check and committed after it is found the next time.
    A status that changed is told in the pair's history. Chunks commit on their own: running it again finishes it."""
    rows = stale_ratios()
    for start in range(0, len(rows), shared.CHUNK):
        with transaction.atomic():
            _rewrite(rows[start : start + shared.CHUNK], at)
    return len(rows)


def _rewrite(rows: list[tuple[int, int, Decimal | None, Decimal | None, Decimal | None, str]], at: datetime) -> None:
    shared.lock_pairs({row[1] for row in rows})
    with connection.cursor() as cursor:
        cursor.execute(
            APPLY,
            {
                "id": [row[0] for row in rows],
                "main": [row[2] for row in rows],
                "companion": [row[3] for row in rows],
                "ratio": [row[4] for row in rows],
                "status": [row[5] for row in rows],
            },
        )
        told = [row for row in cursor.fetchall() if row[2] != row[4]]
    entries = [
        Entry(
            "pair.ratio", shared.SUBJECT, pair, label,
            {"ratio_status": was, "ratio": float(before) if before is not None else None},
            {"ratio_status": becomes, "ratio": float(after) if after is not None else None},
        )
        for pair, label, was, before, becomes, after in told
    ]  # fmt: skip
    record_many(entries=entries, at=at, actor=None, source=Source.SYSTEM.value)
