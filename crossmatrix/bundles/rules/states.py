"""States of a bundle revision and the only moves between them."""

from enum import StrEnum

from crossmatrix.lib.errors import N_, Refusal


class BundleState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_FINANCE = "in_finance"
    NEEDS_CHANGES = "needs_changes"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    LIVE = "live"
    SUSPENDED = "suspended"
    ENDED = "ended"
    SETTLED = "settled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DID_NOT_RUN = "did_not_run"
    SUPERSEDED = "superseded"  # a later revision of the same bundle took its place


class BundleAction(StrEnum):
    SUBMIT = "submit"
    CLAIM = "claim"
    TO_FINANCE = "to_finance"  # the manager agrees, finance decides
    RETURN = "return"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SCHEDULE = "schedule"
    START = "start"
    NOT_RUN = "not_run"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"
    SETTLE = "settle"
    SUPERSEDE = "supersede"


class ItemRole(StrEnum):
    MAIN = "main"
    COMPANION = "companion"


class Stage(StrEnum):
    MANAGER = "manager"
    FINANCE = "finance"


class Decision(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    DECLINED = "declined"


class DeclineReason(StrEnum):
    NO_DEMAND = "no_demand"
    PRICE = "price"
    NOT_COMPATIBLE = "not_compatible"
    SEASON = "season"
    OWN_PLANS = "own_plans"
    STOCK = "stock"
    OTHER = "other"


S, A = BundleState, BundleAction
OPEN = frozenset({S.DRAFT, S.NEEDS_CHANGES})  # the supplier writes
IN_HANDS = frozenset({S.SUBMITTED, S.IN_REVIEW, S.IN_FINANCE})  # the shop decides: one such revision per bundle
RUNNING = frozenset({S.APPROVED, S.SCHEDULED, S.LIVE, S.SUSPENDED})  # agreed and not over: one per bundle
RELEASED = frozenset({S.APPROVED, S.SCHEDULED, S.LIVE})  # what storefronts may get
AGREED = RUNNING | {S.ENDED, S.SETTLED, S.DID_NOT_RUN}  # states that need the approvals of this very content

MOVES: dict[tuple[BundleState, BundleAction], BundleState] = {
    (S.DRAFT, A.SUBMIT): S.SUBMITTED,
    (S.DRAFT, A.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, A.CLAIM): S.IN_REVIEW,
    (S.SUBMITTED, A.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, A.EXPIRE): S.EXPIRED,
    (S.IN_REVIEW, A.APPROVE): S.APPROVED,
    (S.IN_REVIEW, A.TO_FINANCE): S.IN_FINANCE,
    (S.IN_REVIEW, A.RETURN): S.NEEDS_CHANGES,
    (S.IN_REVIEW, A.DECLINE): S.REJECTED,
    (S.IN_REVIEW, A.WITHDRAW): S.WITHDRAWN,
    (S.IN_REVIEW, A.EXPIRE): S.EXPIRED,
    (S.IN_FINANCE, A.APPROVE): S.APPROVED,
    (S.IN_FINANCE, A.RETURN): S.NEEDS_CHANGES,
    (S.IN_FINANCE, A.DECLINE): S.REJECTED,
    (S.IN_FINANCE, A.WITHDRAW): S.WITHDRAWN,
    (S.IN_FINANCE, A.EXPIRE): S.EXPIRED,
    (S.NEEDS_CHANGES, A.SUBMIT): S.SUBMITTED,
    (S.NEEDS_CHANGES, A.WITHDRAW): S.WITHDRAWN,
    (S.NEEDS_CHANGES, A.EXPIRE): S.EXPIRED,
    (S.NEEDS_CHANGES, A.SUPERSEDE): S.SUPERSEDED,
    (S.APPROVED, A.SCHEDULE): S.SCHEDULED,
    (S.APPROVED, A.SUPERSEDE): S.SUPERSEDED,
    (S.SCHEDULED, A.START): S.LIVE,
    (S.SCHEDULED, A.NOT_RUN): S.DID_NOT_RUN,
    (S.SCHEDULED, A.SUPERSEDE): S.SUPERSEDED,
    (S.LIVE, A.SUSPEND): S.SUSPENDED,
    (S.LIVE, A.END): S.ENDED,
    (S.LIVE, A.SUPERSEDE): S.SUPERSEDED,
    (S.SUSPENDED, A.RESUME): S.LIVE,
    (S.SUSPENDED, A.END): S.ENDED,
    (S.SUSPENDED, A.SUPERSEDE): S.SUPERSEDED,
    (S.ENDED, A.SETTLE): S.SETTLED,
}


class IllegalMove(Refusal):
    """The state does not allow the action."""

    code = "move.illegal"
    sentence = N_("The bundle is “%(state)s”: this is not possible any more.")


def next_state(state: BundleState, action: BundleAction) -> BundleState:
    """The state after the action. Raises IllegalMove."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state=state.value, action=action.value) from None
