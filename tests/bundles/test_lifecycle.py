"""Every state × every verb of a person, through the services: the move of the table, or a refusal that changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from crossmatrix.audit.models import AuditEvent
from crossmatrix.bundles import services
from crossmatrix.bundles.models import Bundle, BundleRevision, Review
from crossmatrix.bundles.rules import MOVES, BundleAction, BundleState
from crossmatrix.lib.errors import Refusal
from tests.bundles.factories import World

pytestmark = pytest.mark.django_db
FIRST_DAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
S, A = BundleState, BundleAction


def bring(world: World, state: BundleState, now) -> Bundle:
    """A bundle that came to the state by the services alone."""
    bundle = (
        world.draft(now) if state in (S.DRAFT, S.WITHDRAWN) else world.submitted(now, exclusive=state is S.IN_FINANCE)
    )
    stock = type(world.cable).objects.filter(pk=world.cable.pk)
    steps = {
        S.IN_REVIEW: lambda: services.claim(bundle=bundle, actor=world.manager, at=now),
        S.NEEDS_CHANGES: lambda: services.return_(bundle=bundle, actor=world.manager, at=now, comment="Change it"),
        S.REJECTED: lambda: services.decline(bundle=bundle, actor=world.manager, at=now, reason="price", comment="No"),
        S.WITHDRAWN: lambda: services.withdraw(bundle=bundle, actor=world.author, at=now),
        S.EXPIRED: lambda: services.advance_due(at=FIRST_DAY + timedelta(days=60)),
    }
    if state in steps:
        steps[state]()
    elif state not in (S.DRAFT, S.SUBMITTED):
        services.approve(bundle=bundle, actor=world.manager, at=now)
        if state in (S.SCHEDULED, S.LIVE, S.SUSPENDED, S.ENDED, S.DID_NOT_RUN):
            services.advance_due(at=now)
        if state is S.DID_NOT_RUN:
            stock.update(stock=0)
        if state in (S.LIVE, S.SUSPENDED, S.ENDED, S.DID_NOT_RUN):
            services.advance_due(at=FIRST_DAY)
        if state is S.SUSPENDED:
            stock.update(stock=0)
            services.advance_due(at=FIRST_DAY + timedelta(days=1))
            stock.update(stock=50)
        if state is S.ENDED:
            services.advance_due(at=FIRST_DAY + timedelta(days=60))
    return Bundle.objects.select_related("current").get(pk=bundle.pk)


VERBS = {
    A.SUBMIT: lambda bundle, world, at: services.submit(bundle=bundle, actor=world.author, at=at),
    A.WITHDRAW: lambda bundle, world, at: services.withdraw(bundle=bundle, actor=world.author, at=at),
    A.CLAIM: lambda bundle, world, at: services.claim(bundle=bundle, actor=world.head, at=at),
    A.RETURN: lambda bundle, world, at: services.return_(bundle=bundle, actor=decider(bundle, world), at=at, comment="Change it"),
    A.DECLINE: lambda bundle, world, at: services.decline(
        bundle=bundle, actor=decider(bundle, world), at=at, reason="price", comment="No"
    ),
    A.APPROVE: lambda bundle, world, at: services.approve(bundle=bundle, actor=decider(bundle, world), at=at),
}  # fmt: skip
REACHED = [state for state in S if state not in (S.SETTLED, S.SUPERSEDED)]


def decider(bundle, world):
    return world.analyst if bundle.current.state == S.IN_FINANCE else world.head


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_in_every_state(world, now, state, verb):
    bundle = bring(world, state, now)
    assert bundle.current.state == state
    events, reviews = AuditEvent.objects.count(), Review.objects.count()
    # a decision takes an unclaimed bundle first; a returned revision is frozen and needs a change before it goes again
    came_from = S.IN_REVIEW if state is S.SUBMITTED and verb in (A.APPROVE, A.RETURN, A.DECLINE) else state
    allowed = (came_from, verb) in MOVES and (state, verb) != (S.NEEDS_CHANGES, A.SUBMIT)

    refused = None
    try:
        VERBS[verb](bundle, world, now)
    except Refusal as refusal:
        refused = refusal

    becomes = BundleRevision.objects.get().state
    if allowed:
        assert refused is None
        assert becomes == MOVES[came_from, verb]
        assert AuditEvent.objects.count() > events
    else:
        assert refused is not None
        assert becomes == state
        assert (AuditEvent.objects.count(), Review.objects.count()) == (events, reviews)
