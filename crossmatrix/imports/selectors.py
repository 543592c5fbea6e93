"""Reading imports. Lists start from the person who asks."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports.models import ImportBatch, ImportProblem, MappingProfile
from crossmatrix.imports.rules.problems import ADVICE, PROBLEMS
from crossmatrix.imports.rules.states import BatchState, Severity
from crossmatrix.lib.errors import N_, Refusal


class UnknownBatch(Refusal):
    code = "batch.unknown"
    sentence = N_("There is no import No. %(batch)s.")


def batches_for(user: User) -> QuerySet[ImportBatch]:
    """Every batch, newest first, for those who run imports; nobody else sees one."""
    found = ImportBatch.objects.select_related("actor", "applied_by", "undone_by").order_by("-created_at", "-pk")
    return found if user.has_perm(Permission.IMPORT_RUN) else found.none()


def batch_numbered(number: int) -> ImportBatch:
    """Raises UnknownBatch."""
    found = ImportBatch.objects.filter(pk=number).first()
    if found is None:
        raise UnknownBatch(batch=number)
    return found


def same_file(batch: ImportBatch) -> ImportBatch | None:
    """The latest applied import of the very same bytes."""
    same = ImportBatch.objects.filter(sha256=batch.sha256, state=BatchState.APPLIED).exclude(pk=batch.pk)
    return same.order_by("-applied_at").first()


def memories(kind: str = "") -> dict[str, dict[str, dict[str, str]]]:
    """Remembered mappings: kind → header set → normalised header → field."""
    found = MappingProfile.objects.order_by("-used_at")
    if kind:
        found = found.filter(kind=kind)
    answer: dict[str, dict[str, dict[str, str]]] = {}
    for profile in found[:500]:
        answer.setdefault(profile.kind, {}).setdefault(profile.fingerprint, profile.mapping)
    return answer


def problems_of_rows(batch: ImportBatch, rows: list[int]) -> dict[int, list[ImportProblem]]:
    """Problems of these rows, errors first."""
    found: dict[int, list[ImportProblem]] = {}
    for problem in ImportProblem.objects.filter(batch=batch, row__in=rows).order_by("row", "severity", "pk"):
        found.setdefault(problem.row or 0, []).append(problem)
    return found


def problems_of(batch: ImportBatch, severity: Severity | None = None) -> QuerySet[ImportProblem]:
    found = batch.problems.order_by("row", "pk")
    return found.filter(severity=severity.value) if severity else found


def said(code: str, params: dict[str, Any]) -> str:
    """A problem or remark as a sentence in the reader's language."""
    text: str = _(PROBLEMS.get(code) or code)
    return text % params if "%(" in text else text.replace("%%", "%")


def advice(code: str) -> str:
    """What the person can do about a problem of a row, in the reader's language; empty when the sentence says it itself."""
    return _(ADVICE[code]) if code in ADVICE else ""


def in_full(code: str, params: dict[str, Any]) -> str:
    """What is wrong and what to do about it."""
    return f"{said(code, params)} {advice(code)}".strip()
