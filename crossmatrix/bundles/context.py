"""What waits for the person, for the sidebar and the first page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.bundles import selectors
from crossmatrix.bundles.models import Bundle
from crossmatrix.bundles.rules import BundleState
from crossmatrix.ui import numbers
from crossmatrix.ui.queue import Row, Section

ROWS = 5


def waiting(request: HttpRequest) -> int:
    """Bundles that wait for this person's decision."""
    return selectors.queue_for(person_of(request)).count()


def to_change(request: HttpRequest) -> int:
    """Proposals that wait for this supplier's changes."""
    return selectors.own_bundles(person_of(request)).filter(current__state=BundleState.NEEDS_CHANGES).count()


def section(request: HttpRequest) -> Section | None:
    """Bundles to decide on, the most urgent first; None for people who do not review."""
    user = person_of(request)
    if not (user.has_perm(Permission.BUNDLE_REVIEW) or user.has_perm(Permission.BUNDLE_FINANCE)):
        return None
    queue = selectors.queue_for(user)
    return Section(
        title=_("Bundles to decide on"), icon="gift", count=queue.count(), rows=[row(bundle) for bundle in queue[:ROWS]],
        url=reverse("bundles:list"), order=40,
    )  # fmt: skip


def row(bundle: Bundle) -> Row:
    revision = bundle.current
    due = revision.due_at if revision else None
    return Row(
        title=bundle.name,
        url=reverse("bundles:review", args=[bundle.public_id]),
        hint=bundle.supplier.name,
        value=numbers.money(revision.bundle_price, revision.currency) if revision else "",
        state=revision.state if revision else "",
        due_at=due,
        overdue=due is not None and due < timezone.now(),
    )
