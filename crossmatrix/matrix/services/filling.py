"""Filling the gaps of a slot with concrete pairs: drafts with the slot's words, one batch, one undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossmatrix.accounts.models import User
from crossmatrix.audit.models import Source
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Slot
from crossmatrix.matrix.rules import LinkDraft, Verdict
from crossmatrix.matrix.services.links import write_links
from crossmatrix.matrix.services.sends import send
from crossmatrix.matrix.services.shared import Key


class NothingToFill(Refusal):
    code = "slot.not_suitable"
    sentence = N_("The slot says “not suitable”: nothing is filled from it.")


@dataclass(frozen=True)
class Filled:
    """What became of one pair: `refusal` says why it was left out."""

    key: Key
    refusal: Refusal | None


def fill_slot(*, slot: Slot, keys: Sequence[Key], actor: User, at: datetime, key: str) -> list[Filled]:
    """Write the pairs as drafts with the slot's reason, kind and offer text. One that exists meanwhile is left alone.

    `undo(op_batch=…)` of the key takes all of them back. Raises NothingToFill."""
    if slot.verdict != Verdict.SUITABLE:
        raise NothingToFill
    wanted = list(dict.fromkeys(keys))
    filled: list[Filled] = []

    def write(batch: str) -> dict[str, Any]:
        drafts = [
            LinkDraft(main, companion, reason=slot.reason, kind=slot.kind, offer_text=slot.offer_text)
            for main, companion in wanted
        ]
        outcomes = write_links(
            drafts=drafts, actor=actor, at=at, source=Source.SUGGESTION.value, batch=batch,
            evidence={"slot": slot.pk, "condition": slot.condition}, bases=dict.fromkeys(range(len(drafts)), 0),
        )  # fmt: skip
        filled.extend(Filled(one.key, one.refusal) for one in outcomes)
        return {"changed": sum(one.refusal is None for one in outcomes)}

    send(key=key, actor=actor, at=at, write=write)
    return filled
