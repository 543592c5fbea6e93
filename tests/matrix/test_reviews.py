"""A review that waits too long; a comment on one field."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.matrix import services
from crossmatrix.matrix.rules import due_of
from crossmatrix.matrix.services.single import UnknownField
from crossmatrix.matrix.views.queue import approvals, escalated, returned
from tests.factories import member

FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)


def test_a_review_is_due_after_three_working_days_and_reminded_of_half_way():
    due = due_of(FRIDAY)

    assert due.at == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert due.remind_at == datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert [due.half(at) for at in (due.remind_at - timedelta(seconds=1), due.remind_at, due.at)] == [
        False,
        True,
        False,
    ]
    assert [due.over(at) for at in (due.at - timedelta(seconds=1), due.at)] == [False, True]


@pytest.fixture
def sent(drafted, writer):
    return services.submit(revision=drafted, actor=writer, at=FRIDAY)


@pytest.mark.django_db
def test_each_review_is_reminded_of_and_escalated_once(sent):
    due = due_of(FRIDAY)
    moments = [due.remind_at - timedelta(hours=1), due.remind_at, due.remind_at, due.at, due.at + timedelta(days=9)]

    done = [services.chase_reviews(at=at) for at in moments]

    assert [(one["reminded"], one["escalated"]) for one in done] == [(0, 0), (1, 0), (0, 0), (0, 1), (0, 0)]
    sent.refresh_from_db()
    assert (sent.reminded_at, sent.escalated_at) == (due.remind_at, due.at)
    told = AuditEvent.objects.filter(kind__startswith="pair.review_").order_by("pk")
    assert [(event.kind, event.actor_id) for event in told] == [
        ("pair.review_reminded", None),
        ("pair.review_escalated", None),
    ]


@pytest.mark.django_db
def test_the_clock_begins_anew_when_a_returned_pair_is_sent_again(sent, writer, approver):
    services.chase_reviews(at=due_of(FRIDAY).at)
    back = services.return_(revision=sent, actor=approver, at=FRIDAY, comment="Say why")

    again = services.submit(revision=back, actor=writer, at=FRIDAY + timedelta(days=30))

    assert (again.reminded_at, again.escalated_at) == (None, None)


@pytest.mark.django_db
def test_the_head_of_category_sees_what_is_overdue_in_their_categories_only(rf, sent, consoles, cables, approver):
    head, other = member(Role.HEAD, category=consoles), member(Role.HEAD, category=cables)
    services.chase_reviews(at=due_of(FRIDAY).at)

    def seen_by(person):
        request = rf.get("/")
        request.user = person
        with time_machine.travel(due_of(FRIDAY).at, tick=False):
            return escalated(request), approvals(request)

    late, mine = seen_by(head)
    assert (late.count, late.rows[0].overdue, late.rows[0].url) == (1, True, reverse("matrix:approval", args=[sent.pk]))
    assert mine.rows[0].due_at == due_of(FRIDAY).at
    assert seen_by(other)[0] is None
    assert seen_by(approver)[0] is None


@pytest.mark.django_db
def test_a_pair_is_returned_with_a_comment_on_one_field(client, rf: RequestFactory, sent, writer, approver):
    client.force_login(approver, backend="crossmatrix.accounts.backends.RoleBackend")
    said = {"action": "return", "comment": "Too general", "field": "reason"}

    client.post(reverse("matrix:decide", args=[sent.pk]), said)

    sent.refresh_from_db()
    assert (sent.state, sent.comment, sent.comment_on) == ("draft", "Too general", "reason")
    request = rf.get("/")
    request.user = writer
    assert returned(request).rows[0].hint == "Причина: Too general"


@pytest.mark.django_db
def test_a_comment_on_a_field_that_is_none_changes_nothing(sent, approver, now):
    with pytest.raises(UnknownField):
        services.return_(revision=sent, actor=approver, at=now, comment="Hm", comment_on="colour")

    sent.refresh_from_db()
    assert sent.state == "in_review"
