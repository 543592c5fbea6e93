"""What stands against a move of a bundle."""

from crossmatrix.lib.errors import N_, Refusal


class NotPermitted(Refusal):
    code = "actor.denied"
    sentence = N_("Your role does not allow this.")


class OwnApproval(Refusal):
    code = "approve.own"
    sentence = N_("You wrote this bundle, or speak for its supplier: another person has to decide.")


class DecidedBefore(Refusal):
    code = "approve.twice"
    sentence = N_("You have already decided as the manager: finance is another person.")


class StaleBundle(Refusal):
    """Somebody moved or wrote it first; show the present state and let the person choose."""

    code = "stale"
    sentence = N_("Somebody changed this bundle meanwhile. Nothing was written; look at the present state.")


class InHands(Refusal):
    code = "bundle.in_hands"
    sentence = N_("The shop is deciding on this bundle. Withdraw it first, then propose another.")


class CommentMissing(Refusal):
    code = "comment.missing"
    sentence = N_("Say in a comment what is to be changed.")


class ReasonMissing(Refusal):
    code = "reason.missing"
    sentence = N_("Choose a reason and say in words why it is declined.")


class Unchanged(Refusal):
    code = "submit.unchanged"
    sentence = N_("Nothing was changed since it came back. Change the proposal, or answer in the message.")


class CannotBeSold(Refusal):
    code = "bundle.broken"
    sentence = N_("The bundle could not be sold today: %(why)s")


class UnknownProducts(Refusal):
    code = "sku.unknown"
    sentence = N_("Not among your products: %(skus)s.")


# -- the supplier writes ------------------------------------------------------------------------------------------------
