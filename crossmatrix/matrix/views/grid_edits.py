"""What people do in the grid: cell operations, undo and redo, sending drafts for approval."""

from typing import Any

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.models import OpBatch
from crossmatrix.matrix.selectors import axes, grid, lookups, sends
from crossmatrix.matrix.views.grid import answer, matrix_of, refused
from crossmatrix.matrix.views.scope import scope_of
from crossmatrix.ui.text import sentence

DETAILS = 500  # cells named in an answer
MAX_OPS = 5000  # of one request; the client sends longer lists in several


class BadRequest(Refusal):
    code = "request.invalid"


def body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadRequest(_("The request could not be read.")) from None
    if not isinstance(body, dict):
        raise BadRequest(_("The request could not be read."))
    return body


def key_from(body: dict[str, Any]) -> str:
    key = body.get("key")
    if not isinstance(key, str) or not 8 <= len(key) <= 64:
        raise BadRequest(_("The request could not be read."))
    return key


@require_POST
@requires(Permission.PAIR_EDIT)
def ops(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a list of cell operations; each gets its own answer, and the cell as it is now."""
    matrix = matrix_of(request, pk)
    try:
        body = body_of(request)
        wanted = body.get("ops")
        if not isinstance(wanted, list) or len(wanted) > MAX_OPS or not all(isinstance(op, dict) for op in wanted):
            raise BadRequest(_("The request could not be read."))
        written = services.write_cells(
            matrix=matrix, ops=wanted, key=key_from(body), actor=person_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        return refused(refusal)
    return answer({**written, "cells": fresh_cells(wanted)})


def fresh_cells(wanted: list[dict[str, Any]]) -> list[list[Any]]:
    """The named cells as they are now; in place of row and column their ids."""
    pairs = {
        (op["main"], op["companion"])
        for op in wanted
        if isinstance(op.get("main"), int) and isinstance(op.get("companion"), int)
    }
    slots = {
        (op["main_category"], op["companion_category"])
        for op in wanted
        if isinstance(op.get("main_category"), int) and isinstance(op.get("companion_category"), int)
    }
    return [*grid.cells_of_pairs(pairs).values(), *grid.cells_of_slots(slots).values()]


@require_POST
@requires(Permission.PAIR_EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's latest send in this matrix that still stands."""
    matrix = matrix_of(request, pk)
    return take_back(request, sends.undoable(matrix, person_of(request)))


@require_POST
@requires(Permission.PAIR_EDIT)
def redo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's latest undo, if nothing was written since."""
    matrix = matrix_of(request, pk)
    return take_back(request, sends.redoable(matrix, person_of(request)))


@transaction.atomic
def undo_together(send: OpBatch, person: User) -> dict[str, Any]:
    """Take back everything that was one action of the person; the sums and the cells that were kept."""
    at, told = timezone.now(), {"reversed": 0, "kept": 0, "failed": 0}
    details: list[Any] = []
    for part in sends.together(send):
        one = services.undo(op_batch=part, actor=person, at=at)
        told = {name: count + one[name] for name, count in told.items()}
        details += one["details"]
    return {**told, "details": details[:DETAILS]}


def take_back(request: HttpRequest, send: OpBatch | None) -> HttpResponse:
    if send is None:
        return answer({"reversed": 0, "kept": 0, "failed": 0, "details": []})
    try:
        return answer(undo_together(send, person_of(request)))
    except Refusal as refusal:
        return refused(refusal)


@require_POST
@requires(Permission.PAIR_EDIT)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Send drafts for approval: the named pairs, or with `all` every draft of the view."""
    matrix, person = matrix_of(request, pk), person_of(request)
    try:
        body = body_of(request)
        if body.get("all"):
            layout = axes.build_layout(
                matrix=matrix, scope=scope_of(QueryDict(str(body.get("query", ""))), matrix), user=person
            )
            drafts = lookups.drafts_of(layout)
        else:
            drafts = lookups.drafts_among(
                [tuple(pair) for pair in body.get("pairs", []) if isinstance(pair, list) and len(pair) == 2]
            )
        results = services.bulk_change(
            action="submit", revision_ids=[row[2] for row in drafts], actor=person, at=timezone.now()
        )
    except Refusal as refusal:
        return refused(refusal)
    labels = {revision: (main, companion) for main, companion, revision in drafts}
    return answer(
        {
            "done": sum(1 for result in results if result.refusal is None),
            "refused": [
                {
                    "main": labels[result.revision_id][0],
                    "companion": labels[result.revision_id][1],
                    "text": sentence(result.refusal),
                }
                for result in results
                if result.refusal is not None
            ],
        }
    )
