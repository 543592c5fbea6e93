"""Any order of actions by three people, and many at the same moment."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crossmatrix.accounts.rules import Role
from crossmatrix.audit.models import AuditEvent
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.models import Pair, PairRevision
from crossmatrix.matrix.services import LinkDraft
from tests.factories import ProductFactory, member

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
people = st.integers(0, 2)


class LifeOfAPair(RuleBasedStateMachine):
    """Whatever happens: nobody's own approval passes, decided content never changes, one revision is open at most."""

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.people = [member(Role.HEAD) for _ in range(3)]
        main, self.companion = ProductFactory(price="1000"), ProductFactory(price="100")
        self.main, self.decided, self.writers, self.version = main, {}, set(), 0

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def attempt(self, action):
        try:
            return action()
        except Refusal:
            return None

    def current(self):
        pair = Pair.objects.select_related("current", "approved").filter(main=self.main).first()
        return pair, pair.current if pair else None

    @rule(who=people, reason=st.sampled_from(["Fits", "Matches", "Looks good"]))
    def write(self, who, reason):
        before = self.current()[1]
        draft = LinkDraft(self.main.pk, self.companion.pk, reason=reason)
        written = self.attempt(lambda: services.set_pair(draft=draft, actor=self.people[who], at=AT))
        if written is not None and (before is None or written.pk != before.pk):
            kept = self.writers if before is not None and before.state == "draft" else set()
            self.writers = kept | {self.people[who].pk}

    @rule(who=people)
    def submit(self, who):
        self.move(services.submit, who)

    @rule(who=people)
    def approve(self, who):
        approved = self.move(services.approve, who)
        assert approved is None or self.people[who].pk not in self.writers

    @rule(who=people)
    def return_(self, who):
        self.move(services.return_, who, comment="Again")

    @rule(who=people)
    def discard(self, who):
        self.move(services.discard, who)

    @rule(who=people)
    def retire(self, who):
        self.move(services.retire, who)

    @rule(who=people)
    def mark(self, who):
        self.attempt(
            lambda: services.mark_unsuitable(
                main_id=self.main.pk, companion_id=self.companion.pk, reason="No", actor=self.people[who], at=AT
            )
        )

    @rule(who=people)
    def withdraw(self, who):
        pair, _ = self.current()
        if pair is not None:
            self.attempt(lambda: services.withdraw_unsuitable(pair=pair, actor=self.people[who], at=AT))

    def move(self, service, who, **more):
        _, revision = self.current()
        if revision is None:
            return None
        return self.attempt(lambda: service(revision=revision, actor=self.people[who], at=AT, **more))

    @invariant()
    def decided_content_stands(self):
        for one in PairRevision.objects.filter(state__in=["approved", "superseded", "retired"]):
            assert one.decided_by_id not in one.contributors
            content = (one.reason, one.kind, one.rank, one.digest, tuple(one.contributors), one.decided_by_id)
            assert self.decided.setdefault(one.pk, content) == content

    @invariant()
    def the_pair_points_at_the_truth(self):
        pair, revision = self.current()
        if pair is None:
            return
        assert pair.version >= self.version
        self.version = pair.version
        states = list(pair.revisions.values_list("state", flat=True))
        assert states.count("approved") == (1 if pair.approved_id else 0)
        assert pair.approved is None or pair.approved.state == "approved"
        assert sum(state in {"draft", "in_review"} for state in states) <= 1
        assert revision is None or revision.state != "discarded"
        assert revision is None or pair.verdict != "undecided"

    @invariant()
    def history_counts_every_version(self):
        pair, _ = self.current()
        if pair is not None:
            assert AuditEvent.objects.filter(subject_type="matrix.pair", subject_id=pair.pk).count() == pair.version


@pytest.mark.django_db
def test_any_order_of_actions_keeps_the_rules():
    run_state_machine_as_test(
        LifeOfAPair,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


EDITS, THREADS = 25, 8


@pytest.mark.django_db(transaction=True)
def test_edits_of_one_pair_at_the_same_moment_lose_nothing_and_lie_to_nobody():
    writers = [member(Role.HEAD) for _ in range(THREADS)]
    main, companion = ProductFactory(price="1000"), ProductFactory(price="100")
    told: list[tuple[int, bool]] = []
    start = Barrier(THREADS)

    def work(number):
        start.wait()
        for turn in range(EDITS):
            pair = Pair.objects.filter(main=main, companion=companion).first()
            draft = LinkDraft(main.pk, companion.pk, reason=f"{number}-{turn}")
            try:
                services.set_pair(draft=draft, actor=writers[number], at=AT, base_version=pair.version if pair else 0)
                told.append((number, True))
            except services.StalePair:
                told.append((number, False))
        connection.close()

    threads = [Thread(target=work, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    written = sum(done for _, done in told)
    pair = Pair.objects.get()
    events = AuditEvent.objects.filter(subject_type="matrix.pair", subject_id=pair.pk)
    assert len(told) == THREADS * EDITS
    assert (pair.version, events.count(), pair.revisions.count()) == (written, written, written)
    assert pair.revisions.filter(state="draft").get() == pair.current
    assert set(pair.current.contributors) == {writers[number].pk for number, done in told if done}


@pytest.mark.django_db(transaction=True)
def test_only_one_of_many_approvals_at_the_same_moment_passes():
    writer, deciders = member(Role.HEAD), [member(Role.HEAD) for _ in range(6)]
    main, companion = ProductFactory(price="1000"), ProductFactory(price="100")
    revision = services.set_pair(draft=LinkDraft(main.pk, companion.pk, reason="Fits"), actor=writer, at=AT)
    services.submit(revision=revision, actor=writer, at=AT)
    codes: list[str] = []
    start = Barrier(len(deciders))

    def decide(person):
        start.wait()
        try:
            services.approve(revision=revision, actor=person, at=AT)
            codes.append("done")
        except Refusal as refusal:
            codes.append(refusal.code)
        connection.close()

    threads = [Thread(target=decide, args=[person]) for person in deciders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(codes) == ["done", *["move.illegal"] * 5]
