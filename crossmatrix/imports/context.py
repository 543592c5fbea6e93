"""What the history of a matrix knows of imports: their names, their pages, and how one is taken back."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.imports.models import ImportBatch
from crossmatrix.imports.rules.states import BatchState
from crossmatrix.imports.selectors import batch_numbered
from crossmatrix.imports.services import order_undo
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.selectors.history import Origin

PREFIX = "import:"
GONE = (BatchState.UNDOING, BatchState.UNDONE)


class NotYours(Refusal):
    code = "import.not_yours"
    sentence = N_("Whoever runs imports takes this one back.")


class BroughtBack(Refusal):
    """What an undo of an import put back is no batch to be taken back itself."""

    code = "import.undo_of_undo"
    sentence = N_("An import that was taken back is brought again by importing its file anew.")


def number_of(name: str) -> int | None:
    """The import's number in "import:17"; None for "import:17:undo"."""
    number = name.removeprefix(PREFIX)
    return int(number) if number.isdecimal() and len(number) < 19 else None


def describe(names: Sequence[str]) -> dict[str, Origin]:
    """How these batches are called and where their pages are."""
    numbers = {name: int(name.split(":")[1]) for name in names if name.split(":")[1].isdecimal()}
    batches = ImportBatch.objects.in_bulk(numbers.values())
    return {
        name: Origin(
            title=_("Import No. %(number)s, %(file)s") % {"number": number, "file": batches[number].name},
            url=reverse("imports:batch", args=[number]),
            undone=number_of(name) is not None and batches[number].state in GONE,
        )
        for name, number in numbers.items()
        if number in batches
    }


def revert(name: str, actor: User, at: datetime) -> str:
    """Owe the undo of the import; answers with its page, where the progress is seen.

    Raises NotYours, BroughtBack and what ordering the undo raises."""
    number = number_of(name)
    if number is None:
        raise BroughtBack
    if not actor.has_perm(Permission.IMPORT_RUN):
        raise NotYours
    order_undo(batch=batch_numbered(number), actor=actor, at=at)
    return reverse("imports:batch", args=[number])
