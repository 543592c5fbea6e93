"""States, reasons and fields in words, for people."""

from crossmatrix.bundles.rules.checks import FinanceReason
from crossmatrix.bundles.rules.states import BundleState, DeclineReason, S
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.rules import Placement

NEXT_STEPS: dict[BundleState, str] = {  # for the supplier
    S.DRAFT: N_("Fill it in and submit it to the shop."),
    S.SUBMITTED: N_("The shop takes it for review. You need not do anything."),
    S.IN_REVIEW: N_("A category manager is deciding. You need not do anything."),
    S.IN_FINANCE: N_("The manager agrees, finance is checking. You need not do anything."),
    S.NEEDS_CHANGES: N_("Read the comment, change the proposal and submit it again, or it will expire."),
    S.APPROVED: N_("It is agreed and will be scheduled tonight at the latest."),
    S.SCHEDULED: N_("It starts by itself on the first day if the goods are in stock."),
    S.LIVE: N_("It is on sale. Keep the goods in stock."),
    S.SUSPENDED: N_("It is not shown now: check stock and prices. It comes back by itself."),
    S.ENDED: N_("The sale is over; the shop settles the accounts."),
    S.SETTLED: N_("The accounts are settled. Nothing is left to do."),
    S.REJECTED: N_("The decision is final. You may propose another bundle."),
    S.WITHDRAWN: N_("You withdrew it. You may propose another bundle."),
    S.EXPIRED: N_("The deadline passed. You may propose another bundle."),
    S.DID_NOT_RUN: N_("A check failed on the first day. You may propose another bundle."),
    S.SUPERSEDED: N_("A newer version took its place."),
}

DECLINE_WORDS: dict[DeclineReason, str] = {
    DeclineReason.NO_DEMAND: N_("No demand for this set"),
    DeclineReason.PRICE: N_("The price does not suit us"),
    DeclineReason.NOT_COMPATIBLE: N_("The products do not fit together"),
    DeclineReason.SEASON: N_("Wrong season"),
    DeclineReason.OWN_PLANS: N_("Clashes with the shop's own plans"),
    DeclineReason.STOCK: N_("Supply is not certain"),
    DeclineReason.OTHER: N_("Another reason"),
}

FINANCE_WORDS: dict[FinanceReason, str] = {
    FinanceReason.MARGIN: N_("the margin is low"),
    FinanceReason.DISCOUNT: N_("the discount is large"),
    FinanceReason.FUNDING: N_("the shop pays most of the discount"),
    FinanceReason.EXCLUSIVITY: N_("it is exclusive"),
}

EVENT_WORDS: dict[str, str] = {
    "bundle.drafted": N_("Draft made"),
    "bundle.edited": N_("Changed"),
    "bundle.submit": N_("Submitted to the shop"),
    "bundle.claim": N_("Taken for review"),
    "bundle.to_finance": N_("Agreed by the manager, passed to finance"),
    "bundle.return": N_("Returned for changes"),
    "bundle.approve": N_("Approved"),
    "bundle.decline": N_("Declined"),
    "bundle.withdraw": N_("Withdrawn"),
    "bundle.expire": N_("Expired"),
    "bundle.schedule": N_("Scheduled"),
    "bundle.start": N_("On sale"),
    "bundle.not_run": N_("Did not run"),
    "bundle.suspend": N_("Suspended"),
    "bundle.resume": N_("On sale again"),
    "bundle.end": N_("Ended"),
    "bundle.settle": N_("Settled"),
}

FIELD_WORDS: dict[str, str] = {
    "name": N_("Name"),
    "bundle_price": N_("Bundle price"),
    "valid_from": N_("First day"),
    "valid_to": N_("Last day"),
    "funding_share": N_("Supplier's share of the discount"),
    "stock": N_("Sets available"),
    "exclusive": N_("Only in this shop"),
    "placements": N_("Where to show it"),
    "message": N_("Message to the shop"),
    "items": N_("Products"),
}

PLACEMENT_WORDS: dict[Placement, str] = {
    Placement.PRODUCT_PAGE: N_("Product page"),
    Placement.CART: N_("Cart"),
    Placement.CHECKOUT: N_("Checkout"),
    Placement.AFTER_PURCHASE: N_("After purchase"),
    Placement.STORE: N_("Store"),
}
