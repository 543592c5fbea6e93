"""The two jobs of the area as a worker does them."""

from datetime import date, datetime

from crossmatrix.insights.models import Refresh
from crossmatrix.insights.services.refresh import refresh_stats
from crossmatrix.insights.services.weak import order_look
from crossmatrix.jobs import services as jobs
from crossmatrix.lib.errors import N_

STEPS = {
    "read": N_("Reading orders"),
    "count": N_("Counting pairs"),
    "details": N_("Looking closer at the pairs found"),
    "store": N_("Storing"),
}
SHARE = {"read": (0, 30), "count": (30, 80), "details": (80, 90), "store": (90, 100)}  # per cent of the whole


def refresh_for_job(
    *, claim: jobs.Claim, at: datetime, until: date | None, days: int | None, engine: str | None
) -> Refresh:
    """Refresh with progress, signed by whoever ordered it; afterwards a look for weak pairs is owed."""

    def tell(step: str, done: int, total: int) -> None:
        low, high = SHARE[step]
        claim.checkpoint(progress=low + (high - low) * done // max(1, total), total=100, message=STEPS[step])

    refresh = refresh_stats(at=at, until=until, days=days, engine=engine, actor=claim.run.actor, tell=tell, claim=claim)
    claim.checkpoint(progress=100, total=100)
    claim.result(refresh=refresh.pk, orders=refresh.orders, lines=refresh.lines, pairs=refresh.pairs)
    order_look(actor=claim.run.actor, at=at)
    return refresh
