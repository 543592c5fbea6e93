"""Whether work gets done: judged by progress, never by processes being alive."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from crossmatrix.jobs import selectors


@require_safe
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers and no due job waits too long; 503 with what is wrong otherwise."""
    report = selectors.health()
    return JsonResponse(report, status=200 if report["ok"] else 503)
