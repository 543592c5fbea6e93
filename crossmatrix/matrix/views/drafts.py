"""Taking back the drafts that one press of a page has made."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.accounts.guards import person_of
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.models import OpBatch
from crossmatrix.ui.text import sentence


def take_back(request: HttpRequest) -> None:
    """Undo the person's own writing of this key, and say what came of it."""
    person = person_of(request)
    made = get_object_or_404(OpBatch, key=request.POST.get("key", ""), actor=person)
    try:
        answer = services.undo(op_batch=made, actor=person, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return
    text = ngettext("%(n)s draft taken back.", "%(n)s drafts taken back.", answer["reversed"])
    messages.success(request, text % {"n": answer["reversed"]})
    if answer["kept"] or answer["failed"]:
        messages.warning(request, _("Undone in part: what somebody edited or decided since stays."))
