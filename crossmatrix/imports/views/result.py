"""What came of an import, in words."""

from typing import Any

from django.utils.translation import gettext as _

from crossmatrix.imports import selectors, services
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import BatchState
from crossmatrix.imports.views.shared import base_context


def translated(detail: dict[str, Any]) -> str:
    text: str = detail.get("sentence") or detail["code"]
    return _(text)


def result_context(one: ImportBatch) -> dict[str, Any]:
    outcome = one.outcome
    refused = [
        {
            "label": r["label"],
            "text": _(r["sentence"]) % r["params"] if r.get("sentence") else selectors.said(r["code"], r["params"]),
        }
        for r in outcome.get("refused", [])[:200]
    ]
    undone = outcome.get("undo", {})
    why = {"edited": _("edited since"), "in_use": _("in use since")}
    details = [
        {"label": d["label"], "text": why.get(d["code"]) or translated(d)} for d in undone.get("details", [])[:200]
    ]
    failure = selectors.said(one.error_code, one.error_params) if one.error_code else ""
    may_undo = services.can_undo(one)
    return {
        **base_context(one), "outcome": outcome, "refused": refused, "undone": undone, "details": details, "failure": failure,
        "counts": one.counts, "may_undo": may_undo, "too_late": one.state == BatchState.APPLIED and not may_undo, "written": outcome.get("created", 0) + outcome.get("changed", 0) + outcome.get("retired", 0),
    }  # fmt: skip
