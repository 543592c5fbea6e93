"""The sign of life of an open matrix, and its answer: who else is here."""

import re

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.matrix.selectors import presence as here
from crossmatrix.matrix.selectors.matrices import matrices_for

CLIENT = re.compile(r"[0-9a-f]{8,64}")
CELL = re.compile(r"(\d{1,18}):(\d{1,18})")


@require_POST
@requires(Permission.PAIR_VIEW)
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the page's sign {client, cell, level, gone} and tell who else is here and how new their edits are."""
    person, matrix = person_of(request), get_object_or_404(matrices_for(person_of(request)), pk=pk)
    try:
        said = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        said = None
    client = str(said.get("client", "")) if isinstance(said, dict) else ""
    if not isinstance(said, dict) or not CLIENT.fullmatch(client):
        return JsonResponse({}, status=400)
    if said.get("gone"):
        here.leave(matrix.pk, client)
        return HttpResponse(status=204)
    level = "type" if said.get("level") == "type" else "sku"
    cell = CELL.fullmatch(str(said.get("cell", "")))
    path = here.path_of_main(int(cell.group(1)), level) if cell else None
    name = cell.group(0) if cell and path is not None and path.startswith(matrix.mains.path) else ""
    here.give_sign(matrix.pk, here.Sign(client, person.pk, str(person), person.initials, name, level, path or ""))
    return JsonResponse({"here": here.others(matrix.pk, client, person), "edits": here.latest_send(matrix.pk, person)})
