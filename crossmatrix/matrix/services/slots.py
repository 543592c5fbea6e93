"""Type-level cells: reason, kind, how many companions are wanted, or "not suitable" and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.audit.models import Source
from crossmatrix.audit.selectors import history_of
from crossmatrix.audit.services import Entry, record_many
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.models import Slot
from crossmatrix.matrix.rules import SlotContent, SlotDraft, Verdict, merge_slot
from crossmatrix.matrix.selectors.history import events_named
from crossmatrix.matrix.services.links import Applied, Outcome
from crossmatrix.matrix.services.marks import ReasonMissing
from crossmatrix.matrix.services.shared import Key, Scope, StalePair
from crossmatrix.matrix.services.standing import standing_versions
from crossmatrix.matrix.services.undone import Undone

SUBJECT = "matrix.slot"


class UnknownCategory(Refusal):
    code = "category.unknown"
    sentence = N_("There is no such category.")


def content_of(slot: Slot) -> SlotContent:
    return SlotContent(slot.verdict, slot.reason, slot.kind, slot.offer_text, slot.wanted, slot.condition)


def snapshot(slot: Slot) -> dict[str, Any]:
    return content_of(slot).as_dict() | {"version": slot.version}


def present(slot: Slot) -> dict[str, Any]:
    return snapshot(slot) | {"rev": slot.version, "state": None, "updated_at": slot.updated_at.isoformat()}


def last_writer(slot: Slot) -> str:
    event = history_of(slot).first()
    return str(event.actor) if event and event.actor else ""


@dataclass
class SlotPlan:
    """What one call writes, gathered slot by slot."""

    actor: User | None
    at: datetime
    batch: str
    scope: Scope
    save: list[Slot] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def put(self, slot: Slot, content: SlotContent, label: str, kind: str = "slot.set") -> None:
        before = snapshot(slot)
        slot.verdict, slot.reason, slot.kind = content.verdict, content.reason, content.kind
        slot.offer_text, slot.wanted, slot.condition = content.offer_text, content.wanted, content.condition
        slot.version += 1
        slot.batch, slot.updated_by, slot.updated_at = self.batch, self.actor, self.at
        self.save.append(slot)
        self.entries.append(Entry(kind, SUBJECT, slot.pk, label, before, snapshot(slot)))

    def carry_out(self, source: str) -> None:
        Slot.objects.bulk_update(
            self.save,
            [
                "verdict",
                "reason",
                "kind",
                "offer_text",
                "wanted",
                "condition",
                "version",
                "batch",
                "updated_by",
                "updated_at",
            ],
            batch_size=500,
        )
        record_many(entries=self.entries, at=self.at, actor=self.actor, source=source, batch=self.batch)


def write_slots(
    *,
    drafts: Sequence[SlotDraft],
    actor: User | None,
    at: datetime,
    source: str,
    batch: str,
    bases: Mapping[int, int | None] | None = None,
) -> list[Outcome]:
    """Write type-level cells, each once; refusals and conflicts leave theirs alone. Call in a transaction."""
    categories = Category.objects.in_bulk(
        {pk for one in drafts for pk in (one.main_category_id, one.companion_category_id)}
    )
    plan = SlotPlan(actor, at, batch, Scope(actor, Permission.PAIR_EDIT, source))
    outcomes: list[Outcome | None] = [None] * len(drafts)
    for index, draft in enumerate(drafts):
        refusal = standing_against(plan.scope, draft, categories)
        if refusal is not None:
            outcomes[index] = Outcome("refused", key_of(draft), refusal=refusal)
    good = [index for index, outcome in enumerate(outcomes) if outcome is None]
    slots = lock_slots(sorted({key_of(drafts[index]) for index in good}), at)
    for index in good:
        draft = drafts[index]
        slot = slots[key_of(draft)]
        label = f"{categories[draft.main_category_id]} × {categories[draft.companion_category_id]}"
        outcomes[index] = write_one(plan, draft, slot, label, (bases or {}).get(index))
    plan.carry_out(source)
    return [outcome for outcome in outcomes if outcome is not None]


def key_of(draft: SlotDraft) -> Key:
    return draft.main_category_id, draft.companion_category_id


def standing_against(scope: Scope, draft: SlotDraft, categories: Mapping[int, Category]) -> Refusal | None:
    """What can be refused without looking at the slot."""
    try:
        if draft.main_category_id not in categories or draft.companion_category_id not in categories:
            raise UnknownCategory
        main = categories[draft.main_category_id]
        scope.check(main.path, main.full_name)
        merge_slot(SlotContent(), draft)
    except Refusal as refusal:
        return refusal
    return None


def write_one(plan: SlotPlan, draft: SlotDraft, slot: Slot, label: str, base: int | None) -> Outcome:
    if base is not None and base != slot.version:
        stale = StalePair(current=present(slot), who=last_writer(slot))
        return Outcome("conflict", key_of(draft), slot.pk, None, slot.version, stale)
    was = content_of(slot)
    becomes = merge_slot(was, draft)
    if becomes.verdict == Verdict.NOT_SUITABLE and not becomes.reason:
        return Outcome("refused", key_of(draft), slot.pk, None, slot.version, ReasonMissing())
    if becomes == was:
        return Outcome("same", key_of(draft), slot.pk, None, slot.version)
    plan.put(slot, becomes, label, "slot.cleared" if becomes.verdict == Verdict.UNDECIDED else "slot.set")
    return Outcome(
        "created" if was.verdict == Verdict.UNDECIDED else "changed", key_of(draft), slot.pk, None, slot.version
    )


def lock_slots(keys: Sequence[Key], at: datetime) -> dict[Key, Slot]:
    """The slots, made where missing (version 0, undecided), locked in key order."""
    have = set(
        Slot.objects.filter(main_category_id__in={key[0] for key in keys}).values_list(
            "main_category_id", "companion_category_id"
        )
    )
    Slot.objects.bulk_create(
        [
            Slot(
                main_category_id=main,
                companion_category_id=below,
                verdict=Verdict.UNDECIDED.value,
                version=0,
                updated_at=at,
            )
            for main, below in keys
            if (main, below) not in have
        ],
        ignore_conflicts=True,
    )
    wanted = set(keys)
    ids = [
        pk
        for pk, main, below in Slot.objects.filter(main_category_id__in={key[0] for key in keys}).values_list(
            "pk", "main_category_id", "companion_category_id"
        )
        if (main, below) in wanted
    ]
    locked = (
        Slot.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .order_by("main_category_id", "companion_category_id")
    )
    return {(slot.main_category_id, slot.companion_category_id): slot for slot in locked}


@transaction.atomic
def set_slot(
    *,
    draft: SlotDraft,
    actor: User | None,
    at: datetime,
    source: str = Source.HAND.value,
    batch: str = "",
    base_version: int | None = None,
) -> Slot:
    """Write one type-level cell; `base_version` 0 is an empty cell. Raises StalePair, OutOfScope, BadLink, ReasonMissing."""
    (outcome,) = write_slots(drafts=[draft], actor=actor, at=at, source=source, batch=batch, bases={0: base_version})
    if outcome.refusal is not None:
        raise outcome.refusal
    return Slot.objects.select_related("main_category", "companion_category").get(pk=outcome.pair_id or 0)


@transaction.atomic
def apply_slots(
    *, slots: Sequence[SlotDraft], actor: User | None, at: datetime, batch: str, source: str = Source.IMPORT.value
) -> Applied:
    """Write the type-level cells of a file; refused ones are left out and listed. Undone by `undo_slots(batch=…)`."""
    return Applied.counted(write_slots(drafts=slots, actor=actor, at=at, source=source, batch=batch))


@transaction.atomic
def undo_slots(
    *,
    batch: str,
    actor: User | None,
    at: datetime,
    undo_batch: str = "",
    source: str = Source.HAND.value,
    also: Collection[int] = (),
    dry: bool = False,
) -> Undone:
    """Give the batch's slots their former content back; those edited since are kept and listed.

    `also`: slots to give back although somebody edited them since. `dry`: write nothing, tell what would be."""
    first: dict[int, dict[str, Any]] = {}
    last: dict[int, int] = {}
    for slot_id, before, after in (
        events_named(batch).filter(subject_type=SUBJECT).order_by("pk").values_list("subject_id", "before", "after")
    ):
        first.setdefault(slot_id, before or {})
        last[slot_id] = (after or {})["version"]
    plan = SlotPlan(actor, at, undo_batch or f"undo:{batch}", Scope(actor, Permission.PAIR_EDIT, source))
    undone = Undone()
    found = (
        Slot.objects.select_for_update(of=("self",), no_key=True)
        .select_related("main_category", "companion_category")
        .filter(pk__in=first)
        .order_by("main_category_id", "companion_category_id")
    )
    moved = {slot.pk: slot.version for slot in found if slot.version != last[slot.pk]}
    standing = standing_versions(subject=SUBJECT, kind="slot.undone", versions=moved) if moved else {}
    for slot in found:
        label = f"{slot.main_category} × {slot.companion_category}"
        names = {"main": slot.main_category.full_name, "companion": slot.companion_category.full_name}
        if last[slot.pk] not in standing.get(slot.pk, {slot.version}) and slot.pk not in also:
            undone.keep(
                names, code="edited.since", **({"thing": slot.pk, "now": snapshot(slot), "may": True} if dry else {})
            )
        elif not plan.scope.allows(slot.main_category.path):
            undone.fail(names, code="pair.out_of_scope")
        else:
            before = first[slot.pk]
            if dry:
                now = snapshot(slot)
                back = {name: value for name, value in before.items() if value != now.get(name)}
                sides = {"thing": slot.pk, "now": {name: now.get(name) for name in back}, "back": back}
                undone.tell(names | sides, "reversed", "undo.back")
                undone.reversed += 1
                continue
            plan.put(
                slot,
                SlotContent(**{name: before[name] for name in SlotContent.__annotations__ if name in before}),
                label,
                "slot.undone",
            )
            undone.reversed += 1
    plan.carry_out(source)
    return undone
