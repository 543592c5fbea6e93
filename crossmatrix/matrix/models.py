from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crossmatrix.audit.models import Source
from crossmatrix.catalog.models import Category, Product
from crossmatrix.matrix.rules import PairState, RatioStatus, ReasonKind, Verdict
from crossmatrix.matrix.rules.cards import Declined, Outcome


def choices(enum: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]  # every StrEnum iterates


class Matrix(models.Model):
    """A named workspace: the subtree of mains (rows) × the subtree of companions (columns; null: every category)."""

    name = models.CharField(max_length=200, unique=True)
    mains = models.ForeignKey(Category, models.PROTECT, related_name="+")
    companions = models.ForeignKey(Category, models.PROTECT, related_name="+", null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """Type-level cell: "to a console, a connection cable, because it is needed to connect to the TV"."""

    main_category = models.ForeignKey(Category, models.PROTECT, related_name="slots")
    companion_category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=12, choices=choices(Verdict), default=Verdict.SUITABLE.value)
    reason = models.CharField(max_length=500, blank=True)  # for "not suitable": why not
    kind = models.CharField(max_length=12, choices=choices(ReasonKind), default=ReasonKind.ACCESSORY.value)
    offer_text = models.CharField(max_length=500, blank=True)
    wanted = models.IntegerField(default=1)  # companions wanted from this category
    condition = models.CharField(max_length=500, blank=True, db_default="", default="")  # rules.condition: what fits
    version = models.IntegerField(default=1)
    batch = models.CharField(max_length=64, blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["main_category", "companion_category"], name="matrix_one_slot_per_cell"),
        ]
        indexes = [models.Index(fields=["companion_category"], name="matrix_slots_to_category")]

    def __str__(self) -> str:
        return f"{self.main_category_id} × {self.companion_category_id}"


class Pair(models.Model):
    """SKU-level link main → companion. `version` grows with every write; a write names the version it saw.

    `current` is the newest revision that was not discarded; `approved` the one that releases may take.
    """

    main = models.ForeignKey(Product, models.PROTECT, related_name="companion_pairs")
    companion = models.ForeignKey(Product, models.PROTECT, related_name="main_pairs")
    verdict = models.CharField(max_length=12, choices=choices(Verdict), default=Verdict.SUITABLE.value)
    verdict_reason = models.CharField(max_length=500, blank=True)  # why not suitable
    version = models.IntegerField(default=1)
    current = models.ForeignKey("PairRevision", models.PROTECT, null=True, related_name="+")
    approved = models.ForeignKey("PairRevision", models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["main", "companion"], name="matrix_one_pair_per_link"),
            models.CheckConstraint(condition=~Q(main=F("companion")), name="matrix_no_pair_with_itself"),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="matrix_pairs_latest"),  # the order of the list
            models.Index(  # each window of the grid counts these without looking at a pair
                fields=["main", "companion"],
                name="matrix_live_links",
                condition=Q(approved__isnull=False, verdict=Verdict.SUITABLE.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.main.sku} → {self.companion.sku}"


class PairRevision(models.Model):
    """The content of a pair at one moment. Content never changes; only the state moves."""

    pair = models.ForeignKey(Pair, models.PROTECT, related_name="revisions")
    number = models.IntegerField()
    state = models.CharField(max_length=12, choices=choices(PairState), default=PairState.DRAFT.value)
    # content
    reason = models.CharField(max_length=500)
    kind = models.CharField(max_length=12, choices=choices(ReasonKind), default=ReasonKind.ACCESSORY.value)
    offer_text = models.CharField(max_length=500, blank=True)
    rank = models.IntegerField(default=100)  # 1 is shown first
    placements = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # empty: every placement
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    override_reason = models.CharField(max_length=500, blank=True)  # why a blocked price ratio is accepted
    digest = models.CharField(max_length=64)  # of the content above
    # the price-ratio verdict and the prices it was judged on
    ratio = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    ratio_status = models.CharField(max_length=8, choices=choices(RatioStatus), default=RatioStatus.UNKNOWN.value)
    judged_main_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    judged_companion_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    # where it comes from
    source = models.CharField(max_length=12, choices=Source, default=Source.HAND.value)
    batch = models.CharField(max_length=64, blank=True)
    evidence = models.JSONField(null=True, blank=True)  # frozen when it was made from a suggestion or a flag
    contributors = ArrayField(models.BigIntegerField(), default=list)  # everyone who wrote since the last approval
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)  # of the person who returned it
    comment_on = models.CharField(max_length=20, blank=True, db_default="", default="")  # the field it is about
    reminded_at = models.DateTimeField(null=True)  # half of the time for its review was over
    escalated_at = models.DateTimeField(null=True)  # all of it was over: the head of category hears of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "number"], name="matrix_revision_number_once"),
            models.UniqueConstraint(
                fields=["pair"], condition=Q(state__in=["draft", "in_review"]), name="matrix_one_open_revision"
            ),
            models.UniqueConstraint(
                fields=["pair"], condition=Q(state="approved"), name="matrix_one_approved_revision"
            ),
            models.CheckConstraint(
                # four eyes in the database: nobody approves what they wrote
                condition=~Q(state__in=["approved", "superseded", "retired"])
                | (Q(decided_by__isnull=False) & ~Q(contributors__contains=[F("decided_by")])),
                name="matrix_approved_by_another_person",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at", "id"], name="matrix_revisions_by_state"),
            models.Index(fields=["batch"], name="matrix_revisions_of_batch", condition=~Q(batch="")),
            models.Index(fields=["ratio", "id"], name="matrix_revisions_by_ratio"),  # an order of the list
            # the first page asks for these each time it is opened: few rows among all revisions
            models.Index(
                fields=["submitted_at", "id"],
                name="matrix_reviews_overdue",
                condition=Q(state="in_review", escalated_at__isnull=False),
            ),
            models.Index(
                fields=["-decided_at", "-id"],
                name="matrix_drafts_returned",
                condition=Q(state="draft") & ~Q(comment=""),
            ),
            models.Index(
                fields=["-id"],
                name="matrix_ratio_blocks",
                condition=Q(
                    state__in=["draft", "in_review", "approved"],
                    ratio_status="block",
                    override_reason="",
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pair_id} r{self.number} {self.state}"


class RatioPolicy(models.Model):
    """Limits of companion price ÷ main price: mains of one subtree, companions of another, a kind of reason."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True)  # null: every category
    companion_category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=12, blank=True, choices=choices(ReasonKind))  # empty: every kind
    warn_above = models.DecimalField(max_digits=6, decimal_places=4)
    block_above = models.DecimalField(max_digits=6, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["category", "companion_category", "kind"],
                nulls_distinct=False,
                name="matrix_one_policy_per_scope",
            ),
            models.CheckConstraint(condition=Q(warn_above__lte=F("block_above")), name="matrix_warn_before_block"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.kind} {self.warn_above}/{self.block_above}"


class OpBatch(models.Model):
    """One send of the grid: its answer is kept, so that the same send repeated changes nothing; undone as a whole."""

    key = models.CharField(max_length=64, unique=True)  # idempotency key of the client
    matrix = models.ForeignKey(Matrix, models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.JSONField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class SavedView(models.Model):
    """A person's named filter of a list or a matrix: the query of its address, so that the address says it all.

    `page` names where it belongs: "pairs", or "matrix:3".
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=4000, blank=True)
    shared = models.BooleanField(default=False)  # everybody who may open the page finds it in their menu
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "page", "name"], name="matrix_one_saved_view_per_name"),
        ]
        indexes = [models.Index(fields=["page", "name"], name="matrix_saved_views_of_page")]

    def __str__(self) -> str:
        return f"{self.page} {self.name}"


class Comment(models.Model):
    """What a person said about a cell: of two products, or of two categories. The text never changes (trigger)."""

    main = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    companion = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    main_category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    companion_category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(main__isnull=False, companion__isnull=False, main_category=None, companion_category=None)
                | Q(main=None, companion=None, main_category__isnull=False, companion_category__isnull=False),
                name="matrix_comment_has_one_place",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="matrix_comment_resolved_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["main", "companion", "id"], name="matrix_comments_of_cell"),
            models.Index(fields=["main_category", "companion_category", "id"], name="matrix_comments_of_slot"),
            models.Index(
                fields=["main", "companion"], name="matrix_open_comments", condition=Q(resolved_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_id}: {self.text[:40]}"


class Mention(models.Model):
    """Somebody was named in a comment; unread until they open it."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "person"], name="matrix_mentioned_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="matrix_unread_mentions", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} @{self.person_id}"


class CardAnswer(models.Model):
    """What came of an offer of a sales card: the companion was sold, or declined and why. Shown beside the evidence."""

    main = models.ForeignKey(Product, models.PROTECT, related_name="+")
    companion = models.ForeignKey(Product, models.PROTECT, related_name="+")
    revision = models.ForeignKey(PairRevision, models.PROTECT, related_name="+")  # what the card said
    outcome = models.CharField(max_length=8, choices=choices(Outcome))
    why = models.CharField(max_length=12, choices=choices(Declined), blank=True)
    note = models.CharField(max_length=200, blank=True)  # of another reason
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=36, unique=True)  # of the tap: sent twice it counts once
    withdrawn_at = models.DateTimeField(null=True)  # tapped by mistake

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="sold", why="") | (Q(outcome="declined") & ~Q(why="")),
                name="matrix_declined_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["main", "companion", "at"], name="matrix_card_answers", condition=Q(withdrawn_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.outcome}"


class Tally(models.Model):
    """How many pairs of two categories are in a state; of a large shop, counted by the clock.

    `state` is a pair's state, "not_suitable", or "linked": then `count` is how many mains have a companion there.
    """

    main_category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")
    companion_category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=12)
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.main_category_id} × {self.companion_category_id} {self.state}: {self.count}"


class Shelf(models.Model):
    """The products of a category in the order of the grid, of a large shop: an axis is read, not sorted.

    `products` holds their ids, eight bytes each, the high byte first; hidden ones are left out.
    """

    category = models.OneToOneField(Category, models.CASCADE, primary_key=True, related_name="+")
    products = models.BinaryField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.category_id}: {self.count}"


class Tallying(models.Model):
    """When the tally or the shelves were taken, and how many writes the counted tables had seen by then."""

    what = models.CharField(max_length=8, unique=True, default="pairs")  # pairs, shelves
    taken_at = models.DateTimeField()
    activity = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.what} {self.taken_at}"
