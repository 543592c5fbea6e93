"""What of the matrix waits for a person: numbers in the sidebar, sections of the first page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from crossmatrix.accounts.guards import person_of
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.selectors import capped_count
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import due_of
from crossmatrix.matrix.rules.names import FIELD_NAMES
from crossmatrix.matrix.selectors.pairs import as_lines, escalated_for, returned_to, waiting_count, waiting_for
from crossmatrix.ui.numbers import ratio
from crossmatrix.ui.queue import Row, Section

FIRST = 5  # rows on the first page
COUNTED = 1000  # more need no exact number: it is asked for every page, and an exact one reads every waiting pair
TONES = {"warn": "warn", "block": "bad"}


def approvals_count(request: HttpRequest) -> int:
    return waiting_count(person_of(request), COUNTED)


def title_of(revision: PairRevision) -> str:
    return f"{revision.pair.main.name} → {revision.pair.companion.name}"


def approvals(request: HttpRequest) -> Section | None:
    """Pairs that this very person may decide on."""
    person = person_of(request)
    if not person.has_perm(Permission.PAIR_APPROVE):
        return None
    waiting = waiting_for(person)
    rows = [review_row(revision) for revision in as_lines(waiting)[:FIRST]]
    return Section(
        _("Pairs to approve"), "stamp", waiting_count(person, COUNTED), rows, reverse("matrix:approvals"), order=10
    )


def review_row(revision: PairRevision) -> Row:
    due = due_of(revision.submitted_at) if revision.submitted_at else None
    return Row(
        title=title_of(revision),
        url=reverse("matrix:approval", args=[revision.pk]),
        hint=revision.reason,
        value=ratio(revision.ratio),
        tone=TONES.get(revision.ratio_status, ""),
        state=revision.state,
        due_at=due.at if due else None,
        overdue=due is not None and due.over(timezone.now()),
    )


def escalated(request: HttpRequest) -> Section | None:
    """Reviews nobody did in time, for whoever answers for the categories."""
    person = person_of(request)
    if not person.has_perm(Permission.REVIEW_CHASE):
        return None
    late = escalated_for(person)
    count = capped_count(late, COUNTED)
    if not count:
        return None
    rows = [review_row(revision) for revision in as_lines(late)[:FIRST]]
    return Section(_("Overdue approvals"), "clock", count, rows, reverse("matrix:approvals"), order=5)


def said_of(revision: PairRevision) -> str:
    """What the draft came back with: "Reason: too general"."""
    name = FIELD_NAMES.get(revision.comment_on)
    return f"{gettext(name)}: {revision.comment}" if name else revision.comment


def returned(request: HttpRequest) -> Section | None:
    """Drafts that came back to their writer."""
    person = person_of(request)
    if not person.has_perm(Permission.PAIR_EDIT):
        return None
    drafts = returned_to(person)
    rows = [
        Row(title=title_of(one), url=reverse("matrix:pair", args=[one.pair_id]), hint=said_of(one), state="returned")
        for one in as_lines(drafts)[:FIRST]
    ]
    return Section(
        _("Pairs returned to you"), "undo", capped_count(drafts, COUNTED), rows, reverse("matrix:pairs"), order=20
    )
