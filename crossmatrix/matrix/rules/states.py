"""What a pair can be, and the allowed moves."""

from enum import StrEnum

from crossmatrix.lib.errors import N_, Refusal


class ReasonKind(StrEnum):
    REQUIRED = "required"
    ACCESSORY = "accessory"
    THEME = "theme"
    SEASONAL = "seasonal"
    POPULAR = "popular"
    IMPULSE = "impulse"


class Verdict(StrEnum):
    UNDECIDED = "undecided"
    SUITABLE = "suitable"
    NOT_SUITABLE = "not_suitable"


class PairState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    DISCARDED = "discarded"


class PairAction(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    DISCARD = "discard"
    SUPERSEDE = "supersede"
    RETIRE = "retire"


class Placement(StrEnum):
    PRODUCT_PAGE = "product_page"
    CART = "cart"
    CHECKOUT = "checkout"
    AFTER_PURCHASE = "after_purchase"
    STORE = "store"


ONLY: dict[str, str] = {
    PairAction.SUBMIT: N_("Only a draft is sent for approval."),
    PairAction.APPROVE: N_("Only a pair that is in review can be approved."),
    PairAction.RETURN: N_("Only a pair that is in review can be returned."),
    PairAction.DISCARD: N_("Only a draft can be discarded."),
    PairAction.RETIRE: N_("Only an approved pair can be retired."),
}


class IllegalMove(Refusal):
    """The state does not allow the action; the sentence says which would."""

    code = "move.illegal"
    sentence = N_("This move is not possible here.")

    def __init__(self, *, state: str, action: str) -> None:
        super().__init__(ONLY.get(action, ""), state=state, action=action)


MOVES: dict[tuple[PairState, PairAction], PairState] = {
    (PairState.DRAFT, PairAction.SUBMIT): PairState.IN_REVIEW,
    (PairState.DRAFT, PairAction.DISCARD): PairState.DISCARDED,
    (PairState.IN_REVIEW, PairAction.APPROVE): PairState.APPROVED,
    (PairState.IN_REVIEW, PairAction.RETURN): PairState.DRAFT,
    (PairState.APPROVED, PairAction.SUPERSEDE): PairState.SUPERSEDED,
    (PairState.APPROVED, PairAction.RETIRE): PairState.RETIRED,
}


def next_state(state: PairState, action: PairAction) -> PairState:
    """The state after the action. Raises IllegalMove."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state=state.value, action=action.value) from None
