"""Rows and figures as the screens show them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from crossmatrix.catalog.models import ProductKind, ProductStatus
from crossmatrix.imports import selectors, services
from crossmatrix.imports.engine import plan, ratios
from crossmatrix.imports.models import ImportBatch, ImportProblem
from crossmatrix.imports.rules.states import Kind, RowState
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.rules import Placement, RatioVerdict, ReasonKind, Verdict

PAGE = 50
LINES = 4  # changed fields shown in one row
WORDS: dict[str, str] = {
    ProductKind.GOOD.value: N_("product"),
    ProductKind.SERVICE.value: N_("service"),
    ProductKind.SUBSCRIPTION.value: N_("subscription"),
    ProductStatus.ACTIVE.value: N_("active"),
    ProductStatus.DISCONTINUED.value: N_("discontinued"),
    ProductStatus.HIDDEN.value: N_("hidden"),
    ReasonKind.REQUIRED.value: N_("needed to work"),
    ReasonKind.ACCESSORY.value: N_("accessory"),
    ReasonKind.THEME.value: N_("by theme"),
    ReasonKind.SEASONAL.value: N_("seasonal"),
    ReasonKind.POPULAR.value: N_("popular"),
    ReasonKind.IMPULSE.value: N_("impulse"),
    Verdict.SUITABLE.value: N_("suitable"),
    Verdict.NOT_SUITABLE.value: N_("not suitable"),
    Verdict.UNDECIDED.value: N_("undecided"),
    Placement.PRODUCT_PAGE.value: N_("product page"),
    Placement.CART.value: N_("cart"),
    Placement.CHECKOUT.value: N_("checkout"),
    Placement.AFTER_PURCHASE.value: N_("after purchase"),
    Placement.STORE.value: N_("store"),
}
WORDY = frozenset({"kind", "status", "verdict", "placements", "placement"})
MONEY = frozenset({"price", "cost", "discount"})
DAYS = frozenset({"day", "valid_from", "valid_to"})


def shown(name: str, value: Any) -> str:  # noqa: PLR0911 - one line per type
    """A planned value as people read it."""
    if value in (None, "", [], {}):
        return ""
    if name in MONEY:
        return formats.number_format(Decimal(str(value)), 2, use_l10n=True, force_grouping=True)
    if name in DAYS:
        return formats.date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_(WORDS.get(str(item)) or str(item)) for item in value)
    if name in WORDY:
        return _(WORDS.get(str(value)) or str(value))
    if isinstance(value, (int, float)):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    return str(value)


@dataclass
class Line:
    title: str
    old: str
    new: str
    cleared: bool = False


@dataclass
class PlanRow:
    number: int | None
    mark: str  # add, chg, del, err: the classes of the design
    label: str
    name: str
    label2: str
    name2: str
    lines: list[Line] = field(default_factory=list)
    more: int = 0
    problems: list["ShownProblem"] = field(default_factory=list)
    ratio: RatioVerdict | None = None  # of a link that comes or changes


@dataclass
class ShownProblem:
    pk: int
    text: str
    advice: str
    header: str
    value: str
    field: str
    suggestion: str
    suggestion_name: str
    score: int
    times: int


MARKS = {RowState.NEW: "add", RowState.CHANGED: "chg", RowState.ABSENT: "del", RowState.ERROR: "err"}
TABS: dict[str, tuple[str, str, str]] = {  # key → (states, mark, title)
    "all": ("ncde", "", N_("All changes")),
    "new": ("n", "add", N_("Will be added")),
    "changed": ("c", "chg", N_("Will change")),
    "absent": ("d", "del", N_("Will be retired")),
    "error": ("e", "err", N_("Errors")),
}


@dataclass
class PlanPage:
    rows: list[PlanRow]
    total: int
    number: int
    pages: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * PAGE, self.total)


def plan_page(batch: ImportBatch, *, tab: str, search: str, number: int) -> PlanPage:
    """One page of the stored plan."""
    titles = field_titles(batch)
    found, total = plan.read_page(
        batch, states=list(TABS[tab][0]), search=search, start=(number - 1) * PAGE, count=PAGE
    )
    bad = selectors.problems_of_rows(batch, [row["row_no"] for row in found if row["state"] == RowState.ERROR])
    rows = [plan_row(row, titles, bad) for row in found]
    if batch.kind == Kind.MATRIX and batch.layout.get("level") == "sku":
        verdicts = {
            number: verdict for number, _pair, verdict in ratios.judged(batch, [r.number for r in rows if r.number])
        }
        for row in rows:
            row.ratio = verdicts.get(row.number or 0)
    return PlanPage(rows, total, number, max((total + PAGE - 1) // PAGE, 1))


def plan_row(row: dict[str, Any], titles: dict[str, str], bad: dict[int, list[ImportProblem]]) -> PlanRow:
    state = RowState(row["state"])
    lines = []
    for name, (old, new) in row["changes"].items():
        was, becomes = changed_attributes(old, new) if name == "attributes" else (old, new)
        lines.append(
            Line(titles.get(name, name), shown(name, was), shown(name, becomes), cleared=becomes in (None, ""))
        )
    if state == RowState.NEW:
        lines = [line for line in lines if line.new]
    problems = (
        [shown_problem(p) for p in bad.get(row["row_no"] or 0, []) if p.severity == "error"]
        if state == RowState.ERROR
        else []
    )
    return PlanRow(
        number=row["row_no"], mark=MARKS[state], label=row["label"] or "", name=row["name"] or "", label2=row["label2"] or "",
        name2=row["name2"] or "", lines=lines[:LINES], more=max(len(lines) - LINES, 0), problems=problems,
    )  # fmt: skip


def changed_attributes(old: Any, new: Any) -> tuple[Any, Any]:
    old, new = old or {}, new or {}
    keys = [key for key in new if old.get(key) != new[key]]
    return {k: old[k] for k in keys if k in old}, {k: new[k] for k in keys}


def shown_problem(problem: ImportProblem) -> ShownProblem:
    p = problem.params
    return ShownProblem(
        pk=problem.pk, text=selectors.said(problem.code, p), advice=selectors.advice(problem.code), header=problem.header, value=problem.value, field=problem.field,
        suggestion=p.get("suggestion", ""), suggestion_name=p.get("name", ""), score=p.get("score", 0), times=p.get("times", 1),
    )  # fmt: skip


def field_titles(batch: ImportBatch) -> dict[str, str]:
    """Field → its title in the reader's language."""
    specs = services.unit_of_kind(batch.kind).specs if batch.kind else ()
    return {**{spec.name: _(spec.title) for spec in specs}, "attributes": _("Attributes")}


def tabs(batch: ImportBatch, chosen: str) -> list[dict[str, Any]]:
    counts = batch.counts
    numbers = {"new": counts["new"], "changed": counts["changed"], "absent": counts["absent"], "error": counts["error"]}
    numbers["all"] = sum(numbers.values())
    return [
        {"key": key, "mark": mark, "title": _(title), "count": numbers[key], "chosen": key == chosen}
        for key, (_states, mark, title) in TABS.items()
        if key != "absent" or numbers["absent"]
    ]


WIDTH = 1000  # of the stacked bar


def stack(batch: ImportBatch) -> list[dict[str, Any]]:
    """Segments of the bar: class, x, width."""
    counts = batch.counts
    parts = [
        ("f-add", counts["new"]),
        ("f-chg", counts["changed"]),
        ("f-del", counts["absent"]),
        ("f-err", counts["error"]),
    ]
    parts.append(("f-same", counts["same"] + counts["repeated"]))
    whole = sum(count for _name, count in parts) or 1
    segments: list[dict[str, Any]] = []
    at = 0
    for name, count in parts:
        width = max(round(WIDTH * count / whole), 4) if count else 0
        if width:
            segments.append({"name": name, "x": at, "width": max(min(width - 2, WIDTH - at), 1)})
            at += width
    return segments


def remarks(batch: ImportBatch) -> list[dict[str, str]]:
    return [{"severity": r["severity"], "text": selectors.said(r["code"], r["params"])} for r in batch.remarks]


def kind_tokens(batch: ImportBatch) -> dict[str, bool]:
    return {
        "links": batch.kind == Kind.MATRIX,
        "orders": batch.kind == Kind.ORDERS,
        "catalog": batch.kind == Kind.CATALOG,
        "events": batch.kind == Kind.EVENTS,
    }
