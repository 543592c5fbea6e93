"""States of everything as a shape and a word. The shape carries the meaning; colour only helps."""

from dataclasses import dataclass

from django.utils.translation import gettext

from crossmatrix.lib.errors import N_


@dataclass(frozen=True)
class Look:
    shape: str  # symbol st-… of icons.svg
    label: str
    tone: str = ""  # of the pill: ok, warn, bad, info, acc


LOOKS: dict[str, Look] = {
    # pairs
    "draft": Look("draft", N_("Draft")),
    "in_review": Look("review", N_("In review"), "warn"),
    "approved": Look("approved", N_("Approved"), "info"),
    "published": Look("published", N_("Published"), "ok"),
    "not_suitable": Look("no", N_("Not suitable")),
    "superseded": Look("retired", N_("Superseded")),
    "retired": Look("retired", N_("Retired")),
    "discarded": Look("retired", N_("Discarded")),
    # bundles
    "submitted": Look("waiting", N_("Submitted"), "info"),
    "in_finance": Look("finance", N_("With finance"), "warn"),
    "needs_changes": Look("returned", N_("Needs changes"), "warn"),
    "returned": Look("returned", N_("Returned"), "warn"),
    "countered": Look("returned", N_("Counter-offer"), "warn"),
    "rejected": Look("no", N_("Rejected"), "bad"),
    "withdrawn": Look("retired", N_("Withdrawn")),
    "expired": Look("waiting", N_("Expired")),
    "scheduled": Look("waiting", N_("Scheduled"), "info"),
    "live": Look("published", N_("Live"), "ok"),
    "suspended": Look("paused", N_("Suspended"), "warn"),
    "ended": Look("retired", N_("Ended")),
    "settled": Look("approved", N_("Settled"), "ok"),
    "did_not_run": Look("failed", N_("Did not run"), "bad"),
    # work orders and imports
    "queued": Look("waiting", N_("Queued")),
    "running": Look("running", N_("Running"), "info"),
    "done": Look("published", N_("Done"), "ok"),
    "failed": Look("failed", N_("Failed"), "bad"),
    "cancelled": Look("retired", N_("Cancelled")),
    "received": Look("waiting", N_("Received")),
    "reading": Look("running", N_("Reading"), "info"),
    "read": Look("review", N_("Read"), "info"),
    "planning": Look("running", N_("Comparing"), "info"),
    "planned": Look("review", N_("Ready to apply"), "acc"),
    "applying": Look("running", N_("Applying"), "info"),
    "applied": Look("published", N_("Applied"), "ok"),
    "undoing": Look("running", N_("Undoing"), "info"),
    "undone": Look("returned", N_("Undone")),
    # products
    "active": Look("published", N_("On sale"), "ok"),
    "out_of_stock": Look("warn", N_("Out of stock"), "warn"),
    "discontinued": Look("no", N_("Discontinued")),
    # weak flags and suggestions
    "open": Look("warn", N_("Open"), "warn"),
    "kept": Look("approved", N_("Kept")),
    "replaced": Look("approved", N_("Replaced"), "ok"),
    "snoozed": Look("paused", N_("Snoozed")),
    "closed": Look("retired", N_("Closed")),
    "accepted": Look("approved", N_("Accepted"), "ok"),
    "later": Look("paused", N_("Later")),
    # releases and deliveries
    "pending": Look("waiting", N_("Waiting")),
    "delivered": Look("published", N_("Delivered"), "ok"),
}
SAME = {"unsuitable": "not_suitable", "review": "in_review", "no": "not_suitable", "suitable": "approved"}


def look(state: str) -> Look:
    """Look of a state; one that is not listed gets the dashed ring and its own name."""
    name = str(state)
    return LOOKS.get(SAME.get(name, name)) or Look("draft", name.replace("_", " ").capitalize())


def label(state: str) -> str:
    """The state as a word in the reader's language."""
    return gettext(look(state).label)
